"""road.vlan against a real kernel's word: recorded settings of a bridge that filters by VLAN, and who got through."""

from pathlib import Path

import pytest

from builders import bridge, port
from pxedoctor.access.answer import Text, run_question
from pxedoctor.collect.ask.bridges import VLANS
from pxedoctor.collect.vlans import vlans_of
from pxedoctor.model.bridge import Bridge, Vlan
from pxedoctor.road.hop import Fate
from pxedoctor.road.vlan import crosses, enters, leaves

RECORDED = [
    line.split("|")
    for line in (Path(__file__).parent / "data/vlan-filtering.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def filtering(listing: str) -> Bridge:
    answers = {run_question(VLANS): Text(listing)}
    ports = tuple(
        port(name).__class__(name=name, state=port(name).state, vlans=vlans_of(answers, name))
        for name in ("vnet0", "eno1")
    )
    return bridge(vlan_filtering=True, vlans=vlans_of(answers, "br0"), ports=ports)


def through(here: Bridge, source: str, target: str) -> bool:
    """Untagged all the way: nobody in the recording knows VLANs."""
    crossed = crosses(here, source, target)
    return crossed.fate is Fate.PASS and not crossed.tagged


@pytest.mark.parametrize("setting", RECORDED, ids=lambda setting: " / ".join(setting[:3]))
def test_who_is_answered_is_what_the_kernel_did(setting: list[str]) -> None:
    here = filtering(setting[5])
    for far, word in (("br0", setting[3]), ("eno1", setting[4])):
        answered = through(here, "vnet0", far) and through(here, far, "vnet0")
        assert word == f"{word.partition('=')[0]}={'yes' if answered else 'no'}", far


def test_the_recording_has_both() -> None:
    assert {setting[3] for setting in RECORDED} == {"up=yes", "up=no"}
    assert {setting[4] for setting in RECORDED} == {"out=yes", "out=no"}


TEN = Vlan(first=10, last=10, pvid=True, untagged=True)


def test_words() -> None:
    ports = (port("vnet0"), port("eno1"))
    here = bridge(vlan_filtering=True, vlans=(), ports=ports)
    assert enters(here, "vnet0").why == "vnet0 has no PVID: a frame without a tag dies there"
    assert enters(here, "vnet0", tag=7).why == "vnet0 is not in VLAN 7"
    assert leaves(here, "br0", 10).why == "br0 is not in VLAN 10"


def test_a_bridge_that_does_not_filter_asks_nobody() -> None:
    here = bridge(vlan_filtering=False, vlans=None, ports=(port("vnet0"),))
    assert enters(here, "vnet0").fate is leaves(here, "br0", 10).fate is crosses(here, "vnet0", "br0").fate is Fate.PASS


@pytest.mark.parametrize(
    "here",
    [
        pytest.param(bridge(vlan_filtering=None, vlans=(TEN,)), id="whether it filters is not known"),
        pytest.param(bridge(vlan_filtering=True, vlans=None), id="its VLANs are not known"),
    ],
)
def test_what_could_not_be_read_is_unknown(here: Bridge) -> None:
    assert enters(here, "br0").fate is Fate.UNKNOWN
    assert leaves(here, "br0", 10).fate is Fate.UNKNOWN
    assert enters(here, "vnet9").fate is Fate.UNKNOWN, "a port that is not there"
