"""The witness of rules: a table of our own that marks one guest's packets, and nf_tables' own words about each.

`nft -i` holds the table: it ends with its standard input, and its table with it, however this process ends.
"""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Sequence

from pxedoctor.access.heard import Heard
from pxedoctor.model.traced import HeardRule
from pxedoctor.trace.began import Began
from pxedoctor.trace.rule_message import GROUP, parse
from pxedoctor.trace.rule_table import commands, table_name
from pxedoctor.trace.rule_words import RuleWords, nft
from pxedoctor.trace.wish import AbsentError

_NETLINK_NETFILTER = 12
_ROOM = 2 * 1024 * 1024
_READY_SECONDS = 8.0
_POLL_SECONDS = 0.02
_LIST_SECONDS = 2.0
_SETTLE_SECONDS = 5.0
_MOST = 20000


class Rules:
    """Raises AbsentError where nft or the kernel cannot do it; then nothing of it is left."""

    def __init__(self, mac: str | None, bridge: str, began: Began) -> None:
        self._began = began
        self.name = table_name(os.getpid())
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
        except AbsentError:
            self._heard.close()
            raise
        self._words = RuleWords(self.name)

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
        self._words.want(wanted[:room])
        return wanted[:room]

    def worded(self, heard: Sequence[HeardRule]) -> tuple[HeardRule, ...]:
        """With what the rules say, as far as nft has told it."""
        return self._words.worded(heard)

    def settle(self) -> None:
        """Waits for what nft was asked, for a while."""
        self._words.settle(_SETTLE_SECONDS)

    def lost(self) -> int:
        return self._lost

    def close(self) -> None:
        self._words.close()
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
        chain = nft("list", "chain", "inet", name, "output", seconds=_LIST_SECONDS)
        before = nft("list", "chain", "inet", name, "prerouting", seconds=_LIST_SECONDS)
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
