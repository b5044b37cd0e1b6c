"""A sysfs that belongs to another network namespace is told from one in which a device has just come or gone."""

import json

import pytest

from pxedoctor.access.answer import Answer, Text
from pxedoctor.collect import bridges
from pxedoctor.collect.own_sysfs import is_of_another_namespace
from pxedoctor.model.fact import Missing
from recorded import BRIDGE, running_guest

IP = "run ip -j -d -s -s address show"
LO = {"ifname": "lo", "ifindex": 1}
BR7 = {"ifname": "br7", "ifindex": 2, "linkinfo": {"info_kind": "bridge"}}


def answers(*links: dict[str, object], index: str = "") -> dict[str, Answer]:
    told: dict[str, Answer] = {IP: Text(json.dumps(links))}
    return told | ({"read /sys/class/net/br7/ifindex": Text(index)} if index else {})


@pytest.mark.parametrize(
    ("told", "listing"),
    [
        (answers(LO, BR7), {"lo", "eth0", "virbr0"}),
        (answers(LO, BR7), {"lo"}),
        (answers(LO, BR7, index="9\n"), {"lo", "br7"}),
    ],
    ids=["other devices", "none", "another of that name"],
)
def test_it_is_another_namespaces(told: dict[str, Answer], listing: set[str]) -> None:
    assert is_of_another_namespace(told, frozenset(listing))


@pytest.mark.parametrize(
    ("told", "listing"),
    [
        (answers(LO, BR7, index="2\n"), {"lo", "br7", "new"}),
        (answers(LO, BR7), {"lo", "br7"}),
        (answers(LO, BR7, {"ifname": "eth0", "ifindex": 3}), {"lo", "eth0"}),
        (answers(LO), {"lo", "eth0"}),
        ({}, {"lo", "eth0"}),
    ],
    ids=["a device came", "numbers not read", "the bridge went", "no bridge", "ip not heard"],
)
def test_it_may_be_this_ones(told: dict[str, Answer], listing: set[str]) -> None:
    assert not is_of_another_namespace(told, frozenset(listing))


def test_the_bridges_are_not_known_then() -> None:
    found = bridges.parse(running_guest(**{f"read /sys/class/net/{BRIDGE}/ifindex": "77777\n"}))
    assert isinstance(found, Missing)
    assert "another network namespace" in found.why
    assert "ip netns exec" in found.would_help
