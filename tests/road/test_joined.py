"""Many witnesses, one life a packet."""

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import HeardEvent, Traced, WitnessName
from pxedoctor.road.hop import Fate
from pxedoctor.road.joined import joined
from pxedoctor.road.life import Packet
from pxedoctor.wire.dhcp4 import MessageType
from trace_builders import ALL, BRIDGE, TAP, UPLINK, content, discover, freed, heard, offer, received, rule, traced

LENGTH = len(content(MessageType.DISCOVER))


def only(seen: Traced) -> Packet:
    packets = joined(seen)
    assert len(packets) == 1
    return packets[0]


def test_copies_of_one_packet_are_one_life() -> None:
    packet = only(traced(frames=discover(1.0, BRIDGE, UPLINK)))
    assert (packet.kind, packet.xid, packet.number) == ("DISCOVER", "00c0ffee", 1)
    assert [seen.hop for seen in packet.sightings] == [Hop.TAP, Hop.BRIDGE, Hop.UPLINK]


def test_a_retransmission_is_a_packet_of_its_own() -> None:
    packets = joined(traced(frames=(*discover(1.0, BRIDGE), *discover(2.0, BRIDGE))))
    assert [packet.number for packet in packets] == [1, 2]
    assert [len(packet.sightings) for packet in packets] == [2, 2]


def test_a_retransmission_within_a_moment_is_told_by_the_same_device() -> None:
    packets = joined(traced(frames=(*discover(1.0, BRIDGE), *discover(1.1, BRIDGE))))
    assert [packet.number for packet in packets] == [1, 2]


def test_the_two_directions_are_kept_apart() -> None:
    packets = joined(traced(frames=(*discover(1.0, BRIDGE), *offer(1.01, BRIDGE, TAP))))
    assert [packet.direction for packet in packets] == ["from-guest", "to-guest"]
    assert [seen.hop for seen in packets[1].sightings] == [Hop.OUTPUT, Hop.EGRESS]


def test_another_guests_packets_are_left_out() -> None:
    assert joined(traced(mac="52:54:00:00:00:99", frames=discover(1.0, BRIDGE))) == ()


def test_the_kernels_drop_is_joined_by_the_buffer() -> None:
    events = (received(1.0005, TAP, LENGTH), freed(1.0006, "br_handle_frame+0xff", "BRIDGE_INGRESS_STP_STATE"))
    died = only(traced(frames=discover(), events=events)).died
    assert died is not None
    assert (died.hop, died.device, died.witness, died.reason) == (
        Hop.PORT,
        TAP,
        WitnessName.KERNEL,
        "BRIDGE_INGRESS_STP_STATE",
    )


def test_a_copy_that_was_never_seen_is_joined_by_its_processor() -> None:
    events = (received(1.0005, TAP, LENGTH), freed(1.0006, "br_handle_frame_finish", buffer="copy"))
    died = only(traced(frames=discover(), events=events)).died
    assert died is not None
    assert died.hop is Hop.ADMISSION


def test_what_a_processor_gives_up_next_is_anothers() -> None:
    """Beside a flood whose devices are not told of, the next drops there are the flood's."""
    flood = tuple(freed(1.0007 + 0.0001 * number, "udp_rcv", buffer=f"f{number}") for number in range(5))
    events = (received(1.0005, TAP, LENGTH), freed(1.0006, "br_handle_frame_finish", buffer="copy"), *flood)
    packet = only(traced(frames=discover(), events=events))
    dropped = [seen for seen in packet.sightings if seen.witness is WitnessName.KERNEL]
    assert [seen.hop for seen in dropped] == [Hop.ADMISSION]


def test_a_drop_on_another_processor_or_of_another_length_is_not_this_packets() -> None:
    elsewhere = (received(1.0005, TAP, LENGTH), freed(1.0006, "br_handle_frame", buffer="b", cpu=1))
    longer = (received(1.0005, TAP, LENGTH + 60), freed(1.0006, "br_handle_frame"))
    later = (received(1.0005, TAP, LENGTH), freed(1.2, "br_handle_frame"))
    for events in (elsewhere, longer, later):
        assert only(traced(frames=discover(), events=events)).died is None


def test_a_rules_word_is_joined_by_the_xid_that_it_quotes() -> None:
    said = rule(1.02, "drop", frame_=content(MessageType.DISCOVER))
    died = only(traced(frames=discover(1.0, BRIDGE), rules=(said,))).died
    assert died is not None
    assert died.rule is not None
    assert (died.hop, died.rule.handle, died.fate) == (Hop.INPUT, 3, Fate.DROP)


