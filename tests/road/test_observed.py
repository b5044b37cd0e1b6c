"""What a probe saw, laid over roads made by hand: each story is one probe and one road."""

import msgspec

from builders import MAC, host, link, offer, probed, sent, silent, target
from pxedoctor.findings.outcome import Hop
from pxedoctor.model.observation import Happening, Probed, ProbeOutcome, ProbeStage, SeenFetch
from pxedoctor.model.target import Target
from pxedoctor.road.hop import Fate, Road, RoadHop, RuleRef
from pxedoctor.road.observed import observed, parting, seen_silent
from pxedoctor.road.packet_name import PacketName

SERVER_MAC = "52:54:00:00:00:01"
HOST = host(links=(link("br0", kind="bridge", mac=SERVER_MAC),))
OFF = target()
RUNS = target(tap="vnet3", running=True)


def hop(place: Hop, predicted: Fate = Fate.PASS, **more: object) -> RoadHop:
    values: dict[str, object] = {"hop": place, "device": "", "predicted": predicted, "why": f"{place.value} says so"}
    return RoadHop(**(values | more))  # type: ignore[arg-type]


def road(*places: RoadHop, packet: PacketName = PacketName.DISCOVER) -> Road:
    way = (hop(Hop.NIC), hop(Hop.PORT, device="new port"), hop(Hop.BRIDGE, device="br0"), *places)
    return Road(target=OFF.id, packet=packet, hops=way)


def up(fate: Fate = Fate.PASS) -> Road:
    """To a server of this host."""
    return road(hop(Hop.INPUT, fate, device="br0"), hop(Hop.SERVER))


def out() -> Road:
    """To a server behind the uplink."""
    return road(hop(Hop.EXIT, device="eno1"), hop(Hop.UPLINK, device="eno1"))


def back(*places: RoadHop) -> Road:
    return Road(target=OFF.id, packet=PacketName.OFFER_BROADCAST, hops=(hop(Hop.OUTPUT), hop(Hop.DELIVERY), *places))


def seen(found: Road, probe: Probed, of: Target = OFF) -> list[Fate | None]:
    return [entry.observed for entry in observed(found, of, HOST, (probe,)).hops]


def test_nobody_looked() -> None:
    assert observed(up(), OFF, HOST, ()) == up()
    assert not seen_silent(up())


def test_an_offer_of_this_host_passed_every_hop_there_and_back() -> None:
    found = observed(up(), OFF, HOST, (probed(),))
    assert {entry.observed for entry in found.hops} == {Fate.PASS}
    assert found.hops[-1].witness == f"192.168.122.1 ({SERVER_MAC}) answered a probe after 0.30 s"
    assert seen(back(), probed()) == [Fate.PASS, Fate.PASS]
    assert parting(found) is None


def test_what_could_not_be_told_was_seen_to_pass() -> None:
    found = observed(up(Fate.UNKNOWN), OFF, HOST, (probed(),))
    assert (up(Fate.UNKNOWN).fate, found.fate) == (Fate.UNKNOWN, Fate.PASS)


def test_another_server_says_nothing_of_this_one() -> None:
    """The road leads to this host's server, and the offer came from a MAC that is not this host's."""
    stranger = probed(offers=(offer(mac="aa:bb:cc:00:00:01", server="10.0.0.9"),))
    assert seen(up(), stranger) == [Fate.PASS, Fate.PASS, Fate.PASS, None, None]
    assert "another server answered: 10.0.0.9" in observed(up(), OFF, HOST, (stranger,)).hops[0].witness
    assert seen(back(), stranger) == [Fate.PASS, Fate.PASS]


def test_a_server_outside_is_no_server_of_this_host() -> None:
    outside = probed(offers=(offer(mac="aa:bb:cc:00:00:01"),))
    assert set(seen(out(), outside)) == {Fate.PASS}
    assert seen(out(), probed()) == [Fate.PASS, Fate.PASS, Fate.PASS, None, None]


def test_lost_at_a_port_that_listens() -> None:
    """The client gave up before its port forwarded; what came afterwards proves the port, and nothing else."""
    lost = silent(sent=sent(3.0, 4.0, 6.0, 10.0, state="listening"), offers=(offer(at=30.2),))
    found = observed(up(), OFF, HOST, (lost,))
    assert [entry.observed for entry in found.hops] == [Fate.PASS, Fate.DROP, None, None, None]
    assert found.hops[1].witness == "4 DISCOVER sent while the probe's port was listening, and the client gave up"
    assert found.fate is Fate.DROP
    told = parting(found)
    assert told is not None
    assert told.hop.hop is Hop.PORT
    assert told.text == (
        "the facts say that the DISCOVER passes here (port says so), and it did not: "
        "4 DISCOVER sent while the probe's port was listening, and the client gave up"
    )
    assert seen(back(), lost) == [None, None]


def test_silence_behind_a_port_that_forwards() -> None:
    found = observed(up(), OFF, HOST, (silent(),))
    assert [entry.observed for entry in found.hops] == [Fate.PASS, Fate.PASS, *3 * [Fate.UNKNOWN]]
    told = parting(found)
    assert told is not None
    assert told.hop.hop is Hop.BRIDGE
    assert "comes through, and from here on nothing was seen" in told.text
    assert seen_silent(found)


