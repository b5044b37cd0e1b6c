"""One packet at one hook: which base chains it passes, in which order, and what they leave behind."""

from dataclasses import dataclass, field

import msgspec
import pytest

from pxedoctor.model.netfilter import Unlisted
from pxedoctor.netfilter.condition import Answer, Number
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.hook import AtHook, at_hook
from pxedoctor.netfilter.seen import Family, Hook, Marks, Seen
from pxedoctor.netfilter.syntax import Chain, Fill, NamedSet, Queue, Rewrite, Strange, Table, WriteMark
from pxedoctor.netfilter.walk import Verdict
from pxedoctor.netfilter.walk_way import NOT_KNOWN
from rule_trees import ACCEPT, DROP, LIMIT, Parts, chain, seen, table

IS_1 = Number(Field.MARK, ((1, 1),))
DNAT = Rewrite("destination", "dnat to 192.0.2.1")


def set_mark(value: int) -> WriteMark:
    return WriteMark(Field.MARK, flip=value)


@dataclass(frozen=True)
class Rules:
    tables: tuple[Table, ...]
    ipsets: dict[str, NamedSet] = field(default_factory=dict)
    unlisted: tuple[Unlisted, ...] = ()
    queues: frozenset[int] | None = None


def base(name: str, *rules: Parts, hook: str = "input", priority: int = 0, kind: str = "filter") -> Chain:
    return chain(name, *rules, hook=hook, policy="accept", priority=priority, kind=kind)


def told(*bases: Chain, at: Seen | None = None, family: str = "ip", unlisted: tuple[Unlisted, ...] = ()) -> AtHook:
    """Each base chain in a table of its own."""
    return at_hook(Rules(tuple(table(one, family=family) for one in bases), unlisted=unlisted), at or seen())


def names(decided: AtHook) -> list[str]:
    return [decision.base.name for decision in decided.decisions]


def test_no_rules_at_all() -> None:
    decided = told()
    assert (decided.verdict, decided.deciding, decided.marks) == (Verdict.ACCEPT, None, Marks())


def test_accept_ends_its_own_base_chain_only() -> None:
    decided = told(base("first", (ACCEPT,), priority=-1), base("second", (DROP,)))
    assert decided.verdict is Verdict.DROP
    assert decided.deciding is not None
    assert decided.deciding.base.name == "second"


def test_a_drop_is_final() -> None:
    assert names(told(base("second", (ACCEPT,), priority=10), base("first", (DROP,)))) == ["first"]


def test_a_drop_behind_a_doubt_is_still_a_drop() -> None:
    decided = told(base("first", (LIMIT, DROP), priority=-1), base("second", (DROP,)))
    assert decided.verdict is Verdict.DROP
    assert decided.deciding is not None
    assert decided.deciding.base.name == "second"


def test_a_doubt_is_told_with_its_reason() -> None:
    decided = told(base("first", (LIMIT, DROP)), base("second", (ACCEPT,), priority=5))
    assert (decided.verdict, decided.why) == (
        Verdict.UNKNOWN,
        "whether this packet meets `-m limit --limit 3/min` is not known",
    )


@pytest.mark.parametrize(
    ("family", "place", "asked"),
    [
        ("ip", Family.IP, True),
        ("inet", Family.IP, True),
        ("ip6", Family.IP, False),
        ("inet", Family.IP6, True),
        ("ip", Family.IP6, False),
        ("bridge", Family.BRIDGE, True),
        ("inet", Family.BRIDGE, False),
        ("arp", Family.ARP, True),
        ("inet", Family.ARP, False),
    ],
)
def test_which_tables_a_family_asks(family: str, place: Family, asked: bool) -> None:
    assert bool(told(base("INPUT", (DROP,)), at=seen(family=place), family=family).decisions) is asked


def test_a_dormant_table_hooks_nothing() -> None:
    asleep = msgspec.structs.replace(table(base("INPUT", (DROP,))), dormant=True)
    assert at_hook(Rules((asleep,)), seen()).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    ("devices", "device", "verdict"),
    [
        (("vnet3",), "vnet3", Verdict.DROP),
        (("eth0", "vnet3"), "vnet3", Verdict.DROP),
        (("vnet*",), "vnet3", Verdict.DROP),
        (("eth0",), "vnet3", Verdict.ACCEPT),
        (("eth0",), None, Verdict.UNKNOWN),
        ((), "vnet3", Verdict.UNKNOWN),
    ],
)
@pytest.mark.parametrize(
    ("hook", "family"), [(Hook.INGRESS, "netdev"), (Hook.INGRESS, "inet"), (Hook.EGRESS, "netdev")]
)
def test_a_devices_own_chains(
    devices: tuple[str, ...], device: str | None, verdict: Verdict, hook: Hook, family: str
) -> None:
    one = msgspec.structs.replace(base("filter", (DROP,), hook=hook), devices=devices)
    at = seen(hook=hook, family=Family.NETDEV)
    place = msgspec.structs.replace(at.place, in_device=device, out_device=device)
    assert told(one, at=msgspec.structs.replace(at, place=place), family=family).verdict is verdict


def test_a_mark_is_carried_on_by_priority() -> None:
    decided = told(base("reads", (IS_1, DROP), priority=1), base("writes", (set_mark(1),)))
    assert (decided.verdict, decided.marks) == (Verdict.DROP, Marks(mark=1))


