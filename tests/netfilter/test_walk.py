"""One DISCOVER from virbr0 through the base chain INPUT: each case is its rules, the verdict, and what decides."""

import itertools
from dataclasses import dataclass, replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pxedoctor.netfilter.condition import Always, Answer, Bits, Member, Name, Number, Unmodelled
from pxedoctor.netfilter.field import CT_BITS, Field
from pxedoctor.netfilter.seen import Hook, Marks, Seen
from pxedoctor.netfilter.syntax import (
    Chain,
    Changes,
    End,
    Ends,
    Fill,
    GoesOn,
    Jump,
    NamedSet,
    NoTrack,
    Queue,
    Rewrite,
    Strange,
    VerdictMap,
    WriteMark,
)
from pxedoctor.netfilter.walk import Decision, Verdict, walk
from rule_trees import ACCEPT, DISCOVER, DROP, FROM_VIRBR0, LIMIT, RETURN, TO_67, Parts, chain, seen, table

REJECT, CONTINUE = End(Ends.REJECT), End(Ends.CONTINUE)
FROM_LO = Name(Field.IN_NAME, (("lo", False),))
SET_1, IS_1 = WriteMark(Field.MARK, flip=1), Number(Field.MARK, ((1, 1),))
A, GOTO_A, B, GOTO_B = Jump("a"), Jump("a", goto=True), Jump("b"), Jump("b", goto=True)
IS_NEW = Bits(Field.CT_STATE, CT_BITS["NEW"])


@dataclass(frozen=True)
class Case:
    """`input`, `a` and `b` are chains: rules, each its parts. `decides`: text of the deciding rule, or the policy."""

    id: str
    input: tuple[Parts, ...]
    verdict: Verdict
    decides: str
    a: tuple[Parts, ...] = ()
    b: tuple[Parts, ...] = ()
    policy: str = "drop"


def case_id(case: Case) -> str:
    return case.id


def fate(case: Case, at: Seen | None = None) -> Decision:
    base = chain("INPUT", *case.input, hook="input", policy=case.policy)
    return walk(table(base, chain("a", *case.a), chain("b", *case.b)), base, at or seen())


def deciding(decision: Decision) -> str:
    return decision.rule.text if decision.rule is not None else f"policy of {decision.chain}"


ONE_CHAIN = [
    Case("an empty chain has its policy", (), Verdict.DROP, "policy of INPUT"),
    Case("the policy accepts", (), Verdict.ACCEPT, "policy of INPUT", policy="accept"),
    Case("the first rule that is met", ((FROM_LO, DROP), (FROM_VIRBR0, ACCEPT), (DROP,)), Verdict.ACCEPT,
         "Name accept"),
    Case("reject is a drop", ((REJECT,),), Verdict.DROP, "reject", policy="accept"),
    Case("a rule that only counts", ((FROM_VIRBR0, GoesOn("counter")),), Verdict.DROP, "policy of INPUT"),
    Case("continue goes on", ((CONTINUE, ACCEPT),), Verdict.ACCEPT, "continue accept"),
    Case("return in a base chain: the policy", ((RETURN,), (ACCEPT,)), Verdict.DROP, "policy of INPUT"),
    Case("may be met, and decides", ((LIMIT, ACCEPT),), Verdict.UNKNOWN, "-m limit --limit 3/min accept"),
    Case("may be met, and dies anyway", ((LIMIT, DROP),), Verdict.DROP, "policy of INPUT"),
    Case("may be met, and only logs", ((LIMIT, GoesOn("LOG")),), Verdict.DROP, "policy of INPUT"),
    Case("may be met, and returns to the policy", ((LIMIT, RETURN),), Verdict.DROP, "policy of INPUT"),
    Case("cannot be met: it is from elsewhere", ((LIMIT, FROM_LO, ACCEPT),), Verdict.DROP, "policy of INPUT"),
    Case("the doubt that decides, not the first", ((LIMIT, ACCEPT), (Unmodelled("time"), DROP), (ACCEPT,)),
         Verdict.UNKNOWN, "time drop"),
    Case("an action nobody models", ((Strange("-j TARPIT"),), (ACCEPT,)), Verdict.UNKNOWN, "Strange"),
    Case("an action nobody models, not reached", ((FROM_LO, Strange("-j TARPIT")), (ACCEPT,)), Verdict.ACCEPT,
         "accept"),
    Case("a queue: the listener says", ((Queue(bypass=True),), (DROP,)), Verdict.UNKNOWN, "Queue"),
    Case("a queue that may be reached", ((LIMIT, Queue(bypass=False)), (DROP,)), Verdict.UNKNOWN,
         "-m limit --limit 3/min Queue"),
    Case("never holds", ((Always(False), ACCEPT),), Verdict.DROP, "policy of INPUT"),
]  # fmt: skip

