"""Where the first lost packet ended, and where nobody can say that one did."""

from ipaddress import IPv4Address

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import CounterMove, HeardFrame, PortMoment, Traced, WitnessName
from pxedoctor.road.ended_where import Serving, answered, death, lived
from pxedoctor.road.hop import Fate
from pxedoctor.road.joined import joined
from pxedoctor.road.life import Death, Packet, PacketKind, Sighting
from pxedoctor.wire import arp, ethernet
from pxedoctor.wire.arp import Arp, Operation
from pxedoctor.wire.dhcp4 import MessageType
from pxedoctor.wire.ethernet import Ethernet
from trace_builders import (
    ALL,
    BRIDGE,
    GUEST,
    HOST,
    SERVER,
    TAP,
    UPLINK,
    content,
    discover,
    freed,
    heard,
    offer,
    received,
    rule,
    traced,
)

LENGTH = len(content(MessageType.DISCOVER))
INPUT_DROPS = rule(1.02, "drop", frame_=content(MessageType.DISCOVER))


def end(seen: Traced, side: Serving = "socket") -> Death | None:
    return death(lived(joined(seen), seen, side), seen, side)[1]


def certain(seen: Traced, side: Serving = "socket") -> Death:
    found = end(seen, side)
    assert found is not None
    assert found.certain
    return found


def test_nothing_left_the_guest() -> None:
    found = certain(traced())
    assert (found.hop, found.device) == (Hop.NIC, TAP)
    assert end(traced(tap=None)) is not None
    assert not end(traced(tap=None)).certain  # type: ignore[union-attr]
    assert end(traced(witnesses=ALL[1:])) is None, "nobody looked"


def test_a_tap_that_is_in_no_bridge_is_where_its_questions_end() -> None:
    """Whatever the host makes of them: its own INPUT, which no guest of a bridge comes to by its tap."""
    drops = replace(INPUT_DROPS, in_device=TAP)
    seen = traced(frames=discover(), rules=(drops,), ports=(UPLINK,), states=())
    found = certain(seen)
    assert (found.hop, found.device, found.kind) == (Hop.TAP, TAP, "DISCOVER")
    assert found.words == f"it came in at {TAP}, which is not plugged into {BRIDGE}"
    went = (PortMoment(at=0, device=TAP, state="forwarding"), PortMoment(at=0.5, device=TAP, state="gone"))
    assert certain(replace(seen, states=went)).hop is Hop.TAP
    assert certain(replace(seen, states=went[:1])).hop is not Hop.TAP, "the guest was shut off afterwards"


def test_what_its_tap_had_no_room_for_the_guest_did_not_read() -> None:
    """Where the kernel is not heard the tap's own count tells it, and a count has no name on it."""
    full = CounterMove(source="link", name="tx_dropped", device=TAP, before=2, after=5, origin="ip -s -s link")
    frames = (*discover(1.0, BRIDGE), *offer(1.01, BRIDGE, TAP), *discover(5.0, BRIDGE), *offer(5.01, BRIDGE, TAP))
    no_kernel = tuple(entry for entry in ALL if entry.name is not WitnessName.KERNEL)
    found = end(traced(frames=frames, counters=(full,), witnesses=no_kernel))
    assert found is not None
    assert (found.hop, found.device, found.certain) == (Hop.DELIVERY, TAP, False)
    assert found.words.startswith(f"the guest does not read its NIC: {TAP} dropped 3 (tx_dropped)")
    assert end(traced(frames=frames, counters=(full,))) is None, "the kernel would have told of it"
    others = replace(full, device=UPLINK)
    assert end(traced(frames=frames, counters=(others,), witnesses=no_kernel)) is None


def test_what_the_tap_had_no_room_for_a_moment_ago_has_not_come_either() -> None:
    """The kernel saw the first one's end, and rests: the last one is young, and heals nothing."""
    full = CounterMove(source="link", name="tx_dropped", device=TAP, before=2, after=5, origin="ip -s -s link")
    offered = replace(received(1.0101, TAP, LENGTH + 14), event="queue")
    drops = (offered, freed(1.0102, "tun_net_xmit", "FULL_RING"))
    frames = (*discover(1.0, BRIDGE), *offer(1.01, BRIDGE, TAP), *discover(9.8, BRIDGE), *offer(9.81, BRIDGE, TAP))
    seen = traced(frames=frames, events=drops, counters=(full,), blind=((3.0, 10.0),))
    found = certain(seen)
    assert (found.kind, found.hop, found.reason) == ("OFFER", Hop.DELIVERY, "FULL_RING")
    assert end(replace(seen, counters=())) is None, "as far as anybody knows the last one came"


