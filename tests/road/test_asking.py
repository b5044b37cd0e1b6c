"""Answers of rules are shared by all packets that the rules cannot tell apart, and by no others."""

import msgspec
import pytest

from pxedoctor.model.netfilter import Unlisted
from pxedoctor.netfilter.ruleset import Ruleset, understood
from pxedoctor.netfilter.seen import Family, Hook, Place, Seen
from pxedoctor.netfilter.walk import Verdict
from pxedoctor.road.asking import Asking
from rule_trees import DISCOVER
from rulesets import base_chain, filter_table, native, netfilter, own_chain, saved


def asking(*listings: object) -> Asking:
    return Asking(understood(netfilter(*listings)))  # type: ignore[arg-type]


def seen(number: int, hook: Hook = Hook.FORWARD, family: Family = Family.IP) -> Seen:
    """The packet of the guest of that number, through a tap of its own."""
    tap = f"vnet{number}"
    device = "br0" if family is Family.IP else tap
    place = Place(family=family, hook=hook, in_device=device, in_index=number, port_in=tap, port_out="eno1")
    return Seen(msgspec.structs.replace(DISCOVER, mac_source=f"52:54:00:00:00:{number:02x}"), place)


@pytest.mark.parametrize(
    "rule",
    [
        "-A FORWARD -p udp -m udp --dport 67 -j DROP",
        "-A FORWARD -i br0 -j DROP",
        "-A FORWARD -p tcp -m physdev --physdev-in vnet7 -j ACCEPT",
    ],
    ids=["nothing of one guest", "the bridge, which all share", "a rule that no guest's DISCOVER gets to the end of"],
)
def test_guests_that_rules_do_not_tell_apart_share_an_answer(rule: str) -> None:
    asked = asking(saved(filter_table(rule)))
    assert asked.at(seen(1)) is asked.at(seen(2))


def test_packets_that_differ_in_name_alone_share_an_answer() -> None:
    asked = asking(saved(filter_table("-A FORWARD -p udp -m udp --dport 67 -j DROP")))
    discover = seen(1)
    request = Seen(msgspec.structs.replace(discover.packet, name="REQUEST"), discover.place)
    assert asked.at(discover) is asked.at(request)


def test_a_port_that_is_still_to_be_made_has_an_answer_of_its_own() -> None:
    """Some other guest's port, which has no name either, may be the one that the rule is for."""
    asked = asking(saved(filter_table("-A FORWARD -m physdev --physdev-in vnet1 -j DROP")))
    unnamed = msgspec.structs.replace(seen(1).place, port_in=None)
    new = msgspec.structs.replace(unnamed, taken=frozenset({"vnet1"}))
    verdicts = [asked.at(Seen(DISCOVER, place)).verdict for place in (unnamed, new)]
    assert verdicts == [Verdict.UNKNOWN, Verdict.ACCEPT]


@pytest.mark.parametrize(
    "rule",
    [
        "-A FORWARD -m physdev --physdev-in vnet1 -j DROP",
        "-A FORWARD -m mac --mac-source 52:54:00:00:00:01 -j DROP",
    ],
    ids=["its tap", "its MAC"],
)
def test_a_guest_that_a_rule_names_has_an_answer_of_its_own(rule: str) -> None:
    asked = asking(saved(filter_table(rule)))
    verdicts = [asked.at(seen(number)).verdict for number in (1, 2, 3)]
    assert verdicts == [Verdict.DROP, Verdict.ACCEPT, Verdict.ACCEPT]
    assert asked.at(seen(1)).verdict is Verdict.DROP


def test_by_number_and_by_name_at_the_bridge() -> None:
    rules = native("bridge", "b", base_chain("c", "iif 1 drop", 'iifname "vnet2" drop', hook="forward"))
    asked = asking(rules)
    verdicts = [asked.at(seen(number, family=Family.BRIDGE)).verdict for number in (1, 2, 3)]
    assert verdicts == [Verdict.DROP, Verdict.DROP, Verdict.ACCEPT]


def test_a_devices_own_chain_is_its_own() -> None:
    chain = "\tchain c { # handle 1\n\t\ttype filter hook ingress device vnet1 priority 0; policy drop;\n\t}\n"
    asked = asking(native("netdev", "n", chain))
    places = [seen(number, Hook.INGRESS, Family.NETDEV) for number in (1, 2)]
    assert [asked.at(place).verdict for place in places] == [Verdict.DROP, Verdict.ACCEPT]


def test_hooks_without_rules_need_not_be_asked() -> None:
    asked = asking(saved(filter_table("")), native("inet", "i", base_chain("c", hook="prerouting")))
    assert asked.are_at(seen(1, Hook.FORWARD).place)
    assert asked.are_at(seen(1, Hook.PREROUTING, Family.IP6).place)
    assert not asked.are_at(seen(1, Hook.POSTROUTING).place)
    assert not asked.are_at(seen(1, Hook.FORWARD, Family.BRIDGE).place)


def test_rules_that_could_not_be_listed_may_be_anywhere() -> None:
    asked = Asking(Ruleset(unlisted=(Unlisted(family="", why="nft failed"),)))
    assert asked.are_at(seen(1, Hook.POSTROUTING).place)
    assert asked.at(seen(1)).verdict is Verdict.UNKNOWN


def test_a_frame_that_br_netfilter_carried_is_no_other_bridges() -> None:
    """The chain of NAT is asked for the first of the copies that a bridge makes, and whether this is the first nobody
    can tell: of two bridges one may have br_netfilter, and no rule need ask for a port."""
    nat = own_chain("c", "type nat hook postrouting priority 100; policy accept;", "masquerade")
    asked = asking(native("ip", "n", nat))
    place = Place(family=Family.IP, hook=Hook.POSTROUTING, out_device="br0")
    plain, carried = (asked.at(Seen(DISCOVER, one)) for one in (place, msgspec.structs.replace(place, port_in="vnet1")))
    assert [(len(one.rewrites), len(one.may_rewrite)) for one in (plain, carried)] == [(1, 0), (0, 1)]