CHAINS = [
    Case("accept ends the callers too", ((A,), (DROP,)), Verdict.ACCEPT, "accept", a=((ACCEPT,),)),
    Case("a chain's end leads back", ((A,), (ACCEPT,)), Verdict.ACCEPT, "accept", a=((FROM_LO, DROP),)),
    Case("return leads back", ((A,), (ACCEPT,)), Verdict.ACCEPT, "accept", a=((RETURN,), (DROP,))),
    Case("what stands after a jump is not done", ((A, DROP), (ACCEPT,)), Verdict.ACCEPT, "accept"),
    Case("goto out of the base chain: the policy", ((GOTO_A,), (ACCEPT,)), Verdict.DROP, "policy of INPUT"),
    Case("goto leads back to the caller's caller", ((A,), (ACCEPT,)), Verdict.ACCEPT, "accept",
         a=((GOTO_B,), (DROP,)), b=((FROM_LO, DROP),)),
    Case("return after a goto, too", ((A,), (ACCEPT,)), Verdict.ACCEPT, "accept",
         a=((GOTO_B,), (DROP,)), b=((RETURN,),)),
    Case("may jump to an accept", ((LIMIT, A),), Verdict.UNKNOWN, "-m limit --limit 3/min jump a", a=((ACCEPT,),)),
    Case("may jump to where nothing is decided", ((LIMIT, A), (ACCEPT,)), Verdict.ACCEPT, "accept",
         a=((GoesOn("LOG"),),)),
    Case("may leave by a goto", ((LIMIT, GOTO_A), (ACCEPT,)), Verdict.UNKNOWN, "-m limit --limit 3/min goto a"),
    Case("may come back", ((A,), (ACCEPT,)), Verdict.UNKNOWN, "-m limit --limit 3/min return",
         a=((LIMIT, RETURN), (DROP,))),
    Case("may come back, and dies there too", ((A,), (DROP,)), Verdict.DROP, "drop", a=((LIMIT, RETURN), (DROP,))),
    Case("a circle", ((A,),), Verdict.UNKNOWN, "jump a", a=((B,),), b=((A,),)),
    Case("a chain that is not listed", ((Jump("DOCKER"),), (ACCEPT,)), Verdict.UNKNOWN, "jump DOCKER"),
]  # fmt: skip