def test_at_one_priority_the_order_is_not_known() -> None:
    decided = told(base("writes", (set_mark(1),)), base("reads", (IS_1, DROP)))
    assert decided.verdict is Verdict.UNKNOWN
    assert decided.marks == Marks(mark=1)


def test_two_write_at_one_priority() -> None:
    assert told(base("a", (set_mark(1),)), base("b", (set_mark(2),))).marks == Marks(mark=None)
    assert told(base("a", (set_mark(1),)), base("b", (set_mark(1),))).marks == Marks(mark=None)
    one = seen(marks=Marks(mark=1))
    assert told(base("a", (set_mark(1),)), base("b", (set_mark(1),)), at=one).marks == Marks(mark=1)


def test_what_nobody_could_list_makes_an_accept_unknown() -> None:
    unlisted = (Unlisted(family="ip", why="iptables-legacy is not installed"),)
    decided = told(base("INPUT", (ACCEPT,)), unlisted=unlisted)
    assert (decided.verdict, decided.why, decided.marks) == (
        Verdict.UNKNOWN,
        "iptables-legacy is not installed",
        NOT_KNOWN,
    )
    assert told(base("INPUT", (DROP,)), unlisted=unlisted).verdict is Verdict.DROP
    assert told(base("INPUT", (ACCEPT,)), unlisted=(Unlisted(family="bridge", why=""),)).verdict is Verdict.ACCEPT


def test_a_mark_that_nobody_could_list_decides() -> None:
    unlisted = (Unlisted(family="", why="nft is not permitted"),)
    assert told(base("INPUT", (Number(Field.MARK, ((0, 0),)), DROP)), unlisted=unlisted).verdict is Verdict.UNKNOWN


PREROUTING = seen(hook=Hook.PREROUTING)


def nat(name: str, *rules: Parts, priority: int = -100) -> Chain:
    return base(name, *rules, hook="prerouting", priority=priority, kind="nat")


def test_nat_runs_at_its_own_priority() -> None:
    """Whatever the chain's: it only orders the nat chains among themselves."""
    late = base("late", (DROP,), hook="prerouting", priority=-50)
    assert names(told(late, nat("nat", (DNAT,), priority=10), at=PREROUTING)) == ["nat", "late"]


@pytest.mark.parametrize(
    ("first", "verdict", "asked"),
    [
        ((DNAT,), Verdict.ACCEPT, ["first"]),
        ((ACCEPT,), Verdict.UNKNOWN, ["first", "second"]),
        ((LIMIT, DNAT), Verdict.UNKNOWN, ["first", "second"]),
    ],
)
def test_the_nat_chain_that_rewrites_is_the_last(first: Parts, verdict: Verdict, asked: list[str]) -> None:
    decided = told(nat("second", (DROP,), priority=-90), nat("first", first), at=PREROUTING)
    assert (decided.verdict, names(decided)) == (verdict, asked)


def test_of_two_nat_chains_at_one_priority_either_may_rewrite() -> None:
    decided = told(nat("a", (DNAT,)), nat("b", (DROP,)), at=PREROUTING)
    assert (decided.verdict, decided.rewrites, decided.may_rewrite) == (Verdict.UNKNOWN, (DNAT,), ())


def test_what_a_rule_does_that_nobody_models_is_carried_on() -> None:
    """It may have written the port: a later chain's drop of that port is not certain."""
    to_67 = Number(Field.DESTINATION_PORT, ((67, 67),))
    decided = told(base("a", (Strange("udp dport set 53"),), priority=-1), base("b", (to_67, DROP)))
    assert [decision.verdict for decision in decided.decisions] == [Verdict.UNKNOWN, Verdict.UNKNOWN]


def test_what_is_rewritten_is_not_known_behind() -> None:
    source = Number(Field.SOURCE4, ((0, 0),))
    snat = base("nat", (Rewrite("source", "masquerade"),), hook="postrouting", priority=100, kind="nat")
    late = base("late", (source, DROP), hook="postrouting", priority=200)
    decided = told(snat, late, at=seen(hook=Hook.POSTROUTING))
    assert (decided.verdict, decided.rewrites) == (Verdict.UNKNOWN, (Rewrite("source", "masquerade"),))


def test_what_the_chains_do_is_summed_up() -> None:
    decided = told(base("a", (Fill(),), priority=-150), base("b", (LIMIT, Fill())))
    assert (decided.verdict, decided.fills) == (Verdict.ACCEPT, Answer.YES)


def test_who_listens_on_a_queue_is_the_hosts() -> None:
    """A rule set of a host whose intrusion detection has died: what it was to judge dies, or, with bypass, goes on."""

    def fate(bypass: bool, listening: frozenset[int] | None) -> Verdict:
        first = base("judged", (Queue(bypass, "", (2, 2)),))
        rules = Rules((table(first), table(base("last", (DROP,), priority=1), family="ip")), queues=listening)
        return at_hook(rules, seen()).verdict

    assert fate(False, frozenset()) is Verdict.DROP
    assert fate(True, frozenset()) is Verdict.DROP, "the next base chain sees it"
    assert at_hook(Rules((table(base("judged", (Queue(True, "", (2, 2)),))),), queues=frozenset()), seen()).verdict is (
        Verdict.ACCEPT
    )
    assert at_hook(Rules((table(base("judged", (Queue(False, "", (2, 2)),))),)), seen()).verdict is Verdict.UNKNOWN
