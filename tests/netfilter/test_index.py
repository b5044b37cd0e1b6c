"""What the index leaves out surely answers NO; what it finds it finds at once."""

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter.condition import Always, Answer, Bits, Condition, Member, Name, Number, Unmodelled, in_element
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.index import Index, Property, element_demands, rule_demands, value_in
from pxedoctor.netfilter.seen import Absent, Packet, Place, Range, Seen
from pxedoctor.netfilter.syntax import GoesOn, NamedSet, WriteMark
from pxedoctor.netfilter.walk import Verdict, walk
from rule_trees import ACCEPT, DISCOVER, DROP, Parts, chain, seen, table

PORTS = st.integers(0, 65535)
RANGES = st.tuples(PORTS, PORTS).map(lambda ends: (min(ends), max(ends))) | PORTS.map(lambda port: (port, port))
NAMES = st.tuples(st.sampled_from(["", "v", "vnet", "vnet1", "vnet10", "eth0"]), st.booleans())
CONDITIONS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(
        Number, st.just(Field.DESTINATION_PORT), st.lists(RANGES, min_size=1, max_size=3).map(tuple), st.booleans()
    ),
    st.builds(
        Number, st.just(Field.TTL), st.lists(RANGES, min_size=1, max_size=3).map(tuple), st.booleans(), st.just(0xF0)
    ),
    st.builds(Name, st.just(Field.IN_NAME), st.lists(NAMES, min_size=1, max_size=2).map(tuple), st.booleans()),
    st.builds(Always, st.booleans()),
    st.builds(Bits, st.just(Field.CT_STATE), st.integers(0, 127)),
    st.just(Unmodelled("x")),
    st.builds(
        Member,
        st.just((Field.DESTINATION_PORT, Field.IN_NAME)),
        elements=st.lists(st.tuples(RANGES, NAMES), min_size=1, max_size=3).map(tuple),
        negated=st.booleans(),
    ),
)
RULES = st.lists(st.lists(CONDITIONS, max_size=3).map(tuple), min_size=25, max_size=40)


def met(conditions: tuple[Condition, ...], at: Seen) -> bool:
    """Whether a packet may meet all of them, looked at one by one."""
    for condition in conditions:
        if isinstance(condition, Member):
            inside = [in_element(at, condition.fields, element) for element in condition.elements]
            best = Answer.YES if Answer.YES in inside else Answer.MAYBE if Answer.MAYBE in inside else Answer.NO
            answer = best.opposite if condition.negated else best
        else:
            answer = condition.meets(at)
        if answer is Answer.NO:
            return False
    return True


@given(RULES, st.none() | PORTS, st.none() | st.sampled_from(["", "vnet1", "vnet10", "vnet107", "eth0"]))
def test_every_rule_that_may_be_met_is_found(
    rules: list[tuple[Condition, ...]], port: int | None, device: str | None
) -> None:
    packet = msgspec.structs.replace(DISCOVER, destination_port=port, ttl=port)
    at = Seen(packet=packet, place=msgspec.structs.replace(seen().place, in_device=device))
    index = Index(len(rules), lambda number: rule_demands(rules[number]))

    def value_of(field: Property) -> Range | str | Absent | None:
        return value_in(at, field) if isinstance(field, Field) else None

    found = index.possible(value_of)
    assert found == sorted(set(found))
    meeting = {number for number, conditions in enumerate(rules) if met(conditions, at)}
    assert meeting <= set(found)


@given(st.lists(RANGES, min_size=25, max_size=60), RANGES)
def test_a_range_finds_what_it_touches(ranges: list[Range], value: Range) -> None:
    """Exactly: a range is filed as blocks that cover it and nothing else."""
    index = Index(len(ranges), lambda number: element_demands((ranges[number],)))
    touched = [number for number, (low, high) in enumerate(ranges) if low <= value[1] and value[0] <= high]
    assert index.possible(lambda _: value) == touched


@given(st.lists(NAMES, min_size=25, max_size=60), st.sampled_from(["", "vnet1", "vnet10", "vnet107", "eth0"]))
def test_a_name_finds_what_it_is_or_begins_with(names: list[tuple[str, bool]], value: str) -> None:
    index = Index(len(names), lambda number: element_demands((names[number],)))
    is_it = [value[: len(name)] == name if prefix else value == name for name, prefix in names]
    assert index.possible(lambda _: value) == [number for number, it_is in enumerate(is_it) if it_is]


def test_a_rule_is_found_by_its_rarest_property() -> None:
    """Every rule is for the same address; the port tells them apart."""
    rules = [
        (Number(Field.DESTINATION4, ((7, 7),)), Number(Field.DESTINATION_PORT, ((port, port),))) for port in range(1000)
    ]
    values = {Field.DESTINATION4: (7, 7), Field.DESTINATION_PORT: (67, 67)}
    index = Index(len(rules), lambda number: rule_demands(rules[number]))
    assert index.possible(lambda field: values[Field(field)]) == [67]


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        pytest.param((GoesOn("counter"), Number(Field.TTL, ((1, 1),)), DROP), 0, id="counters do not matter"),
        pytest.param((WriteMark(Field.MARK, flip=1), Number(Field.TTL, ((1, 1),)), DROP), 30, id="a mark is written"),
        pytest.param((Number(Field.MARK, ((1, 1),)), DROP), 30, id="the mark changes on the way"),
        pytest.param((Always(False), DROP), 0, id="nothing meets it"),
    ],
)
def test_what_a_rule_does_before_its_condition(parts: Parts, found: int) -> None:
    packet = msgspec.structs.replace(DISCOVER, ttl=64)
    index = chain("INPUT", *[parts] * 30).index
    assert len(index.possible(lambda field: value_in(seen(packet), Field(field)))) == found


def blocklist(number: int) -> tuple[Parts, ...]:
    return tuple((Number(Field.SOURCE4, ((address, address),)), DROP) for address in range(1, number + 1))


def test_a_packet_passes_100_000_rules_in_milliseconds() -> None:
    base = chain("INPUT", *blocklist(100_000), (Number(Field.DESTINATION_PORT, ((67, 67),)), ACCEPT), hook="input")
    listing = table(base)
    assert walk(listing, base, seen()).rule is base.rules[-1]
    started = time.perf_counter()
    assert walk(listing, base, seen()).verdict is Verdict.ACCEPT
    assert time.perf_counter() - started < 0.02


def test_a_packet_is_looked_up_in_a_set_of_100_000_in_milliseconds() -> None:
    many = NamedSet(name="many", elements=tuple(((address, address),) for address in range(1, 100_001)))
    base = chain("INPUT", (Member((Field.SOURCE4,), "many"), DROP), hook="input", policy="accept")
    listing = table(base, sets={"many": many})
    bad = Packet(name="x", ethertype=0x0800, source="0.0.3.1", protocol=17)
    assert walk(listing, base, Seen(packet=bad, place=Place(family=seen().place.family, hook=seen().place.hook))).rule
    started = time.perf_counter()
    assert walk(listing, base, seen()).verdict is Verdict.ACCEPT
    assert time.perf_counter() - started < 0.02