MARKS = [
    Case("a mark that is set and read", ((SET_1,), (IS_1, ACCEPT)), Verdict.ACCEPT, "Number accept"),
    Case("set in a chain, read by its caller", ((A,), (IS_1, ACCEPT)), Verdict.ACCEPT, "Number accept", a=((SET_1,),)),
    Case("set before a condition that is not met", ((SET_1, FROM_LO, DROP), (IS_1, ACCEPT)), Verdict.ACCEPT,
         "Number accept"),
    Case("perhaps set", ((LIMIT, SET_1), (IS_1, ACCEPT)), Verdict.UNKNOWN, "Number accept"),
    Case("perhaps set, then set for certain", ((LIMIT, SET_1), (WriteMark(Field.MARK, flip=2),), (IS_1, ACCEPT)),
         Verdict.DROP, "policy of INPUT"),
    Case("bits kept and flipped", ((SET_1,), (WriteMark(Field.MARK, keep=1, flip=2),),
                                   (Number(Field.MARK, ((3, 3),)), ACCEPT)), Verdict.ACCEPT, "Number accept"),
    Case("set to what is not known", ((WriteMark(Field.MARK, known=False),), (IS_1, ACCEPT)), Verdict.UNKNOWN,
         "Number accept"),
    Case("saved to the connection", ((SET_1,), (WriteMark(Field.CT_MARK, copied_from=Field.MARK),),
                                     (Number(Field.CT_MARK, ((1, 1),)), ACCEPT)), Verdict.ACCEPT, "Number accept"),
    Case("restored under a mask", ((WriteMark(Field.CT_MARK, flip=0xFF),),
                                   (WriteMark(Field.MARK, keep=0xFFFFFFF0, copied_from=Field.CT_MARK),),
                                   (Number(Field.MARK, ((15, 15),)), ACCEPT)), Verdict.ACCEPT, "Number accept"),
    Case("a chain walked with two marks", ((A,), (SET_1,), (A,)), Verdict.ACCEPT, "Number accept", a=((IS_1, ACCEPT),)),
    Case("a field that is written to what is not followed", ((Changes((Field.DESTINATION_PORT,)),), (TO_67, ACCEPT)),
         Verdict.UNKNOWN, "Number accept"),
    Case("and every other field is as it was", ((Changes((Field.SOURCE_PORT,)),), (TO_67, ACCEPT)), Verdict.ACCEPT,
         "Number accept"),
    Case("what nobody models may set it", ((Strange("xt target"),), (IS_1, ACCEPT)), Verdict.UNKNOWN, "Number accept"),
]  # fmt: skip

PORTS = (Field.DESTINATION_PORT,)
ELSEWHERE, TO_A = ((53, 53),), ((67, 67),)
MAPS = [
    Case("the element says the verdict", ((VerdictMap(PORTS, elements=((ELSEWHERE, DROP), (TO_A, ACCEPT))),),),
         Verdict.ACCEPT, "VerdictMap"),
    Case("no element: the next rule", ((VerdictMap(PORTS, elements=((ELSEWHERE, DROP),)), DROP), (ACCEPT,)),
         Verdict.ACCEPT, "accept"),
    Case("an element that jumps", ((VerdictMap(PORTS, elements=((TO_A, A),)),),), Verdict.ACCEPT, "accept",
         a=((ACCEPT,),)),
    Case("an element that continues in the rule", ((VerdictMap(PORTS, elements=((TO_A, CONTINUE),)), ACCEPT),),
         Verdict.ACCEPT, "VerdictMap accept"),
    Case("everything else", ((VerdictMap(PORTS, elements=((((0, 65535),), DROP), (TO_A, ACCEPT))),),), Verdict.ACCEPT,
         "VerdictMap"),
    Case("a map that nobody listed", ((VerdictMap(PORTS, "m"),),), Verdict.UNKNOWN, "VerdictMap"),
]  # fmt: skip


@pytest.mark.parametrize("case", [*ONE_CHAIN, *CHAINS, *MARKS, *MAPS], ids=case_id)
def test_the_verdict_and_what_decides(case: Case) -> None:
    decision = fate(case)
    assert (decision.verdict, deciding(decision)) == (case.verdict, case.decides)
    assert bool(decision.why) is (case.verdict is Verdict.UNKNOWN)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ((LIMIT, ACCEPT), "whether this packet meets `-m limit --limit 3/min` is not known"),
        ((Number(Field.TTL, ((64, 64),)), ACCEPT),
         "whether this packet's TTL or hop limit meets `Number accept` is not known"),
        ((Strange("-j TARPIT"),), "what `-j TARPIT` does to the packet is not modelled"),
        ((Queue(bypass=False, text="queue to 0"),), "what the program says that `queue to 0` asks is not known"),
        ((Jump("DOCKER"),), "chain DOCKER is not in the listing"),
        ((Member(PORTS, "open", text="dport @open"), ACCEPT), "whether this packet meets `dport @open` is not known"),
    ],
)  # fmt: skip
def test_an_unknown_says_why(rule: Parts, why: str) -> None:
    assert fate(Case("", (rule,), Verdict.UNKNOWN, "")).why == why


