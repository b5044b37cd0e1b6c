"""Two looks at one host: single rules that came or went, other facts, or more than anybody can say whom it concerns."""

import msgspec
import pytest

from many_networks import HEALTHY_TWO as HEALTHY
from many_networks import Written
from pxedoctor.diagnose.changed import EVERYTHING, Change, change
from pxedoctor.model.link import Counters

DROP: Written = ("filter", "INPUT", "-s 198.51.100.7/32 -j DROP")


def after(*rules: Written, **others: object) -> Change:
    """Since everything was healthy: with these rules first."""
    now = msgspec.structs.replace(HEALTHY, rules=(*rules, *HEALTHY.rules), **others)
    return change(HEALTHY.host(), now.host())


def test_nothing() -> None:
    assert change(HEALTHY.host(), HEALTHY.host()) == Change()


def test_packets_that_a_device_has_counted_are_nothing() -> None:
    before = HEALTHY.host()
    assert isinstance(before.links, tuple)
    moved = tuple(msgspec.structs.replace(link, counters=Counters(rx_packets=9)) for link in before.links)
    assert change(before, msgspec.structs.replace(before, links=moved)) == Change()


def test_a_rule_that_came_and_one_that_went() -> None:
    come = after(DROP)
    assert [(one.family, one.rule.text) for one in come.rules] == [("ip", f"-A INPUT {DROP[2]}")]
    gone = msgspec.structs.replace(HEALTHY, rules=HEALTHY.rules[:-1])
    (rule,) = change(HEALTHY.host(), gone.host()).rules
    assert rule.rule.text.endswith("-j CHECKSUM --checksum-fill")
    assert not come.everything


def test_other_facts_by_name() -> None:
    assert after(DROP, logs=("a line",)).facts == {"logs"}
    assert after(dead=frozenset({0})).facts == {"processes"}


@pytest.mark.parametrize(
    "rule",
    [
        ("filter", "INPUT", "-j LIBVIRT_INP"),
        ("filter", "another-chain", "-s 198.51.100.7/32 -j DROP"),
        ("filter", "INPUT", "-j ACCEPT"),
    ],
    ids=["a jump", "a chain more", "a rule for every packet"],
)
def test_of_these_nobody_can_say_whom_they_concern(rule: Written) -> None:
    assert after(rule) == EVERYTHING


def test_a_policy_and_another_order_are_everybody_s() -> None:
    assert after(policy="DROP") == EVERYTHING
    turned = msgspec.structs.replace(HEALTHY, rules=tuple(reversed(HEALTHY.rules)))
    assert change(HEALTHY.host(), turned.host()) == EVERYTHING


def test_of_very_many_rules_nobody_asks_whom_each_concerns() -> None:
    many: tuple[Written, ...] = tuple(("filter", "INPUT", f"-s 198.51.100.{n}/32 -j DROP") for n in range(65))
    assert after(*many) == EVERYTHING
