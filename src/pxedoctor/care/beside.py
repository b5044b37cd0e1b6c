"""The two witnesses of a trace that need no socket: counters before and after, and what servers logged meanwhile."""

from collections import Counter as Times

import msgspec

from pxedoctor.access.answer import Access
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect import counted, logs
from pxedoctor.collect.ask import counted as ask_counted
from pxedoctor.collect.ask import logs as ask_logs
from pxedoctor.model.counted import Counted
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.log import LogLine
from pxedoctor.model.target import Target
from pxedoctor.model.traced import CounterMove, ServerWord, Traced, Witness, WitnessName
from pxedoctor.road.counter_moves import moves

# nft needs a second for about 10,000 rules (5 MB): longer than a guest's first question waits.
_LARGE_RULES = 1_000_000
_MOST_WORDS = 200
_SERVERS = ("dnsmasq", "dhcpd", "kea-dhcp")
_KEPT = ("DHCP", "tftp", "TFTP", "no address", "ignored")


class Beside:
    """Looks when it is made, and again in `added`."""

    def __init__(self, access: Access, host: Host, target: Target, without: frozenset[WitnessName]) -> None:
        self._access = access
        self._without = without
        bridge = host.bridge(target.bridge or "")
        ports = tuple(port.name for port in bridge.ports) if bridge is not None else ()
        self._devices = frozenset({*ports, target.bridge or "", target.tap or ""} - {""})
        taps = set() if isinstance(host.links, Missing) else {link.name for link in host.links if link.is_tap}
        self._outward = tuple(port for port in ports if port not in taps)
        self._with_rules = _is_small(host)
        self._counted = {} if WitnessName.COUNTERS in without else self._count()
        self._logged = None if WitnessName.SERVER in without else self._lines()

    def added(self, traced: Traced) -> Traced:
        """With what was counted and logged while it ran."""
        counters: tuple[CounterMove, ...] = ()
        words: tuple[ServerWord, ...] = ()
        witnesses = [*traced.witnesses]
        if WitnessName.COUNTERS in self._without:
            witnesses.insert(0, _left_out(WitnessName.COUNTERS))
        else:
            counters = moves(self._counted, self._count(), self._devices | {traced.tap or traced.bridge})
            witnesses.insert(0, self._said_of_counters())
        if self._logged is None:
            witnesses.append(_left_out(WitnessName.SERVER))
        else:
            words, said = self._heard(self._logged)
            witnesses.append(said)
        return msgspec.structs.replace(traced, counters=counters, words=words, witnesses=tuple(witnesses))

    def _count(self) -> Counted:
        notebook = Notebook(self._access)
        ask_counted.ask(notebook, self._outward, self._with_rules)
        return counted.parse(notebook.answers, self._outward)

    def _said_of_counters(self) -> Witness:
        if not self._with_rules:
            why = "the rules' counters were left out: they are too many to be listed twice"
            return Witness(name=WitnessName.COUNTERS, status="partial", why=why)
        if not self._counted:
            return Witness(name=WitnessName.COUNTERS, status="absent", why="nothing here counts", would_help="iproute2")
        return Witness(name=WitnessName.COUNTERS, status="ok", heard=len(self._counted))

    def _lines(self) -> tuple[LogLine, ...] | Missing:
        notebook = Notebook(self._access)
        ask_logs.ask(notebook)
        return logs.parse(notebook.answers)

    def _heard(self, before: tuple[LogLine, ...] | Missing) -> tuple[tuple[ServerWord, ...], Witness]:
        after = self._lines()
        if isinstance(after, Missing):
            status = "forbidden" if after.status == "forbidden" else "absent"
            return (), Witness(
                name=WitnessName.SERVER,
                status=status,  # type: ignore[arg-type]
                why=after.why,
                would_help=after.would_help or "log-dhcp for dnsmasq, and a journal or syslog that keeps it",
            )
        known = Times(() if isinstance(before, Missing) else before)
        fresh = [line for line in after if _is_new(line, known)]
        told = tuple(ServerWord(text=line.text, origin=line.origin) for line in fresh if _speaks(line.text))
        return told[:_MOST_WORDS], Witness(name=WitnessName.SERVER, status="ok", heard=len(told))


def _is_new(line: LogLine, known: "Times[LogLine]") -> bool:
    if known[line] > 0:
        known[line] -= 1
        return False
    return True


def _speaks(text: str) -> bool:
    return any(server in text for server in _SERVERS) and any(word in text for word in _KEPT)


def _is_small(host: Host) -> bool:
    if isinstance(host.netfilter, Missing):
        return True
    return sum(len(listing.text) for listing in host.netfilter.listings) < _LARGE_RULES


def _left_out(name: WitnessName) -> Witness:
    return Witness(name=name, status="absent", why="it was not asked")