def test_an_answered_question_has_not_died() -> None:
    seen = traced(frames=(*discover(1.0, BRIDGE), *offer(1.01, BRIDGE, TAP)), rules=(INPUT_DROPS,))
    assert end(seen) is None
    assert answered(lived(joined(seen), seen, "socket"))


def test_an_answer_at_the_guests_port_has_not_died_before_it() -> None:
    """Another namespace's drop, in a buffer at the address that the answer's had."""
    sent = replace(received(1.0101, BRIDGE, LENGTH + 14), event="queue")
    anothers = freed(1.03, "nf_hook_slow", "NETFILTER_DROP")
    frames = (*discover(1.0, BRIDGE), *offer(1.01, BRIDGE, TAP))
    assert end(traced(frames=frames, events=(sent, anothers))) is None
    lost = (*discover(1.0, BRIDGE), *offer(1.01, BRIDGE))
    found = end(traced(frames=lost, events=(sent, anothers)))
    assert found is not None
    assert found.reason == "NETFILTER_DROP"


def test_the_hosts_own_input_is_no_branch_to_a_server_in_the_lan() -> None:
    seen = traced(frames=discover(1.0, BRIDGE, UPLINK), rules=(INPUT_DROPS,))
    found = certain(seen, "beyond")
    assert (found.hop, found.device) == (Hop.UPLINK, UPLINK)
    assert "nothing came back" in found.words
    assert certain(seen, "socket").hop is Hop.INPUT


def test_it_was_expected_at_the_bridge_and_not_seen() -> None:
    nobody_at_rules = end(traced(frames=discover(), witnesses=ALL[:1]))
    assert nobody_at_rules is not None
    assert (nobody_at_rules.hop, nobody_at_rules.device) == (Hop.BRIDGE, BRIDGE)
    assert not nobody_at_rules.certain, "there are hooks between, and nobody looked at them"
    found = certain(traced(frames=discover()))
    assert (found.hop, found.device) == (Hop.PORT, TAP), "no hook of the bridge saw it either"


def test_while_the_rules_rest_nobody_stands_at_the_hooks() -> None:
    """What woke them may have been there; what comes when they stand again would have been told."""
    found = end(traced(frames=discover(), blind=((0.5, 1.05),)))
    assert found is not None
    assert (found.hop, found.certain) == (Hop.BRIDGE, False)
    drops = end(traced(frames=discover(1.0, BRIDGE), rules=(INPUT_DROPS,), blind=((0.5, 1.05),)))
    assert drops is not None
    assert (drops.hop, drops.certain) == (Hop.INPUT, True), "others' rules tell all the time"
    certain(traced(frames=discover(), blind=((0.5, 0.9),)))
    assert not end(traced(frames=discover(0.45), blind=((0.5, 0.9),))).certain  # type: ignore[union-attr]


def test_what_was_seen_for_certain_stands_while_nobody_looks() -> None:
    """One try is watched by all; of those behind it the cheap witnesses tell alone, as long as they do not gainsay."""
    watched_, next_ = discover(1.0, BRIDGE), discover(5.0, BRIDGE)
    drops = (received(1.0, BRIDGE, LENGTH), freed(1.0001, "ip_rcv_finish_core", "IP_RPFILTER"))
    found = certain(traced(frames=(*watched_, *next_), events=drops, blind=((3.0, 10.0),)))
    assert (found.hop, found.packet.at if found.packet else 0) == (Hop.ROUTE, 1.0)
    looked = end(traced(frames=(*watched_, *next_), events=drops))
    assert looked is not None
    assert looked.packet is not None
    assert looked.packet.at == 5.0, "all looked at the last one, too"
    further = end(traced(frames=(*discover(1.0), *next_), blind=((3.0, 10.0),)))
    assert further is not None
    assert (further.hop, further.certain) == (Hop.SERVER, False), "the port let the next one in"