def test_silence_behind_an_uplink_is_somebody_elses() -> None:
    told = parting(observed(out(), OFF, HOST, (silent(),)))
    assert told is not None
    assert (told.hop.hop, told.kind) == (Hop.UPLINK, "silent")
    assert "leaves this host through eno1, and no answer came back" in told.text
    assert "outside of this host" in told.meaning


def test_silence_where_nobody_was_promised_is_no_parting() -> None:
    assert parting(observed(road(), OFF, HOST, (silent(),))) is None


def test_another_clients_patience_is_not_this_ones() -> None:
    """The guest's client may ask for a minute; the probe, acting another, gave up, and an answer came afterwards."""
    lost = silent(sent=sent(3.0, 4.0, state="listening"), offers=(offer(at=30.2),))
    assert set(seen(up(), lost, target("freebsd"))) == {Fate.PASS}
    assert set(seen(up(), lost, target(None))) == {Fate.PASS}
    never = silent(sent=sent(3.0, 4.0, state="listening"))
    assert seen(up(), never, target(None))[1] is Fate.DROP


def test_silence_where_the_facts_foretell_it_is_no_parting() -> None:
    assert parting(observed(up(Fate.DROP), OFF, HOST, (silent(),))) is None
    assert parting(observed(up(Fate.UNKNOWN), OFF, HOST, (silent(),))) is None


def test_silence_of_a_probe_that_was_cut_short_says_nothing() -> None:
    assert set(seen(up(), silent(whole=False))) == {None}
    assert set(seen(up(), silent(sent=()))) == {None}


def test_what_the_facts_say_dies_came_through() -> None:
    """Both are told; that a probe came through does not clear a rule that may mean the guest alone."""
    found = observed(up(Fate.DROP), OFF, HOST, (probed(),))
    told = parting(found)
    assert told is not None
    assert told.text.startswith("the facts say that the DISCOVER dies here (input says so), and it came through: ")
    assert found.fate is Fate.DROP


def test_the_port_of_a_guest_that_runs_is_its_own() -> None:
    """Its tap, its port, and a rule that names its tap or its MAC: a probe sits beside them."""
    by_tap = RuleRef(family="bridge", table="nat", chain="PREROUTING", text=f"-i vnet3 -j libvirt-I-vnet3 {MAC}")
    way = road(hop(Hop.INPUT, device="br0"))
    own = (
        hop(Hop.NIC),
        hop(Hop.TAP, device="vnet3"),
        hop(Hop.PORT, device="vnet3"),
        hop(Hop.BRIDGE_PREROUTING, Fate.DROP, rule=by_tap),
        *way.hops[2:],
    )
    found = observed(msgspec.structs.replace(way, hops=own), RUNS, HOST, (probed(),))
    assert [entry.observed for entry in found.hops] == [None, None, None, None, Fate.PASS, Fate.PASS]
    assert parting(found) is None


def test_a_client_that_drops_the_offer() -> None:
    dropped = probed(outcome=ProbeOutcome.REFUSED, offers=(offer(refused="its UDP sum is wrong"),))
    found = observed(back(hop(Hop.CLIENT)), OFF, HOST, (dropped,))
    assert [entry.observed for entry in found.hops] == [Fate.PASS, Fate.PASS, Fate.DROP]
    assert found.hops[-1].witness.endswith("and ipxe drops it: its UDP sum is wrong")
    assert set(seen(up(), dropped)) == {Fate.PASS}


def test_what_another_client_would_take_says_nothing_of_this_one() -> None:
    assert seen(back(hop(Hop.CLIENT)), probed(profile="udhcpc"))[-1] is None


def test_a_lease_and_a_file() -> None:
    stages = (Happening(target=OFF.id, stage=ProbeStage.ACK, at=0.4, ok=True, detail="192.168.122.1 gives"),)
    fetch = SeenFetch(at=0.5, seconds=0.1, url="tftp://192.168.122.1/boot", outcome="fetched", why="", received=9)
    whole = probed(outcome=ProbeOutcome.FETCHED, stages=stages, fetches=(fetch,))
    lease = msgspec.structs.replace(up(), packet=PacketName.REQUEST)
    data = msgspec.structs.replace(back(), packet=PacketName.TFTP_DATA)
    assert set(seen(lease, whole)) == {Fate.PASS}
    assert set(seen(data, whole)) == {Fate.PASS}
    assert set(seen(msgspec.structs.replace(data, packet=PacketName.HTTP_SYN_ACK), whole)) == {None}
    assert set(seen(lease, probed())) == {None}


def test_a_file_server_that_keeps_silent() -> None:
    fetch = SeenFetch(at=0.5, seconds=15, url="tftp://192.168.122.1/boot", outcome="silent", why="")
    asked = msgspec.structs.replace(up(), packet=PacketName.TFTP_RRQ)
    found = observed(asked, OFF, HOST, (probed(outcome=ProbeOutcome.FETCH_FAILED, fetches=(fetch,)),))
    assert seen_silent(found)
    told = parting(found)
    assert told is not None
    assert told.kind == "silent"