def test_rule_and_kernel_say_the_same_thing_once() -> None:
    said = rule(1.02, "drop", frame_=content(MessageType.DISCOVER))
    events = (received(1.0005, BRIDGE, LENGTH), freed(1.0006, "nft_do_chain+0x46f", "NETFILTER_DROP"))
    packet = only(traced(frames=discover(1.0, BRIDGE), rules=(said,), events=events))
    assert [seen.witness for seen in packet.sightings if seen.fate is Fate.DROP] == [WitnessName.RULES]


def test_without_frames_a_rule_still_tells_a_question_from_an_answer() -> None:
    said = rule(1.0, "drop", frame_=content(MessageType.DISCOVER))
    packet = only(traced(rules=(said,), witnesses=ALL[1:]))
    assert (packet.kind, packet.direction, packet.xid) == ("BOOTREQUEST", "from-guest", "00c0ffee")


def test_hostile_frames_are_nobodys_packet() -> None:
    cut = heard(MessageType.DISCOVER, TAP, "in", 1.0)
    broken = [replace(cut, content=cut.content[:n]) for n in range(0, 60, 5)]
    assert joined(traced(frames=tuple(broken))) == ()


def test_what_left_and_was_not_wanted_behind_another_port_is_no_drop_of_this_host() -> None:
    sent = HeardEvent(at=1.0001, cpu=0, event="xmit", device=UPLINK, buffer="a", length=LENGTH)
    seen = traced(frames=discover(1.0, BRIDGE, UPLINK), events=(sent, freed(1.0002, "__udp4_lib_rcv", "NOT_SPECIFIED")))
    assert only(seen).died is None


def test_a_bridge_of_another_namespace_behind_the_uplink_drops_nothing_of_this_host() -> None:
    """A switch's own port that still listens, on the same kernel: the buffer was seen as it left by the uplink."""
    sent = replace(received(1.00004, UPLINK, LENGTH + 14), event="queue")
    drop = freed(1.00005, "br_handle_frame", "BRIDGE_INGRESS_STP_STATE")
    (packet,) = joined(traced(frames=discover(1.0, BRIDGE, UPLINK), events=(sent, drop)))
    assert packet.died is None
    came = received(1.00004, TAP, LENGTH)
    (own,) = joined(traced(frames=discover(1.0), events=(came, drop)))
    assert own.died is not None
    assert own.died.hop is Hop.PORT


def test_what_the_host_sends_has_to_be_admitted_by_its_own_bridge() -> None:
    sent = replace(received(1.01001, BRIDGE, LENGTH + 14), event="queue")
    not_in_vlan = freed(1.01002, "br_allowed_ingress", "NOT_SPECIFIED")
    died = only(traced(frames=offer(1.01, BRIDGE), events=(sent, not_in_vlan))).died
    assert died is not None
    assert died.hop is Hop.ADMISSION


def test_an_answer_whose_port_was_masqueraded_is_the_one_that_the_rules_before_quote() -> None:
    sent = content(MessageType.OFFER)
    left = sent[:34] + (1027).to_bytes(2) + sent[36:]
    frames = tuple(replace(seen, content=left) for seen in offer(1.0, BRIDGE, TAP))
    said = rule(1.02, "accept", chain="OUTPUT", hook="output", frame_=sent)
    packet = only(traced(frames=frames, rules=(said,)))
    assert packet.source == "192.168.160.1:1027"
    assert {seen.witness for seen in packet.sightings} == {WitnessName.FRAMES, WitnessName.RULES}


def test_an_answer_of_another_server_is_another_packet() -> None:
    other = content(MessageType.OFFER).replace(bytes([192, 168, 160, 1]), bytes([192, 168, 160, 2]))
    said = rule(1.02, "drop", chain="OUTPUT", hook="output", frame_=other)
    assert [packet.kind for packet in joined(traced(frames=offer(1.0, BRIDGE, TAP), rules=(said,)))] == [
        "OFFER",
        "BOOTREPLY",
    ]


def test_answers_of_which_only_rules_tell_are_as_many_as_were_sent() -> None:
    said = [
        replace(rule(at, "drop", chain="OUTPUT", hook="output", frame_=content(MessageType.OFFER)), mark=mark)
        for mark, at in enumerate((1.0, 3.0, 3.01, 5.0))
    ]
    assert [packet.number for packet in joined(traced(rules=tuple(said)))] == [1, 2, 3]


def test_a_rule_that_is_told_late_means_the_last_packet_before_it() -> None:
    tries = (*discover(1.0, BRIDGE), *discover(3.0, BRIDGE))
    said = rule(8.0, "drop", frame_=content(MessageType.DISCOVER))
    packets = joined(traced(frames=tries, rules=(said,)))
    assert [packet.died is not None for packet in packets] == [False, True]