def test_a_drop_that_somebody_saw_is_told_before_one_that_nobody_did() -> None:
    drops = (received(1.0, BRIDGE, LENGTH), freed(1.0001, "nf_hook_slow+0x93", "NETFILTER_DROP"))
    no_rules = tuple(entry for entry in ALL if entry.name is not WitnessName.RULES)
    frames = (*discover(1.0, BRIDGE), *discover(5.0, BRIDGE))
    found = end(traced(frames=frames, events=drops, witnesses=no_rules))
    assert found is not None
    assert (found.hop, found.reason, found.certain) == (Hop.INPUT, "NETFILTER_DROP", False)


def test_where_nobody_traces_rules_the_one_that_counted_names_the_hook() -> None:
    """As on a Linux 5.10 with iptables-legacy, where no table of rules goes with its owner."""
    name = "-A PREROUTING -p udp -m udp --dport 67 -j DROP"
    moved = CounterMove(source="rule", name=name, device="ip raw PREROUTING", before=0, after=2, origin="saved")
    drops = (received(1.0, BRIDGE, LENGTH), freed(1.0001, "nf_hook_slow+0x93"))
    no_rules = tuple(entry for entry in ALL if entry.name is not WitnessName.RULES)
    seen = traced(frames=discover(1.0, BRIDGE), events=drops, counters=(moved,), witnesses=no_rules)
    found = end(seen)
    assert found is not None
    assert (found.hop, found.certain) == (Hop.PREROUTING, False), "a counter has no name on it"
    assert name in found.words
    assert found.witnesses == (WitnessName.KERNEL, WitnessName.COUNTERS)
    several = end(replace(seen, counters=(moved, replace(moved, device="ip filter INPUT"))))
    assert several is not None
    assert (several.hop, name in several.words) == (Hop.INPUT, False), "where it would come next"


def test_so_it_is_with_an_answer_that_comes_in_by_the_uplink() -> None:
    def came(at: float) -> tuple[HeardFrame, ...]:
        return (heard(MessageType.OFFER, UPLINK, "in", at),)

    drops = rule(1.0101, "drop", chain="PREROUTING", hook="prerouting", frame_=content(MessageType.OFFER))
    frames = (*discover(1.0, UPLINK), *came(1.01), *discover(5.0, UPLINK), *came(5.01))
    found = certain(traced(frames=frames, rules=(drops,), blind=((3.0, 10.0),)), "beyond")
    assert (found.kind, found.hop) == ("OFFER", Hop.PREROUTING)


def test_its_port_was_silent_then() -> None:
    states = (PortMoment(at=0, device=TAP, state="listening"), PortMoment(at=5, device=TAP, state="forwarding"))
    found = certain(traced(frames=discover(), states=states))
    assert (found.hop, found.device) == (Hop.PORT, TAP)
    assert "listening" in found.words


def test_an_answer_that_never_came_to_the_guests_port() -> None:
    found = certain(traced(frames=(*discover(1.0, BRIDGE), *offer(1.01, BRIDGE))))
    assert (found.kind, found.hop, found.device) == ("OFFER", Hop.EGRESS, TAP)


def test_the_last_try_counts() -> None:
    """An iPXE whose port forwards at last: what it lost before is history."""
    tries = (*discover(1.0), *discover(5.0, BRIDGE), *offer(5.01, BRIDGE, TAP))
    assert end(traced(frames=tries)) is None


def test_what_came_before_the_last_try_does_not_make_it_well() -> None:
    """A rule was put in after the first lease: the guest asks again, and is not heard."""
    frames = (*discover(1.0, BRIDGE), *offer(1.01, BRIDGE, TAP), *discover(5.0, BRIDGE))
    said = rule(5.02, "drop", frame_=content(MessageType.DISCOVER))
    found = certain(traced(frames=frames, rules=(said,)))
    assert (found.kind, found.hop) == ("DISCOVER", Hop.INPUT)


def test_what_is_on_its_way_is_not_lost() -> None:
    assert end(traced(frames=discover(9.9), seconds=10.0)) is None