@pytest.mark.parametrize(
    ("queue", "listening", "verdict"),
    [
        pytest.param(Queue(False, "", (0, 0)), frozenset(), Verdict.DROP, id="nobody listens: the packet dies"),
        pytest.param(Queue(True, "", (0, 0)), frozenset(), Verdict.ACCEPT, id="with bypass it is done with this chain"),
        pytest.param(Queue(False, "", (1, 3)), frozenset({0, 4}), Verdict.DROP, id="others listen on other queues"),
        pytest.param(Queue(True, "", (1, 3)), frozenset({3}), Verdict.UNKNOWN, id="one of several has a listener"),
        pytest.param(Queue(False, "", (0, 0)), None, Verdict.UNKNOWN, id="who listens is not known"),
        pytest.param(Queue(False, ""), frozenset(), Verdict.UNKNOWN, id="which queue is not known"),
    ],
)
def test_a_queue_and_who_listens(queue: Queue, listening: frozenset[int] | None, verdict: Verdict) -> None:
    """net/netfilter/nf_queue.c: nf_queue. A later rule of the chain is not asked, whatever comes of it."""
    at = msgspec.structs.replace(seen(), queues=listening)
    other = (ACCEPT,) if verdict is Verdict.DROP else (DROP,)
    assert fate(Case("", ((queue,), other), verdict, ""), at).verdict is verdict


def test_each_packet_of_a_range_takes_the_same_way() -> None:
    """A guest without an address yet will have one of 10 to 99: a rule about .0/24 holds for all, one about .50 not."""
    offer = msgspec.structs.replace(DISCOVER, destination="192.0.2.10-192.0.2.99")
    net, one = (3221225984, 3221226239), (3221226034, 3221226034)
    for ranges, verdict in ((net, Verdict.ACCEPT), (one, Verdict.UNKNOWN)):
        case = Case("", ((Number(Field.DESTINATION4, (ranges,)), ACCEPT),), verdict, "")
        assert fate(case, seen(offer)).verdict is verdict


SETS = {
    "open": NamedSet(name="open", elements=(((53, 53),), ((67, 69),))),
    "shut": NamedSet(name="shut", elements=(((53, 53),),)),
    "busy": NamedSet(name="busy", elements=(((67, 67),),), known=False, why="its elements time out"),
    "pair": NamedSet(name="pair", elements=((("virb", True), (67, 67)), (("lo", False), (0, 65535)))),
    "many": NamedSet(name="many", elements=tuple(((port, port),) for port in range(0, 65536, 2))),
    "ways": NamedSet(name="ways", elements=(((67, 67),), ((53, 53),)), verdicts=(ACCEPT, DROP)),
    "ways?": NamedSet(name="ways?", elements=(((67, 67),),), verdicts=(ACCEPT,), known=False),
    "odd": NamedSet(name="odd", elements=(((67, 67), (1, 2)),)),
}


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ((Member(PORTS, "open"), ACCEPT), Verdict.ACCEPT),
        ((Member(PORTS, "open", negated=True), ACCEPT), Verdict.DROP),
        ((Member(PORTS, "shut"), ACCEPT), Verdict.DROP),
        ((Member(PORTS, "busy"), ACCEPT), Verdict.UNKNOWN),
        ((Member(PORTS, "nowhere", negated=True), ACCEPT), Verdict.UNKNOWN),
        ((Member((Field.IN_NAME, *PORTS), "pair"), ACCEPT), Verdict.ACCEPT),
        ((Member(PORTS, "many"), ACCEPT), Verdict.DROP),
        ((Member((Field.SOURCE_PORT,), "many"), ACCEPT), Verdict.ACCEPT),
        ((Member((Field.ICMP_TYPE,), "open", negated=True), ACCEPT), Verdict.DROP),
        ((Member(PORTS, elements=(((67, 67),),)), ACCEPT), Verdict.ACCEPT),
        ((Member(PORTS, "odd"), ACCEPT), Verdict.UNKNOWN),
        ((VerdictMap(PORTS, "ways"),), Verdict.ACCEPT),
        ((VerdictMap(PORTS, "ways?"),), Verdict.UNKNOWN),
        ((VerdictMap((Field.ICMP_TYPE,), "ways"),), Verdict.DROP),
    ],
)
def test_sets_of_the_table(rule: Parts, verdict: Verdict) -> None:
    base = chain("INPUT", rule, hook="input", policy="drop")
    assert walk(table(base, sets=SETS), base, seen()).verdict is verdict


