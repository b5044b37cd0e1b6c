"""The machine pxedoctor runs on."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from functools import partial

from pxedoctor.access import nft_chains, own_script
from pxedoctor.access.answer import Absent, Answer, Failed, Forbidden, Text
from pxedoctor.access.bus_caller import BusCaller
from pxedoctor.access.nft_lister import NftLister, Outcome
from pxedoctor.access.side_by_side import side_by_side

# Longer than any listing measured on a host with 100,000 rules, shorter than a person's patience.
_RUN_SECONDS = 30
# No text that a check reads is larger than a rules listing; 100,000 iptables rules are about 10 MB.
_READ_BYTES = 64 * 1024 * 1024
# Of procfs and sysfs most files are a line, and the kernel clears as much as is asked for before it writes it.
_FIRST_BYTES = 4096
_PIECE_BYTES = 1024 * 1024
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PYTHON = "python3"
_REFUSALS = ("permission denied", "operation not permitted", "must be root", "access denied", "not authorized")


class LiveHost:
    """Access to this machine. Programs run in the C locale, without standard input, and are ended after 30 s."""

    is_saved = False

    def __init__(self) -> None:
        self._environment = {"PATH": os.environ.get("PATH", "") + ":" + _PATH, "LC_ALL": "C", "SYSTEMD_PAGER": ""}
        if own := os.environ.get("XDG_RUNTIME_DIR"):
            # Where a user's own libvirt listens.
            self._environment["XDG_RUNTIME_DIR"] = own
        self._nft = NftLister(_RUN_SECONDS, self._environment)
        self._bus = BusCaller(_RUN_SECONDS)

    def run(self, argv: Sequence[str]) -> Answer:
        if tuple(argv) == nft_chains.QUESTION and (chains := self._nft_chains()) is not None:
            return Text(chains)
        if argv[0] == "nft" and (listed := _of_nft(self._nft.ask(argv))) is not None:
            return listed
        return self._by_itself(argv)

    def _by_itself(self, argv: Sequence[str]) -> Answer:
        """By a program that is started for it, or over the bus."""
        try:
            if argv[0] == "busctl" and (told := self._bus.ask(argv)) is not None:
                return Text(told)
            if argv[0] == _PYTHON and (printed := own_script.printed(argv)) is not None:
                return Text(printed)
            done = subprocess.run(
                (_own_python(), *argv[1:]) if argv[0] == _PYTHON else list(argv),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_RUN_SECONDS,
                env=self._environment,
                check=False,
            )
        except FileNotFoundError:
            return Absent(f"{argv[0]} is not installed")
        except PermissionError:
            return Forbidden(f"{argv[0]} may not be run by this user")
        except (subprocess.TimeoutExpired, OSError, ValueError) as error:
            return Failed(f"{argv[0]}: {error}")
        if done.returncode == 0:
            return Text(_decode(done.stdout))
        return _refusal(argv[0], done.returncode, _decode(done.stderr).strip())

    def run_all(self, argvs: Sequence[Sequence[str]]) -> list[Answer]:
        """The listings of nft by its children, which are asked for all of them at once; the others as by `run`."""
        listed = [_of_nft(said) for said in self._nft.ask_all(argvs)]
        others = {at: partial(self._by_itself, argv) for at, argv in enumerate(argvs) if listed[at] is None}
        told = dict(zip(others, side_by_side(list(others.values())), strict=True))
        return [answer or told[at] for at, answer in enumerate(listed)]

    def read(self, path: str) -> Answer:
        try:
            content = _content(path)
        except (OSError, ValueError) as error:
            return _os_error(path, error)
        if len(content) > _READ_BYTES:
            return Failed(f"{path} is larger than {_READ_BYTES} bytes")
        return Text(_decode(content))

    def list(self, folder: str) -> Answer:
        try:
            return Text("\n".join(sorted(os.listdir(folder))))
        except (OSError, ValueError) as error:
            return _os_error(folder, error)

    def readlink(self, path: str) -> Answer:
        try:
            return Text(os.readlink(path))
        except (OSError, ValueError) as error:
            return _os_error(path, error)

    def _nft_chains(self) -> str | None:
        """None where nft itself has to tell, be it that it is not installed."""
        folders = self._environment["PATH"].split(":")
        if not any(os.access(f"{folder}/nft", os.X_OK) for folder in folders):
            return None
        return nft_chains.listed()

    def dump(self, what: str) -> Answer:
        from pxedoctor.access import netlink

        return netlink.dump(what)


def _own_python() -> str:
    """The one that runs this, if its user may start it: the PATH's may be a script that looks for another first."""
    own = sys.executable
    return own if own and os.access(own, os.X_OK) else _PYTHON


def _content(path: str) -> bytes:
    """At most one piece more than _READ_BYTES."""
    # Without O_NONBLOCK a named pipe among the files would wait for a writer for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a file")
        pieces: list[bytes] = []
        size, wanted = 0, _FIRST_BYTES
        while size <= _READ_BYTES and (piece := os.read(handle, wanted)):
            pieces.append(piece)
            size += len(piece)
            wanted = min(4 * wanted, _PIECE_BYTES)
    finally:
        os.close(handle)
    return b"".join(pieces)


def _decode(content: bytes) -> str:
    # Bytes that are not UTF-8 become \xNN, in every text and every output alike.
    return content.decode("utf-8", errors="backslashreplace")


def _of_nft(said: Outcome) -> Answer | None:
    """None where nft has to be run."""
    if isinstance(said, TimeoutError):
        return Failed(f"nft: {said}")
    if said is None:
        return None
    status, text, error = said
    return Text(text) if status == 0 else _refusal("nft", status, error)


def _refusal(program: str, status: int, words: str) -> Answer:
    why = f"{program} ended with {status}: {words.splitlines()[-1] if words else 'no message'}"
    if any(refusal in words.lower() for refusal in _REFUSALS):
        return Forbidden(why)
    return Failed(why)


def _os_error(path: str, error: OSError | ValueError) -> Answer:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return Absent(f"{path} does not exist")
        case PermissionError():
            return Forbidden(f"{path} may not be read by this user")
        case OSError():
            return Failed(f"{path}: {error.strerror or error}")
        case _:
            return Failed(f"{path!r} is no path: {error}")