def test_what_tc_drops_before_the_guests_port_is_dropped_there_and_not_at_the_bridge_which_sent_it() -> None:
    """tc comes before the queue of which the kernel tells (net/core/dev.c)."""
    sent = HeardEvent(at=1.0001, cpu=0, event="xmit", device=BRIDGE, buffer="a", length=LENGTH)
    frames = (*discover(0.999, BRIDGE), *offer(1.0, BRIDGE))
    for tap in (TAP, None):
        seen = traced(tap=tap, frames=frames, events=(sent, freed(1.0002, "__dev_queue_xmit+0x9", "TC_EGRESS")))
        died = joined(seen)[-1].died
        assert died is not None
        assert (died.hop, died.device, died.reason) == (Hop.EGRESS, TAP, "TC_EGRESS")


def test_what_tc_drops_before_the_uplink_is_dropped_there() -> None:
    events = (received(1.0005, TAP, LENGTH), freed(1.0006, "__dev_queue_xmit+0x9", "TC_EGRESS"))
    died = only(traced(frames=discover(), events=events)).died
    assert died is not None
    assert (died.hop, died.device) == (Hop.EGRESS, UPLINK)


def test_what_tc_drops_as_the_bridge_sends_it_is_the_answer_of_which_rules_alone_told() -> None:
    """No device was told of with it: the processor's last one is the question's."""
    said = rule(1.003, "accept", chain="POSTROUTING", hook="postrouting", frame_=content(MessageType.OFFER))
    events = (received(1.0, BRIDGE, LENGTH), freed(1.0005, "__dev_queue_xmit+0x9", "TC_EGRESS", buffer="new"))
    question, answer = joined(traced(frames=discover(1.0, BRIDGE), rules=(said,), events=events))
    assert question.died is None
    assert answer.died is not None
    assert (answer.died.hop, answer.died.device, answer.died.reason) == (Hop.EGRESS, BRIDGE, "TC_EGRESS")
    # By time alone: it may be another's.
    assert answer.died.or_near


def test_an_answer_may_have_the_buffer_that_the_question_had() -> None:
    """What this host has taken is given up, and the kernel makes the next packet there: the address says nothing."""
    said = rule(1.003, "accept", chain="POSTROUTING", hook="postrouting", frame_=content(MessageType.OFFER))
    for device, at in ((BRIDGE, 1.0), (TAP, 0.9)):
        events = (received(at, device, LENGTH), freed(1.0005, "__dev_queue_xmit+0x9", "TC_EGRESS"))
        question, answer = joined(traced(frames=discover(1.0, BRIDGE), rules=(said,), events=events))
        assert question.died is None
        assert answer.died is not None
        assert (answer.died.hop, answer.died.device, answer.died.reason) == (Hop.EGRESS, BRIDGE, "TC_EGRESS")


def test_a_drop_long_after_an_answers_word_is_not_the_answers() -> None:
    """Before it is another thing: the reader of netlink may be slow."""
    said = rule(3.0, "accept", chain="POSTROUTING", hook="postrouting", frame_=content(MessageType.OFFER))
    for at, is_its in ((1.0, True), (3.5, False)):
        events = (freed(at, "__dev_queue_xmit+0x9", "TC_EGRESS", buffer="new"),)
        assert (only(traced(rules=(said,), events=events)).died is not None) is is_its


def test_what_the_bridge_does_not_hand_up_ends_at_the_bridge_and_not_at_the_port_where_it_came_in() -> None:
    events = (received(1.0005, TAP, LENGTH), freed(1.0006, "br_pass_frame_up+0x9", "NOT_SPECIFIED"))
    died = only(traced(frames=discover(), events=events)).died
    assert died is not None
    assert (died.hop, died.device) == (Hop.BRIDGE, BRIDGE)


def test_the_mark_at_the_guests_port_is_no_place_of_a_packet() -> None:
    """It came in there, as frames tell, and was not seen at a hook behind."""
    mark = replace(
        rule(1.0, "continue", "ingress", "ingress", content(MessageType.DISCOVER)),
        family="netdev",
        table="pxedoctor_trace_7",
    )
    packet = joined(traced(frames=discover(), rules=(mark,)))[0]
    assert [seen.hop for seen in packet.sightings] == [Hop.TAP]
    others = joined(traced(frames=discover(), rules=(replace(mark, table="theirs"),)))[0]
    assert [seen.hop for seen in others.sightings if seen.witness is WitnessName.RULES] == [Hop.INGRESS]