def test_iptables_rules_name_the_hosts_ipsets() -> None:
    """A packet without a port is in no set of ports: for ipset that is an answer, and `!` turns it round."""
    base = chain("INPUT", (Member((Field.DESTINATION4,), "open", negated=True), ACCEPT), hook="input", policy="drop")
    listing = table(base, dialect="iptables")
    ipsets = {"open": NamedSet(name="open", kinds=("port",), elements=SETS["open"].elements)}
    ping = msgspec.structs.replace(DISCOVER, protocol=1, source_port=None, destination_port=None)
    assert walk(listing, base, seen(ping), ipsets).verdict is Verdict.ACCEPT
    assert walk(listing, base, seen(), ipsets).verdict is Verdict.DROP
    changing = table(base, dialect="iptables", sets={"open": NamedSet(name="open", known=False)})
    assert walk(changing, base, seen(), ipsets).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("policy", "rules", "verdict", "decides"),
    [
        ("drop", (), Verdict.DROP, "policy of a"),
        ("accept", (), Verdict.ACCEPT, "policy of a"),
        ("drop", ((RETURN,),), Verdict.ACCEPT, "policy of INPUT"),
        ("return", (), Verdict.ACCEPT, "policy of INPUT"),
    ],
)
def test_a_user_chain_of_ebtables_has_a_policy(
    policy: str, rules: tuple[Parts, ...], verdict: Verdict, decides: str
) -> None:
    base = chain("INPUT", (A,), hook="input", policy="accept")
    decision = walk(table(base, chain("a", *rules, policy=policy), family="bridge", dialect="ebtables"), base, seen())
    assert (decision.verdict, deciding(decision)) == (verdict, decides)


@pytest.mark.parametrize(
    ("priority", "rules", "verdict"),
    [
        pytest.param(0, (IS_NEW, ACCEPT), Verdict.ACCEPT, id="after conntrack the packet is NEW"),
        pytest.param(-300, (IS_NEW, ACCEPT), Verdict.DROP, id="before conntrack it has no entry"),
        pytest.param(-300, (Bits(Field.CT_STATE, CT_BITS["INVALID"]), ACCEPT), Verdict.ACCEPT, id="and so is INVALID"),
        pytest.param(-200, (IS_NEW, ACCEPT), Verdict.UNKNOWN, id="at the same priority nobody knows"),
        pytest.param(-300, (NoTrack(), Bits(Field.CT_STATE, CT_BITS["UNTRACKED"]), ACCEPT), Verdict.ACCEPT,
                     id="taken out of conntrack"),
        pytest.param(0, (NoTrack(), IS_NEW, ACCEPT), Verdict.ACCEPT, id="too late to be taken out"),
        pytest.param(-300, (Number(Field.CT_MARK, ((0, 0),)), ACCEPT), Verdict.DROP, id="no entry, no mark"),
        pytest.param(-300, (WriteMark(Field.MARK, copied_from=Field.CT_MARK), ACCEPT), Verdict.DROP,
                     id="nft breaks off where there is no mark to read"),
        pytest.param(-200, (WriteMark(Field.MARK, copied_from=Field.CT_MARK), ACCEPT), Verdict.UNKNOWN,
                     id="nft may break off"),
        pytest.param(-300, (WriteMark(Field.CT_MARK, flip=1), ACCEPT), Verdict.ACCEPT, id="written to nobody"),
    ],
)  # fmt: skip
def test_conntrack_in_prerouting(priority: int, rules: Parts, verdict: Verdict) -> None:
    base = chain("PRE", rules, hook="prerouting", policy="drop", priority=priority)
    assert walk(table(base), base, seen(hook=Hook.PREROUTING)).verdict is verdict


