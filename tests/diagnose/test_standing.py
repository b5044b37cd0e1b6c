"""Judging only whom a change touches says the same as judging everything, whatever changes, with the real checks."""

from collections.abc import Iterator

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from many_networks import Many, Written, many, subnet
from pxedoctor.diagnose.engine import diagnose
from pxedoctor.diagnose.selected import select
from pxedoctor.diagnose.selection import Selection
from pxedoctor.diagnose.standing import Stand, stand
from pxedoctor.model.target import Facts

COUNT = 3
HEALTHY = many(COUNT)

NETWORKS = st.integers(0, COUNT - 1)
# Rules of every kind that a packet may meet or not: by device, by address, by port, by mark, and by nothing.
TEXTS = st.sampled_from(
    (
        "-p udp -m udp --dport 67 -j DROP",
        "-i virbr{n} -p udp -m udp --dport 67 -j DROP",
        "! -i virbr{n} -j DROP",
        "-i virbr+ -p udp -j REJECT --reject-with icmp-port-unreachable",
        "-o virbr{n} -p udp -m udp --dport 68 -j DROP",
        "-s {subnet} -j DROP",
        "-d {subnet} -o virbr{n} -j ACCEPT",
        "-s 198.51.100.7/32 -j DROP",
        "-s 203.0.113.9/32 -p udp -j DROP",
        "-p tcp -m tcp --dport 22 -j ACCEPT",
        "-m mark --mark 0x1 -j DROP",
        "-m conntrack --ctstate INVALID -j DROP",
        "-m physdev --physdev-in vnet{n} -j DROP",
        "-m string --string x --algo bm -j DROP",
        "-j ACCEPT",
        "-j LIBVIRT_INP",
    )
)
PLACES = st.sampled_from(
    (
        ("filter", "INPUT"),
        ("filter", "FORWARD"),
        ("filter", "OUTPUT"),
        ("filter", "LIBVIRT_INP"),
        ("filter", "LIBVIRT_FWO"),
        ("filter", "f2b-sshd"),
        ("mangle", "PREROUTING"),
        ("mangle", "POSTROUTING"),
    )
)


@st.composite
def one_more(draw: st.DrawFn, before: Many) -> Many:
    table, chain = draw(PLACES)
    number = draw(NETWORKS)
    text = draw(TEXTS).format(n=number, subnet=subnet(number))
    rule: Written = (table, chain, text)
    if table == "mangle":
        rule = draw(st.sampled_from((rule, (table, chain, f"-i virbr{number} -j MARK --set-xmark 0x1/0xffffffff"))))
    at = draw(st.integers(0, len(before.rules)))
    return msgspec.structs.replace(before, rules=(*before.rules[:at], rule, *before.rules[at:]))


@st.composite
def one_less(draw: st.DrawFn, before: Many) -> Many:
    at = draw(st.integers(0, len(before.rules) - 1))
    return msgspec.structs.replace(before, rules=(*before.rules[:at], *before.rules[at + 1 :]))


@st.composite
def another_place(draw: st.DrawFn, before: Many) -> Many:
    rules = list(before.rules)
    rules.insert(draw(st.integers(0, len(rules) - 1)), rules.pop(draw(st.integers(0, len(rules) - 1))))
    return msgspec.structs.replace(before, rules=tuple(rules))


@st.composite
def other_facts(draw: st.DrawFn, before: Many) -> Many:
    number = draw(NETWORKS)
    return draw(
        st.sampled_from(
            (
                msgspec.structs.replace(before, policy="DROP" if before.policy == "ACCEPT" else "ACCEPT"),
                msgspec.structs.replace(before, dead=before.dead ^ {number}),
                msgspec.structs.replace(before, off=before.off ^ {number}),
                msgspec.structs.replace(before, logs=(*before.logs, LOGGED.format(n=number))),
                msgspec.structs.replace(before, sysctls=((f"net/ipv4/conf/virbr{number}/forwarding", "0"),)),
            )
        )
    )


LOGGED = "dnsmasq-dhcp[1000]: DHCP packet received on virbr{n} which has no address"