def test_no_rule_no_socket_the_kernels_word() -> None:
    events = (received(1.00003, BRIDGE, LENGTH), freed(1.00005, "__udp4_lib_rcv", "NOT_SPECIFIED"))
    found = certain(traced(frames=discover(1.0, BRIDGE), events=events))
    assert (found.hop, found.reason) == (Hop.SERVER, "NOT_SPECIFIED")
    frames_read = end(traced(frames=discover(1.0, BRIDGE), events=events), "frames")
    assert frames_read is not None
    assert frames_read.reason == "", "a server that reads whole frames needs no socket of UDP"


def test_the_servers_answers_are_dropped_and_some_of_its_questions_look_unanswered() -> None:
    """Of an answer that never left OUTPUT only a rule tells, and late: the questions after it seem to have none."""
    said = rule(1.02, "drop", chain="OUTPUT", hook="output", frame_=content(MessageType.OFFER))
    tries = (*discover(1.0, BRIDGE), *discover(7.5, BRIDGE))
    found = certain(traced(frames=tries, rules=(said,)))
    assert (found.kind, found.hop) == ("BOOTREPLY", Hop.OUTPUT)


def test_an_offer_from_another_port_is_not_taken_and_needs_no_second_question_to_say_so() -> None:
    sent = content(MessageType.OFFER)
    left = tuple(replace(seen, content=sent[:34] + (1027).to_bytes(2) + sent[36:]) for seen in offer(1.01, BRIDGE, TAP))
    found = certain(traced(frames=(*discover(1.0, BRIDGE), *left)))
    assert (found.kind, found.hop) == ("OFFER", Hop.CLIENT)
    assert "192.168.160.1:1027, and not from port 67" in found.words


def test_the_hosts_question_to_an_old_address_does_not_make_it_well() -> None:
    """The host asks for whoever had the address before; the DISCOVER is lost all the same."""
    asks = arp.build(
        Arp(
            operation=Operation.REQUEST,
            sender_mac=HOST,
            sender=SERVER,
            target_mac="00:00:00:00:00:00",
            target=IPv4Address("192.168.160.5"),
        )
    )
    sent = ethernet.build(Ethernet(destination=GUEST, source=HOST, kind=ethernet.ARP, payload=asks))
    later = tuple(
        HeardFrame(at=2.0 + 0.0001 * n, device=device, direction="out", content=sent, length=len(sent))
        for n, device in enumerate((BRIDGE, TAP))
    )
    found = certain(traced(frames=(*discover(1.0, BRIDGE), *later), rules=(INPUT_DROPS,)))
    assert (found.kind, found.hop) == ("DISCOVER", Hop.INPUT)


def test_the_guests_answer_to_arp_is_answered_by_nobody() -> None:
    reply = arp.build(
        Arp(
            operation=Operation.REPLY,
            sender_mac=GUEST,
            sender=IPv4Address("192.168.160.9"),
            target_mac=HOST,
            target=SERVER,
        )
    )
    sent = ethernet.build(Ethernet(destination=HOST, source=GUEST, kind=ethernet.ARP, payload=reply))
    frames = tuple(
        HeardFrame(at=2.0 + 0.0001 * n, device=device, direction="in", content=sent, length=len(sent))
        for n, device in enumerate((TAP, BRIDGE))
    )
    seen = traced(frames=(*discover(1.0, BRIDGE), *offer(1.01, BRIDGE, TAP), *frames))
    assert end(seen) is None


def test_packets_keep_where_they_were_expected() -> None:
    seen = traced(frames=discover())
    packets, _ = death(lived(joined(seen), seen, "socket"), seen, "socket")
    assert packets[0].sightings[-1].fate is Fate.UNKNOWN


def test_a_forwards_drop_counts_for_what_is_sent_to_one_station_and_not_for_a_copy_of_a_broadcast() -> None:
    dropped = Sighting(hop=Hop.FORWARD, device=BRIDGE, at=1.0, witness=WitnessName.RULES, fate=Fate.DROP)
    kinds: tuple[PacketKind, ...] = ("TFTP-RRQ", "HTTP-SYN", "DISCOVER")
    ends = []
    for kind in kinds:
        packet = Packet(kind=kind, direction="from-guest", mac=GUEST, at=1.0, sightings=(dropped,))
        ends.append(lived((packet,), traced(), "socket")[0].died)
    assert ends == [dropped, dropped, None]