@pytest.mark.parametrize(
    ("state", "rule", "verdict"),
    [
        ("NEW", DROP, Verdict.UNKNOWN),
        ("NEW", ACCEPT, Verdict.ACCEPT),
        ("ESTABLISHED", DROP, Verdict.ACCEPT),
        ("INVALID", DROP, Verdict.ACCEPT),
        (None, DROP, Verdict.UNKNOWN),
        (None, ACCEPT, Verdict.ACCEPT),
    ],
)
def test_a_nat_chain_is_asked_once_for_a_connection(state: str | None, rule: End, verdict: Verdict) -> None:
    base = chain("PRE", (rule,), hook="prerouting", policy="accept", priority=-100, kind="nat")
    packet = msgspec.structs.replace(DISCOVER, state=state)
    assert walk(table(base), base, seen(packet, Hook.PREROUTING)).verdict is verdict


def test_a_rule_that_rewrites_sets_conntrack_to_work() -> None:
    """A nat chain without one may be asked for nothing at all: its drop is not certain."""
    rules = ((LIMIT, Rewrite("destination", "dnat to 192.0.2.1")), (DROP,))
    base = chain("PRE", *rules, hook="prerouting", policy="accept", priority=-100, kind="nat")
    decision = walk(table(base), base, seen(hook=Hook.PREROUTING))
    assert (decision.verdict, decision.why) == (
        Verdict.UNKNOWN,
        "whether this packet meets `-m limit --limit 3/min` is not known",
    )


def test_a_nat_chains_marks_are_not_on_the_next_packet() -> None:
    base = chain("PRE", (SET_1, ACCEPT), hook="prerouting", policy="accept", priority=-100, kind="nat")
    assert walk(table(base), base, seen(hook=Hook.PREROUTING)).marks == Marks(mark=None)


SNAT, DNAT = Rewrite("source", "snat to 192.0.2.1"), Rewrite("destination", "dnat to 192.0.2.1")


def effects(*rules: Parts) -> Decision:
    return fate(Case("", rules, Verdict.ACCEPT, "", policy="accept"))


def test_a_rewrite_ends_the_chain_as_accept() -> None:
    decision = effects((SNAT,), (DROP,))
    assert (decision.verdict, decision.rewrites, decision.may_rewrite) == (Verdict.ACCEPT, (SNAT,), ())


def test_a_rewrite_that_may_be_met() -> None:
    decision = effects((LIMIT, SNAT))
    assert (decision.verdict, decision.rewrites, decision.may_rewrite) == (Verdict.ACCEPT, (), (SNAT,))


def test_rewrites_on_two_ways() -> None:
    assert effects((LIMIT, SNAT), (DNAT,)).may_rewrite == (DNAT, SNAT)


@pytest.mark.parametrize(
    ("rules", "filled"),
    [
        (((Fill(),),), Answer.YES),
        (((LIMIT, Fill()),), Answer.MAYBE),
        (((LIMIT, Fill()), (Fill(),)), Answer.YES),
        (((FROM_LO, Fill()),), Answer.NO),
        (((Strange('xt target "CHECKSUM"'),),), Answer.MAYBE),
    ],
)
def test_whether_the_checksum_is_filled(rules: tuple[Parts, ...], filled: Answer) -> None:
    assert effects(*rules).fills is filled


def test_a_chain_whose_rules_could_not_be_listed() -> None:
    base = msgspec.structs.replace(chain("INPUT", hook="input", policy="accept"), unlisted="the dump was cut short")
    decision = walk(table(base), base, seen())
    assert (decision.verdict, decision.rule) == (Verdict.UNKNOWN, None)
    assert decision.why == "the rules of chain INPUT could not be listed: the dump was cut short"


def in_a_row(number: int, *last: Parts) -> tuple[Chain, ...]:
    names = [f"c{number}" for number in range(number)]
    links = [chain(name, (Jump(after),)) for name, after in itertools.pairwise(names)]
    return (*links, chain(names[-1], *last))


def test_thousands_of_chains_in_a_row_are_no_crash() -> None:
    base = chain("INPUT", (Jump("c0"),), hook="input", policy="accept")
    assert walk(table(base, *in_a_row(16, (DROP,))), base, seen()).verdict is Verdict.DROP
    assert walk(table(base, *in_a_row(5000, (DROP,))), base, seen()).verdict is Verdict.UNKNOWN


