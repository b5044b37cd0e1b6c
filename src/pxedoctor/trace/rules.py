"""The witness of rules: a table of our own that marks one guest's packets, and nf_tables' own words about each.

`nft -i` holds the table: it ends with its standard input, and its table with it, however this process ends. What the
rules say is asked of nft when one is met first; a chain that is too long to be listed in time stays without words.
"""

import contextlib
import os
import socket
import subprocess
import time

import msgspec

from pxedoctor.access.heard import Heard
from pxedoctor.model.traced import HeardRule
from pxedoctor.trace.began import Began
from pxedoctor.trace.chain_listing import ChainName, ListedChain, listed
from pxedoctor.trace.rule_message import GROUP, parse
from pxedoctor.trace.rule_table import commands, table_name
from pxedoctor.trace.wish import AbsentError

_NETLINK_NETFILTER = 12
_ROOM = 2 * 1024 * 1024
_READY_SECONDS = 3.0
_POLL_SECONDS = 0.02
_LIST_SECONDS = 2.0
_MOST = 20000
_MOST_WORDS = 400


class Rules:
    """Raises AbsentError where nft or the kernel cannot do it; then nothing of it is left."""

    def __init__(self, mac: str | None, bridge: str, began: Began) -> None:
        self._began = began
        self.name = table_name(os.getpid())
        self._listed: dict[ChainName, ListedChain] = {}
        self._asked = 0
        self._names: dict[int, str] = {}
        self._lost = 0
        self.kept = 0
        if os.geteuid() != 0:
            raise AbsentError("only root may trace rules", "run it as root", forbidden=True)
        try:
            self._heard = Heard(_NETLINK_NETFILTER, room=_ROOM, member=GROUP)
        except OSError as error:
            raise AbsentError(
                f"the kernel does not tell of traced packets: {error.strerror}", "nf_tables in the kernel"
            ) from error
        self._holder: subprocess.Popen[bytes] | None = None
        try:
            self._holder = _holding(self.name, mac, bridge)
            self._listed = listed(_nft("-a", "list", "ruleset"))
        except AbsentError:
            self.close()
            raise

    def fileno(self) -> int:
        return self._heard.fileno()

    def drain(self) -> list[HeardRule]:
        """What was met until now; of our own table only that a packet was there."""
        at = self._began.now()
        told = [met for datagram in self._heard.datagrams(self._lose) for met in parse(datagram, at, self._name_of)]
        wanted = [met for met in told if met.table != self.name or met.packet]
        room = max(0, _MOST - self.kept)
        self._lost += len(wanted) - len(wanted[:room])
        self.kept += len(wanted[:room])
        # nft takes its time: what it is asked comes after everything has its moment.
        return [self._worded(met) for met in wanted[:room]]

    def lost(self) -> int:
        return self._lost

    def close(self) -> None:
        self._heard.close()
        holder, self._holder = self._holder, None
        if holder is not None:
            _ended(holder)

    def _name_of(self, index: int) -> str:
        """As it was when it was met first: a guest's tap goes with it."""
        if index not in self._names:
            try:
                self._names[index] = socket.if_indextoname(index)
            except OSError:
                return ""
        return self._names[index]

    def _lose(self) -> None:
        self._lost += 1

    def _worded(self, met: HeardRule) -> HeardRule:
        key = (met.family, met.table, met.chain)
        known = self._listed.get(key)
        if (known is None or not known.says(met)) and self._asked < _MOST_WORDS:
            # Of a chain that is newer than we are, or was too long for one listing of all.
            self._asked += 1
            self._listed |= listed(f"table {met.family} {met.table} {{\n" + _nft("-a", "list", "chain", *key))
            known = self._listed.get(key)
        return met if known is None else msgspec.structs.replace(met, hook=known.hook, text=known.text(met))


def _holding(name: str, mac: str | None, bridge: str) -> "subprocess.Popen[bytes]":
    try:
        holder = subprocess.Popen(
            ["nft", "-i"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise AbsentError(
            f"nft cannot be run: {error.strerror}",
            "install nftables (0.9.9 or later)",
            isinstance(error, PermissionError),
        ) from error
    try:
        lines = "\n".join((*commands(name, mac, bridge), ""))
        if holder.stdin is None or not _told(holder, lines.encode()) or not _is_there(name):
            raise AbsentError(*_why(holder))
    except BaseException:
        _ended(holder)
        raise
    return holder


def _told(holder: "subprocess.Popen[bytes]", lines: bytes) -> bool:
    try:
        assert holder.stdin is not None
        holder.stdin.write(lines)
        holder.stdin.flush()
    except OSError:
        return False
    return True


def _is_there(name: str) -> bool:
    """Its last chain has its last rule: nft has done all that it was told, in order."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        chain = _nft("list", "chain", "inet", name, "output")
        before = _nft("list", "chain", "inet", name, "prerouting")
        if "nftrace" in chain and "nftrace" in before:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _why(holder: "subprocess.Popen[bytes]") -> tuple[str, str]:
    _ended(holder)
    said = holder.stderr.read(4096).decode("utf-8", errors="backslashreplace") if holder.stderr else ""
    first = next((line for line in said.splitlines() if line.startswith("Error")), "it did not come into being")
    return (
        f"a table of rules that vanishes with its owner cannot be made: {first}",
        "Linux 5.12 and nft 0.9.9 or later; pxedoctor sets no trace that could stay behind",
    )


def _ended(holder: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(OSError):
        if holder.stdin is not None:
            holder.stdin.close()
    holder.kill()
    holder.wait()


def _nft(*words: str) -> str:
    try:
        done = subprocess.run(
            ["nft", *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIST_SECONDS, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", errors="backslashreplace") if done.returncode == 0 else ""
