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
