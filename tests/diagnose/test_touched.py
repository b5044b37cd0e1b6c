"""Whether a rule that came or went can be different for a target."""

import pytest

from many_networks import HEALTHY_TWO
from pxedoctor.diagnose.changed import EVERYTHING, Change, ChangedRule
from pxedoctor.diagnose.selected import select
from pxedoctor.diagnose.selection import Selection
from pxedoctor.diagnose.touched import Concern, touches, words_of
from pxedoctor.netfilter.seen import Family, Hook, Packet, Place
from ruletexts import rule_of, saved_table

ON_VIRBR0 = (
    Packet(name="DISCOVER", ethertype=0x0800, source="0.0.0.0", protocol=17, destination_port=67),
    Place(family=Family.IP, hook=Hook.INPUT, in_device="virbr0"),
)
CLEAR = Concern(shown=(ON_VIRBR0,), words=frozenset({"virbr0", "10.0.0."}), clear=True)


def changed(text: str, family: str = "ip") -> Change:
    table = saved_table(f"*filter\n:INPUT ACCEPT [0:0]\n-A INPUT {text}\nCOMMIT\n")
    return Change(relisted=True, rules=(ChangedRule(family, rule_of(table, "INPUT", f"-A INPUT {text}")),))


@pytest.mark.parametrize(
    "text",
    [
        "-p udp -m udp --dport 67 -j DROP",
        "-i virbr+ -j DROP",
        "-m mark --mark 0x1 -j DROP",
        "-m string --string x --algo bm -j DROP",
        "-s 10.0.0.0/24 ! -d 10.0.0.0/24 -j MASQUERADE",
        "-o virbr0 -j DROP",
    ],
)
def test_what_a_packet_may_meet_and_what_speaks_of_it_touches_it(text: str) -> None:
    assert touches(changed(text), CLEAR)


@pytest.mark.parametrize(
    "text", ["-s 198.51.100.7/32 -j DROP", "-i virbr7 -j DROP", "-p tcp -m tcp --dport 67 -j DROP", "-o virbr7 -j DROP"]
)
def test_what_no_packet_of_it_can_meet_does_not(text: str) -> None:
    assert not touches(changed(text), CLEAR)


def test_rules_of_another_family_do_not() -> None:
    assert not touches(changed("-p udp -m udp --dport 67 -j DROP", family="arp"), CLEAR)


def test_whoever_has_a_fault_about_rules_is_touched_by_every_rule() -> None:
    broken = Concern(shown=CLEAR.shown, words=CLEAR.words, clear=False)
    assert touches(changed("-s 198.51.100.7/32 -j DROP"), broken)
    assert touches(Change(relisted=True), broken), "the rule that breaks it has another line now, and says so"
    assert not touches(Change(relisted=True), CLEAR)
    assert not touches(Change(facts=frozenset({"logs"})), broken)


def test_everything_is_everybody_s() -> None:
    assert touches(EVERYTHING, CLEAR)


def test_its_words_are_its_bridge_its_ports_and_what_its_addresses_begin_with() -> None:
    host = HEALTHY_TWO.host()
    assert words_of(host, select(host, Selection())[0]) == {"virbr0", "vnet0", "10.0.0."}
