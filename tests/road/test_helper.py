"""Whether conntrack's helper follows TFTP: which requests come to the rule that gives it."""

import pytest

from boots import ON_DEFAULT, from_outside
from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.netfilter.ruleset import Ruleset
from pxedoctor.road.exchange import road_of
from pxedoctor.road.helper import is_helped, translates_tftp
from pxedoctor.road.hop import Fate
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.stack import HELP_NOT_KNOWN, NOT_EXPECTED
from rulesets import LIBVIRT, saved

RAW = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING {}-p udp -j CT --helper tftp\nCOMMIT\n"
UNKNOWN = Missing("forbidden", "only root", "")


@pytest.mark.parametrize(
    ("rules", "fate", "why"),
    [
        (LIBVIRT, Fate.DROP, NOT_EXPECTED),
        (LIBVIRT + RAW.format(""), Fate.PASS, None),
        (LIBVIRT + RAW.format("-s 10.0.0.0/8 "), Fate.DROP, NOT_EXPECTED),
        (LIBVIRT + RAW.format("-s 192.168.122.7/32 "), Fate.UNKNOWN, HELP_NOT_KNOWN),
    ],
    ids=["no helper", "for all", "for others", "for some guests"],
)
def test_data_behind_nat(rules: str, fate: Fate, why: str | None) -> None:
    road = road_of(from_outside(saved(rules)), ON_DEFAULT, PacketName.TFTP_DATA)
    assert road is not None
    routed = [hop for hop in road.hops if hop.why in {NOT_EXPECTED, HELP_NOT_KNOWN}]
    assert [hop.why for hop in routed] == ([why] if why else [])
    assert (routed[0].predicted if routed else road.fate) is fate


def test_where_only_some_guests_have_the_helper_the_end_is_open_and_not_libvirts_reject() -> None:
    rules = LIBVIRT + RAW.format("-s 192.168.122.7/32 ")
    road = road_of(from_outside(saved(rules)), ON_DEFAULT, PacketName.TFTP_DATA)
    assert road is not None
    assert road.fate is Fate.UNKNOWN


def test_without_sysctls_it_is_not_known() -> None:
    assert is_helped(host(sysctls=UNKNOWN), Ruleset(), lambda _: ()) is None
    assert is_helped(host(sysctls={}), Ruleset(), lambda _: ()) is False


@pytest.mark.parametrize(
    ("modules", "known"),
    [
        ((), True),
        (("nf_conntrack", "nf_nat_tftp"), True),
        (("nf_conntrack", "nf_conntrack_tftp"), False),
        (UNKNOWN, None),
    ],
)
def test_nats_half_of_the_helper(modules: object, known: bool | None) -> None:
    assert translates_tftp(host(modules=modules)) is known
