"""`bridge -j vlan show`, as versions of iproute2 print it, and as a stranger might."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Text, run_question
from pxedoctor.collect.ask.bridges import VLANS
from pxedoctor.collect.vlans import vlans_of
from pxedoctor.model.bridge import Vlan

TEN = Vlan(first=10, last=10, pvid=True, untagged=True)


def told(answer: Answer | str, device: str = "vnet0") -> tuple[Vlan, ...] | None:
    return vlans_of({run_question(VLANS): Text(answer) if isinstance(answer, str) else answer}, device)


def test_a_list_of_objects() -> None:
    text = '[{"ifname":"vnet0","vlans":[{"vlan":10,"flags":["PVID","Egress Untagged"]},{"vlan":20,"vlanEnd":30}]}]'
    assert told(text) == (TEN, Vlan(first=20, last=30))


def test_an_object_by_device_as_before_4_19() -> None:
    assert told('{"vnet0":[{"vlan":10,"flags":["PVID","Egress Untagged"]}],"br0":[{"vlan":1}]}') == (TEN,)


def test_a_device_that_is_not_listed_is_in_none() -> None:
    assert told('[{"ifname":"br0","vlans":[{"vlan":1}]}]') == ()
    assert told("") == ()


@pytest.mark.parametrize(
    "answer",
    [
        Absent("bridge is not installed"),
        "nonsense",
        '[{"ifname":"vnet0","vlans":[{"vlan":0}]}]',
        '[{"ifname":"vnet0","vlans":[{"vlan":"10"}]}]',
        '[{"ifname":"vnet0","vlans":[{"vlan":10,"vlanEnd":5}]}]',
        '[{"ifname":"vnet0","vlans":[{"vlan":10,"vlanEnd":"x"}]}]',
        '[{"ifname":"vnet0","vlans":[{"vlan":10,"flags":"PVID"}]}]',
        '[{"ifname":"vnet0","vlans":[7]}]',
        '[{"ifname":"vnet0","vlans":7}]',
    ],
)
def test_what_is_not_understood_is_not_known(answer: Answer | str) -> None:
    assert told(answer) is None
