"""Which of several packets a rule ends, at which hooks, and where nobody can tell."""

from boots import ON_DEFAULT, on_libvirt
from pxedoctor.findings.outcome import Unknown
from pxedoctor.model.netfilter import RulesText
from pxedoctor.road.ended import FROM_HOST, TO_HOST, ended
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import Refused
from rulesets import base_chain, native

ASKED = (PacketName.DISCOVER, PacketName.OFFER_BROADCAST)


def dropping(*rules: str, hook: str = "input") -> RulesText:
    return native("inet", "host", base_chain(hook, *rules, hook=hook))


def test_the_first_that_a_rule_ends() -> None:
    found = ended(on_libvirt(dropping("udp dport 67 drop")), ON_DEFAULT, ASKED, (*TO_HOST, *FROM_HOST))
    assert isinstance(found, Refused)
    assert (found.packet, found.hop.hook) == (PacketName.DISCOVER, "ip input")


def test_only_at_the_hooks_that_are_asked_for() -> None:
    known = on_libvirt(dropping("udp dport 67 drop"))
    assert ended(known, ON_DEFAULT, ASKED, FROM_HOST) is None
    answers = on_libvirt(dropping("udp sport 67 drop", hook="output"))
    found = ended(answers, ON_DEFAULT, ASKED, FROM_HOST)
    assert isinstance(found, Refused)
    assert found.packet is PacketName.OFFER_BROADCAST


def test_a_rule_that_nobody_models_is_unknown_and_its_listing_would_help() -> None:
    found = ended(on_libvirt(dropping("socket transparent 1 drop")), ON_DEFAULT, ASKED, TO_HOST)
    assert isinstance(found, Unknown)
    assert found.would_help == "see `nft -a list table inet host`"


def test_all_come_through() -> None:
    assert ended(on_libvirt(), ON_DEFAULT, ASKED, (*TO_HOST, *FROM_HOST)) is None
