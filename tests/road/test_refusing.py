"""What refuses a packet, in the words of a headline and as evidence."""

from boots import ON_BR0, in_lan, on_own_bridge
from pxedoctor.road.exchange import road_of
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import first_refused, first_unknown, refused, subject, told, where
from rulesets import UFW, filter_table, saved

_SHUT = filter_table("-A INPUT -i lo -j ACCEPT", policy="DROP")


def test_a_policy_is_named_with_its_chain() -> None:
    found = first_refused(on_own_bridge(saved(_SHUT)), ON_BR0, (PacketName.OFFER_UNICAST, PacketName.DISCOVER))
    assert found is not None
    assert (found.packet, found.hop.hook) == (PacketName.DISCOVER, "ip input")
    assert subject(found.rule) == "The policy DROP of ip filter INPUT"
    assert where(found.rule) == "ip filter INPUT"


def test_a_rule_is_quoted_with_its_owner_and_a_long_one_is_cut() -> None:
    found = first_refused(on_own_bridge(saved(UFW)), ON_BR0, (PacketName.DISCOVER,))
    assert found is not None
    assert subject(found.rule) == (
        "The rule `-A ufw-skip-to-policy-input -j DROP` of ip filter ufw-skip-to-policy-input (ufw)"
    )
    long = filter_table(f'-A INPUT -p udp -m comment --comment "{"x" * 200}" -j DROP')
    cut = first_refused(on_own_bridge(saved(long)), ON_BR0, (PacketName.DISCOVER,))
    assert cut is not None
    assert subject(cut.rule).endswith("...` of ip filter INPUT")
    assert told(cut)[0].value == cut.rule.text


def test_evidence_says_where_it_is_found_again_and_whose_it_is() -> None:
    found = first_refused(on_own_bridge(saved(UFW)), ON_BR0, (PacketName.DISCOVER,))
    assert found is not None
    rule, owner = told(found)
    assert rule.origin == "ip filter ufw-skip-to-policy-input, line 26 (`iptables-nft-save`)"
    assert (owner.text, owner.value) == ("chain ufw-skip-to-policy-input is ufw's", "ufw")


def test_what_comes_through_or_dies_of_no_rule_is_not_refused() -> None:
    assert first_refused(on_own_bridge(), ON_BR0, tuple(PacketName)) is None
    nobody = on_own_bridge(bridges=())
    assert refused(road_of(nobody, ON_BR0, PacketName.DISCOVER)) is None
    assert refused(None) is None


def test_where_nobody_can_tell() -> None:
    strange = on_own_bridge(saved(filter_table("-A INPUT -p udp -m quota2 --name x -j DROP")))
    hop = first_unknown(strange, ON_BR0, (PacketName.DISCOVER,), ("ip input",))
    assert hop is not None
    assert "quota2" in hop.why
    assert first_unknown(strange, ON_BR0, (PacketName.DISCOVER,), ("ip output",)) is None
    assert first_unknown(in_lan(), ON_BR0, (PacketName.DISCOVER,), ("ip forward",)) is None
