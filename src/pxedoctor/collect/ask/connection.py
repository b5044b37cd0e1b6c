"""Which libvirt is asked, where it is not qemu:///system: --connect.

Only what is on this machine: of a guest elsewhere the bridges here say nothing. And only what already runs: who
connects to a socket of systemd's wakes its daemon, and to a session without one starts it.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from pxedoctor.access.answer import Answer, Text
from pxedoctor.access.notebook import Notebook

SYSTEM = "qemu:///system"
# Under this an answer is kept, and with it in a notebook the others are understood.
CONNECTED = "connect"
STATE = "/run/libvirt"
# Who listens where, and who holds it (ss(8)).
LISTENING = ("ss", "-H", "-l", "-x", "-p", "-n")
_DAEMONS = {"qemu": "virtqemud", "lxc": "virtlxcd", "xen": "virtxend", "ch": "virtchd"}
_URI = r"(?P<driver>[a-z]+)(?:\+(?P<transport>[a-z0-9]+))?://(?P<host>[^/?#]*)(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?"
_PATHS = frozenset({"/", "/system", "/session"})
_MODES = frozenset({"auto", "legacy", "direct"})
_EXAMPLES = "qemu:///system, qemu:///session, lxc:///, or qemu+unix:///system?socket=PATH"
_MOST = 1000
# As ss names who holds a socket: users:(("libvirtd",pid=10,fd=3)).
_HELD = r'\("(?:libvirtd|virt[a-z]+d)",pid='


class ConnectionUriError(Exception):
    """It is no URI of a libvirt on this machine; `would_help` says what to do instead."""

    def __init__(self, message: str, would_help: str) -> None:
        super().__init__(message)
        self.message = message
        self.would_help = would_help


class Connection(NamedTuple):
    """`sockets`: where its daemon listens. `wake`: it is asked all the same where the daemon does not run."""

    uri: str
    sockets: tuple[str, ...]
    wake: bool = False

    @property
    def virsh(self) -> tuple[str, ...]:
        return ("virsh", "-r", "-c", self.uri)

    def said(self) -> Text:
        return Text("\n".join((self.uri, "wake" if self.wake else "", *self.sockets)))


def connection(uri: str, session: str) -> Connection | None:
    """None for the libvirt that is asked by itself. `session`: the folder of the user's own sockets.

    Raises ConnectionUriError.
    """
    if len(uri) > _MOST or not re.fullmatch(r"[!-~]+", uri):
        raise ConnectionUriError("--connect has no URI that could be typed", f"e.g. {_EXAMPLES}")
    parts = re.fullmatch(_URI, uri)
    if parts is None:
        raise ConnectionUriError(f"--connect {uri[:80]} is no URI of libvirt's", f"e.g. {_EXAMPLES}")
    if parts["host"] or parts["transport"] not in {None, "unix"}:
        raise ConnectionUriError(
            f"--connect {uri[:80]} goes to another machine: its guests are there, and the bridges looked at are here",
            "run pxedoctor there; or there: pxedoctor snapshot -o FILE, and here: pxedoctor diagnose --from FILE",
        )
    if parts["driver"] not in _DAEMONS or parts["path"] not in _PATHS:
        raise ConnectionUriError(f"--connect {uri[:80]} is none that pxedoctor can ask", f"e.g. {_EXAMPLES}")
    socket = _socket(uri, parts["query"])
    if uri == SYSTEM:
        return None
    folder = session if parts["path"] == "/session" else STATE
    return Connection(uri, (socket,) if socket else tuple(_sockets(folder, _DAEMONS[parts["driver"]])))


def _socket(uri: str, query: str | None) -> str:
    """What `?socket=` names. Other parameters make libvirt run programs or read keys: none of them is let through."""
    from urllib.parse import unquote

    found = ""
    for parameter in (query or "").split("&") if query else ():
        name, _, value = parameter.partition("=")
        value = unquote(value)  # bytes that are no text become a character that the pattern refuses
        if name == "socket" and re.fullmatch(r"/[ -~]+", value):
            found = value
        elif not (name == "mode" and value in _MODES):
            raise ConnectionUriError(
                f"--connect {uri[:80]} has a parameter that is not let through: {name[:40]}",
                "socket=/an/absolute/path and mode=auto, legacy or direct are",
            )
    return found


def _sockets(folder: str, daemon: str) -> list[str]:
    return [f"{folder}/{name}-sock" for name in ("libvirt", daemon)]


def connected(answers: Mapping[str, Answer]) -> Connection | None:
    """Which libvirt these answers are of; None for the one that is asked by itself."""
    said = answers.get(CONNECTED)
    if not isinstance(said, Text):
        return None
    uri, wake, *sockets = said.text.split("\n")
    return Connection(uri, tuple(sockets), wake == "wake")


def may_be_asked(host: Notebook, there: Connection) -> bool:
    """Whether its daemon itself holds a socket of its own, so that nobody is woken."""
    if there.wake:
        return True

    def only_its(listing: str) -> str:
        return "\n".join(line for line in listing.splitlines() if set(line.split()) & set(there.sockets))

    held = host.run(LISTENING, cut=only_its)
    return isinstance(held, Text) and re.search(_HELD, held.text) is not None
