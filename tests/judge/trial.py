"""A trial: random rulesets, loaded; random packets, sent; what the evaluator foretold against what came."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from judge.court import Court
from judge.grammar import Dice
from judge.layout import Layout, Sent
from judge.packets import message, sent
from judge.ruleset import Loaded, load, trace
from judge.ways import Fate, Walker, fates
from pxedoctor.netfilter.walk import Decision, Verdict

# One ruleset of so many is traced.
_TRACED = 4


class MismatchError(AssertionError):
    """The kernel did something else than was foretold. Its text repeats it."""


class Copy(msgspec.Struct, frozen=True):
    """One copy of a packet, at the place that it goes to. `events`: what the kernel traced of the packet."""

    packet: Sent
    place: str
    fate: Fate
    arrived: bool
    events: list[dict[str, Any]]

    @property
    def is_wrong(self) -> bool:
        return self.fate.verdict is (Verdict.DROP if self.arrived else Verdict.ACCEPT)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the kernel traced the drop to another rule than those that were foretold."""
        drops = self.fate.drops
        return self.is_traced and not any(_is_of(event, decision) for event in self.events for decision in drops)

    @property
    def is_traced(self) -> bool:
        drops = self.fate.drops
        visible = bool(drops) and all(decision.table.variant != "legacy" for decision in drops)
        return visible and bool(self.events) and not self.fate.doubted


def _is_of(event: dict[str, Any], decision: Decision) -> bool:
    """A rule is known by its handle, where the listing shows handles: nft's own does."""
    if event.get("table") != decision.table.name:
        return False
    if "drop" not in (event.get("policy"), event.get("verdict")):
        return False
    # ebtables-nft writes the policy of a user's chain as its last rule.
    by_policy = "handle" not in event or decision.table.dialect == "ebtables"
    if decision.rule is None and event.get("chain") == decision.chain and by_policy:
        return True
    rules = (*decision.others, *([decision.rule] if decision.rule else []))
    return any(event.get("chain") == rule.chain and rule.handle in (None, event.get("handle")) for rule in rules)


def trial(court: Court, seed: int, packets: int) -> Counter[str]:
    """One ruleset and its packets. Raises MismatchError at the first copy that the kernel treats otherwise."""
    dice = Dice(seed, court.layout)
    loaded = load(court, dice)
    traced = seed % _TRACED == 0
    if traced:
        trace(court, court.layout)
    counted: Counter[str] = Counter(rulesets=1, pairs=packets)
    for copy in copies(court, loaded, [sent(dice) for _ in range(packets)]):
        counted[copy.fate.verdict] += 1
        counted["arrived" if copy.arrived else "lost"] += 1
        counted["traced"] += copy.is_traced
        if copy.is_wrong or copy.is_elsewhere:
            court.ask(trace=False)
            raise MismatchError(reproducer(seed, loaded, copy))
    if traced:
        court.ask(trace=False)
    return counted


def copies(court: Court, loaded: Loaded, packets: list[Sent]) -> Iterator[Copy]:
    """Every copy of every packet: foretold first, then sent."""
    layout: Layout = court.layout
    foretold = [
        fates(loaded.rules, Walker(layout, packet, loaded.switches).way(), packet.ct_mark) for packet in packets
    ]
    told = court.ask(send=[message(packet, next(court.numbers)) for packet in packets])
    for packet, expected, places, events in zip(packets, foretold, told["arrived"], told["traces"], strict=True):
        for place, fate in expected.items():
            yield Copy(packet, place, fate, place in places, events)


def reproducer(seed: int, loaded: Loaded, copy: Copy) -> str:
    """Everything that a person needs to see why, and to send the packet again."""
    decision = copy.fate.decision
    decides = "every chain accepts"
    if decision is not None:
        text = decision.rule.text if decision.rule is not None else "the policy"
        decides = f"{decision.table.family} {decision.table.name} {decision.chain}: {text}"
    found = "arrived" if copy.arrived else "did not arrive"
    return "\n".join(
        [
            f"seed {seed}: {copy.fate.verdict} was foretold at {copy.place or 'the host'}, and it {found}",
            f"by: {decides} {copy.fate.why}",
            f"packet: {copy.packet}",
            f"br_netfilter: {loaded.switches}",
            *(f"traced: {event}" for event in copy.events),
            *(f"# {command}\n{text}" for command, text in loaded.listings),
        ]
    )


def summed(counts: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for count in counts:
        total += count
    return total