@st.composite
def histories(draw: st.DrawFn) -> tuple[Many, ...]:
    found = [HEALTHY]
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from((one_more, one_more, one_more, one_less, another_place, other_facts)))
        found.append(draw(kind(found[-1])))
    return tuple(found)


def judged(history: tuple[Many, ...]) -> Iterator[tuple[Stand, Stand]]:
    """Each step judged from the one before it, and as if nothing had been known."""
    before: Stand | None = None
    for step in history:
        host = step.host()
        targets = select(host, Selection())
        before = stand(host, targets, before)
        yield before, stand(host, targets)


# Each example judges three networks up to eight times, with every check and every road.
@settings(max_examples=settings().max_examples // 10)
@given(histories())
def test_what_is_judged_again_in_part_is_what_is_judged_whole(history: tuple[Many, ...]) -> None:
    for partly, whole in judged(history):
        assert partly.findings() == whole.findings()
        assert [one.verdict for one in partly.known] == [one.verdict for one in whole.known]


def test_the_engine_says_the_same_of_it() -> None:
    dropped = msgspec.structs.replace(HEALTHY, dead=frozenset({1}), rules=(DROP_ON_2, *HEALTHY.rules))
    for step in (HEALTHY, dropped):
        host = step.host()
        targets = select(host, Selection())
        report = diagnose(Facts(host=host), targets, (), "now", planned=False)
        mine = stand(host, targets)
        assert mine.findings() == tuple(one.finding for one in report.findings)
        assert [one.verdict for one in mine.known] == [one.verdict for one in report.targets]
        assert mine.verdict is report.verdict


DROP_ON_2: Written = ("filter", "INPUT", "-i virbr2 -p udp -m udp --dport 67 -j DROP")


def how_many(rule: Written, count: int = 9) -> int:
    """Of `count` networks that are well, those that are judged again when this rule comes first."""
    well = msgspec.structs.replace(many(count), boots_outside=False)
    host = well.host()
    before = stand(host, select(host, Selection()))
    after = msgspec.structs.replace(well, rules=(rule, *well.rules)).host()
    return stand(after, select(after, Selection()), before).judged


def test_a_rule_that_nobody_meets_has_nobody_judged() -> None:
    assert how_many(("filter", "INPUT", "-s 198.51.100.7/32 -j DROP")) == 0
    assert how_many(("filter", "INPUT", "-p tcp -m tcp --dport 22 -j ACCEPT")) == 0


def test_a_rule_about_one_bridge_has_its_guests_judged() -> None:
    assert how_many(DROP_ON_2) == 1
    assert how_many(("nat", "POSTROUTING", "-s 10.0.2.0/24 ! -d 10.0.2.0/24 -j MASQUERADE")) == 1


def test_a_rule_about_everybody_has_everybody_judged() -> None:
    assert how_many(("filter", "INPUT", "-p udp -m udp --dport 67 -j DROP")) == 9
    assert how_many(("filter", "INPUT", "-j LIBVIRT_INP")) == 9


def test_a_rule_that_breaks_it_and_is_listed_in_another_line_is_told_with_that_line() -> None:
    drop: Written = ("filter", "INPUT", "-p udp -m udp --dport 67 -j DROP")
    jump = HEALTHY.rules[1]
    rest = tuple(rule for rule in HEALTHY.rules if rule != jump)
    before = msgspec.structs.replace(HEALTHY, rules=(drop, jump, *rest))
    for partly, whole in judged((before, msgspec.structs.replace(HEALTHY, rules=(jump, drop, *rest)))):
        assert partly.findings() == whole.findings()


def test_what_only_a_few_checks_read_has_no_road_walked() -> None:
    before_host = HEALTHY.host()
    before = stand(before_host, select(before_host, Selection()))
    after = msgspec.structs.replace(HEALTHY, logs=("nf_conntrack: table full, dropping packet",)).host()
    again = stand(after, select(after, Selection()), before)
    assert again.judged == 0
    assert again.findings() == stand(after, select(after, Selection())).findings()