def test_many_ways_are_walked_once_each() -> None:
    """Every rule may be met and jumps to the next chain twice, each time with another mark: 2^40 ways."""
    names = [f"c{number}" for number in range(40)]
    flips = [WriteMark(Field.MARK, keep=0xFFFFFFFF, flip=1 << number % 32) for number in range(40)]
    twice = [
        chain(name, (Jump(after),), (LIMIT, flip), (Jump(after),), (flip,), (Jump(after),))
        for (name, after), flip in zip(itertools.pairwise(names), flips, strict=False)
    ]
    base = chain("INPUT", (Jump("c0"),), hook="input", policy="accept")
    assert walk(table(base, *twice, chain("c39", (IS_1, DROP), (DROP,))), base, seen()).verdict is Verdict.DROP


PARTS = st.sampled_from(
    [FROM_VIRBR0, FROM_LO, TO_67, LIMIT, IS_1, IS_NEW, SET_1, A, GOTO_A, B, GOTO_B, ACCEPT, DROP, REJECT, RETURN,
     CONTINUE, Strange("?"), Queue(bypass=True), NoTrack(), Fill(), SNAT, GoesOn("counter"), VerdictMap(PORTS, "ways?")]
)  # fmt: skip
RULES = st.lists(st.lists(PARTS, max_size=4).map(tuple), max_size=5).map(tuple)


@given(RULES, RULES, RULES, st.sampled_from(["accept", "drop"]))
def test_every_tree_has_an_answer(
    base: tuple[Parts, ...], a: tuple[Parts, ...], b: tuple[Parts, ...], policy: str
) -> None:
    decision = fate(Case("", base, Verdict.DROP, "", a=a, b=b, policy=policy))
    assert bool(decision.why) is (decision.verdict is Verdict.UNKNOWN)
    assert decision.why != "the rules could not be followed"


CERTAIN = st.sampled_from([FROM_VIRBR0, FROM_LO, TO_67, IS_1, SET_1, A, GOTO_B, B, ACCEPT, DROP, RETURN, GoesOn("c")])
OPEN = [Unmodelled(f"limit {number}") for number in range(4)]
DOUBTFUL = st.lists(st.lists(CERTAIN | st.sampled_from(OPEN), max_size=3).map(tuple), max_size=4).map(tuple)


def verdicts(case: Case) -> set[Verdict]:
    """Those that there can be: with each doubt resolved, one way or the other."""
    found = set()
    for holds in itertools.product((True, False), repeat=len(OPEN)):
        truth = {doubt.text: Always(held) for doubt, held in zip(OPEN, holds, strict=True)}
        found.add(
            fate(replace(case, **{name: resolved(getattr(case, name), truth) for name in ("input", "a", "b")})).verdict
        )
    return found


def resolved(rules: tuple[Parts, ...], truth: dict[str, Always]) -> tuple[Parts, ...]:
    return tuple(tuple(truth[part.text] if isinstance(part, Unmodelled) else part for part in parts) for parts in rules)


@settings(max_examples=150)
@given(DOUBTFUL, DOUBTFUL, DOUBTFUL, st.sampled_from(["accept", "drop"]))
def test_what_is_certain_holds_however_the_doubts_are_resolved(
    base: tuple[Parts, ...], a: tuple[Parts, ...], b: tuple[Parts, ...], policy: str
) -> None:
    case = Case("", base, Verdict.DROP, "", a=a, b=b, policy=policy)
    told = fate(case).verdict
    assert told is Verdict.UNKNOWN or verdicts(case) <= {told, Verdict.UNKNOWN}


@given(st.permutations(OPEN), st.lists(st.sampled_from([ACCEPT, DROP, RETURN, A, GOTO_A]), min_size=4, max_size=4),
       st.sampled_from([ACCEPT, DROP, RETURN]), st.sampled_from(["accept", "drop"]))  # fmt: skip
def test_unknown_only_where_a_doubt_decides(
    doubts: list[Unmodelled], acts: list[End | Jump], in_a: End, policy: str
) -> None:
    """Each doubt stands in a rule of its own: then there must be a way to either verdict."""
    rules = tuple((doubt, act) for doubt, act in zip(doubts, acts, strict=True))
    case = Case("", rules, Verdict.DROP, "", a=((in_a,),), policy=policy)
    assert (fate(case).verdict is Verdict.UNKNOWN) is (len(verdicts(case)) == 2)
