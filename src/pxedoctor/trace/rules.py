"""The witness of rules: tables of our own that mark one guest's packets, and nf_tables' own words about each."""

import math
import os
import socket
from collections.abc import Sequence

from pxedoctor.access.heard import Heard
from pxedoctor.model.traced import HeardRule
from pxedoctor.trace.began import Began
from pxedoctor.trace.denied import would_help
from pxedoctor.trace.rule_holder import RuleHolder
from pxedoctor.trace.rule_message import GROUP, parse
from pxedoctor.trace.rule_table import at_no_port, at_port, looking, resting, standing, table_name
from pxedoctor.trace.rule_words import RuleWords
from pxedoctor.trace.wish import AbsentError
from pxedoctor.wire.http_port import USUAL

_NETLINK_NETFILTER = 12
_ROOM = 2 * 1024 * 1024
_READY_SECONDS, _PORT_SECONDS = 8.0, 2.0
_SETTLE_SECONDS = 5.0
_MOST = 20000


class Rules:
    """Raises AbsentError where nft or the kernel cannot do it; then nothing of it is left.

    `missed`: how often something was heard while it rested, so that nothing was told of the hooks where that had been.
    """

    def __init__(self, mac: str | None, bridge: str, began: Began, http: Sequence[int] = USUAL) -> None:
        self._mac, self._bridge, self._began, self._http = mac, bridge, began, tuple(http)
        self.name = table_name(os.getpid())
        self._names: dict[int, str] = {}
        self._lost = 0
        self.kept = 0
        self._port: str | None = None
        self._resting = False
        self._blind: list[tuple[float, float]] = []
        self.missed = 0
        if os.geteuid() != 0:
            raise AbsentError("only root may trace rules", "run it as root", forbidden=True)
        try:
            self._heard = Heard(_NETLINK_NETFILTER, room=_ROOM, member=GROUP)
        except OSError as error:
            raise AbsentError(
                f"the kernel does not tell of traced packets: {error.strerror}", "nf_tables in the kernel"
            ) from error
        try:
            self._holder = self._held()
        except AbsentError:
            self._heard.close()
            raise
        self._words = RuleWords(self.name)

    def fileno(self) -> int:
        return self._heard.fileno()

    def drain(self) -> list[HeardRule]:
        """What was met until now; of our own tables only that a packet was there."""
        at = self._began.now()
        self._see(at)
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

    def blinded(self) -> tuple[tuple[float, float], ...]:
        """From when to when no chain of ours stood at the hooks: a packet of which nobody tells may have come there."""
        now = self._began.now()
        return tuple((since, min(until, now)) for since, until in self._blind)

    def mark_at(self, port: str | None) -> None:
        """What the guest sends is marked where it comes in, if nf_tables can do that; None: its port is not known."""
        if self._mac is None or port == self._port:
            return
        self._port = port
        if port is None:
            self._holder.tell(at_no_port(self.name))
        else:
            self._holder.tell(at_port(self.name, self._mac, port, self._http))
            if not self._holder.await_done(_PORT_SECONDS):
                # The bridge's chains mark it then, as long as they stand.
                self._port = None
        self._look_if_awake()

    def fetched_by(self, http: Sequence[int]) -> None:
        """The ports by which the guest may fetch, from now on."""
        self._http, port = tuple(http), self._port
        self._holder.tell(standing(self.name, self._mac, self._bridge, self._http))
        if port is None:
            self._look_if_awake()
        else:
            self._port = None
            self.mark_at(port)

    def rest(self) -> None:
        """Others' packets pay for the chains at the hooks. Of the guest's those of other people tell meanwhile."""
        if not self._resting:
            self._resting = True
            self._holder.tell(resting(self.name))
            self._blind.append((self._began.now(), math.inf))

    def wake(self) -> None:
        if self._resting:
            self._resting = False
            self.missed += 1
            self._look()

    def close(self) -> None:
        self._words.close()
        self._heard.close()
        self._holder.close()

    def _held(self) -> RuleHolder:
        holder = RuleHolder()
        try:
            commands = (
                *standing(self.name, self._mac, self._bridge, self._http),
                *looking(self.name, self._mac, self._bridge, False, self._http),
            )
            holder.tell(commands)
            if not holder.await_done(_READY_SECONDS):
                why = holder.refused or "it did not come into being"
                newer = "Linux 5.12 and nft 0.9.9 or later; pxedoctor sets no trace that could stay behind"
                raise AbsentError(
                    f"a table of rules that vanishes with its owner cannot be made: {why}",
                    would_help() if holder.is_denied() else newer,
                    forbidden=holder.is_denied(),
                )
        except BaseException:
            holder.close()
            raise
        return holder

    def _look_if_awake(self) -> None:
        if not self._resting:
            self._look()

    def _look(self) -> None:
        self._holder.tell(looking(self.name, self._mac, self._bridge, self._port is not None, self._http))

    def _see(self, now: float) -> None:
        """Since when the chains stand again: as soon as nft says so."""
        last = self._blind[-1:] if not self._resting else []
        if last and last[0][1] == math.inf and self._holder.done() and not self._holder.refused:
            self._blind[-1] = (last[0][0], now)

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
