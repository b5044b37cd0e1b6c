"""A drop in another network namespace is not the guest's, however near it is."""

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import HeardEvent
from pxedoctor.road.drop_origin import Origins, was_queued
from pxedoctor.road.joined import joined
from pxedoctor.trace import event_line
from pxedoctor.wire.dhcp4 import MessageType
from trace_builders import BRIDGE, TAP, content, discover, freed, offer, received, rule, traced

# Linux 6.18: a veth in another network namespace whose tbf is full, with packets as long as an OFFER. Of what a queue
# gives up its device has always told before.
ELSEWHERE = """\
         python3-25090   [000] b.... 87276.499205: net_dev_queue: dev=oth0 skbaddr=00000000141c0b4d len=342
         python3-25090   [000] b.... 87276.499207: kfree_skb: skbaddr=00000000141c0b4d rx_sk=0000000000000000 \
protocol=2048 location=__dev_queue_xmit+0xdd1/0x1010 reason: QDISC_DROP
"""
# The filter of the trace takes out devices that are not of this host's road, and cannot take out their drops.
FULL = ELSEWHERE.splitlines()[1]
LENGTH = len(content(MessageType.OFFER))


def recorded(line: str, at: float) -> HeardEvent:
    event = event_line.parse(line, lambda _: at)
    assert event is not None
    return event


def test_a_full_queue_in_another_namespace_is_not_the_end_of_an_answer_of_which_only_rules_told() -> None:
    said = rule(1.003, "accept", chain="POSTROUTING", hook="postrouting", frame_=content(MessageType.OFFER))
    events = (received(1.0004, BRIDGE, LENGTH), recorded(FULL, 1.0005))
    packets = joined(traced(frames=discover(1.0, BRIDGE), rules=(said,), events=events))
    assert [packet.died for packet in packets] == [None, None]


def test_nor_of_a_packet_that_its_processor_has_just_handled() -> None:
    events = (received(1.0001, TAP, LENGTH), recorded(FULL, 1.0002))
    assert [packet.died for packet in joined(traced(frames=discover(), events=events))] == [None]


def test_a_full_queue_of_the_own_device_is_the_packets_end() -> None:
    queued = HeardEvent(at=1.0, cpu=0, event="queue", device=TAP, buffer="00000000141c0b4d", length=LENGTH)
    packets = joined(traced(frames=offer(1.0, BRIDGE, TAP), events=(queued, recorded(FULL, 1.0001))))
    died = packets[-1].died
    assert died is not None
    assert (died.hop, died.device, died.reason, died.or_near) == (Hop.EGRESS, TAP, "QDISC_DROP", False)


# Linux 6.18: an OFFER that the bridge sends by its port, whose queue (bfifo, limit 10) has no room for it.
NO_ROOM = f"""\
         dnsmasq-11542   [000] b....  3425.758634: net_dev_queue: dev={BRIDGE} skbaddr=0000000086f08e0f len={LENGTH}
         dnsmasq-11542   [000] b....  3425.758681: net_dev_queue: dev={TAP} skbaddr=0000000086f08e0f len={LENGTH}
         dnsmasq-11542   [000] b....  3425.758684: kfree_skb: skbaddr=0000000086f08e0f rx_sk=0000000000000000 \
protocol=2048 location=__dev_queue_xmit+0xd01/0xf30 reason: QDISC_DROP
"""


def test_what_the_ports_queue_gives_up_is_known_from_where_the_bridge_sent_it() -> None:
    """No packet socket sees it at the port: that comes behind the queue."""
    events = tuple(recorded(line, 1.01 + number / 100_000) for number, line in enumerate(NO_ROOM.splitlines()))
    # As soon after the question as a server of this host answers, and as long as it.
    packets = joined(traced(frames=(*discover(1.009, BRIDGE), *offer(1.01, BRIDGE)), events=events))
    assert packets[0].died is None
    end = packets[1].died
    assert end is not None
    assert (end.hop, end.device, end.reason, end.or_near) == (Hop.EGRESS, TAP, "QDISC_DROP", False)


def test_by_its_processor_alone_a_drop_is_told_as_doubtful() -> None:
    events = (received(1.0005, TAP, LENGTH), freed(1.0006, "ip_rcv_core", "OTHERHOST", buffer="other"))
    died = joined(traced(frames=discover(), events=events))[0].died
    assert died is not None
    assert died.or_near
    assert died.words.endswith("its time alone says that it was this packet, and not another's of this machine")


def test_a_certain_end_goes_before_a_doubtful_one() -> None:
    said = rule(1.02, "drop", frame_=content(MessageType.DISCOVER))
    events = (received(1.0005, TAP, LENGTH), freed(1.0006, "ip_rcv_core", "OTHERHOST", buffer="other"))
    died = joined(traced(frames=discover(1.0, BRIDGE), rules=(said,), events=events))[0].died
    assert died is not None
    assert died.hop is Hop.INPUT


def test_a_drop_of_another_protocol_is_another_packets() -> None:
    arp = replace(freed(1.0006, "br_handle_frame"), protocol=0x0806)
    events = (received(1.0005, TAP, LENGTH), arp)
    assert joined(traced(frames=discover(), events=events))[0].died is None


def test_of_what_rules_alone_told_the_guests_own_port_is_sure_and_another_device_is_not() -> None:
    said = rule(1.0, "accept", chain="INPUT", frame_=content(MessageType.DISCOVER))
    for device, doubtful in ((TAP, False), (BRIDGE, True)):
        events = (received(1.0005, device, LENGTH), freed(1.0006, "__udp4_lib_rcv", "NO_SOCKET"))
        died = joined(traced(rules=(said,), events=events))[0].died
        assert died is not None
        assert (died.hop, died.or_near) == (Hop.SERVER, doubtful)


def test_what_a_processor_gives_up_next_is_anothers() -> None:
    origins = Origins()
    origins.saw(received(1.0, TAP, LENGTH))
    copy = freed(1.0001, "__br_forward", buffer="copy")
    found = origins.of(copy)
    assert found is not None
    assert (found.event.device, found.same) == (TAP, False)
    assert origins.of(replace(copy, at=1.0002)) is None


def test_tc_on_the_way_out_stands_before_the_queue() -> None:
    assert was_queued(freed(1.0, "__dev_queue_xmit+0x1", "QDISC_DROP"))
    assert was_queued(freed(1.0, "tun_net_xmit+0x1", "FULL_RING"))
    assert not was_queued(freed(1.0, "__dev_queue_xmit+0x1", "TC_EGRESS"))
    assert not was_queued(freed(1.0, "br_handle_frame", ""))
