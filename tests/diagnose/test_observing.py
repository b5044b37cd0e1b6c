"""What packets did counts for a target's verdict: each story is one probe beside one host."""

from builders import MAC, bridge, domain, facts, link, network, nic, offer, probed, sent, silent, target, with_probes
from pxedoctor.diagnose.engine import diagnose
from pxedoctor.diagnose.observing import failed, fetched, with_witnesses
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.observation import Probed, ProbeOutcome
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.exchange import roads
from pxedoctor.road.packet_name import PacketName
from pxedoctor.verdict.report import Report, Verdict

BRIDGE_MAC = "52:54:00:00:00:01"
DNSMASQ = Process(
    pid=100, parent=1, state="S", name="dnsmasq", command="dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf"
)
GUEST = target(bridge="virbr0", network="default")
ALONE = Target(id=GUEST.id, kind="bridge", bridge="virbr0", network="default")


def healthy(*probes: Probed, **changes: object) -> Facts:
    """A host whose network `default` serves, as far as the facts tell."""
    values: dict[str, object] = {
        "networks": (network(),),
        "bridges": (bridge("virbr0"),),
        "links": (link("virbr0", kind="bridge", mac=BRIDGE_MAC),),
        "processes": (DNSMASQ,),
        "netfilter": Netfilter(),
    }
    return with_probes(facts(**(values | changes)), *probes)


def judged(found: Facts, of: Target = GUEST) -> Report:
    """Without checks, so that nothing but the road and the packets count."""
    return diagnose(found, (of,), (), "2026-01-01T00:00:00Z", checks=())


def verdict(found: Facts, of: Target = GUEST) -> Verdict:
    return judged(found, of).verdict


def test_an_offer_bears_out_what_the_facts_say() -> None:
    assert verdict(healthy()) is verdict(healthy(probed())) is Verdict.HEALTHY


def test_silence_is_broken_whatever_the_facts_promise() -> None:
    report = judged(healthy(silent()))
    assert report.verdict is Verdict.BROKEN
    assert report.targets[0].decisive is PacketName.DISCOVER
    assert report.probes == (silent(),)


def test_silence_of_a_probe_that_was_cut_short_changes_nothing() -> None:
    assert verdict(healthy(silent(whole=False))) is Verdict.HEALTHY


def test_a_probe_in_another_vlan_or_name_is_not_the_guest() -> None:
    assert verdict(healthy(silent(vlan=7))) is Verdict.HEALTHY
    assert verdict(healthy(silent(asked_for="52:54:00:00:00:77"))) is Verdict.HEALTHY


def test_offers_that_the_client_drops_are_no_offers() -> None:
    dropped = probed(outcome=ProbeOutcome.REFUSED, offers=(offer(refused="it does not come from port 67"),))
    assert verdict(healthy(dropped)) is Verdict.BROKEN
    other = target("udhcpc", bridge="virbr0", network="default")
    assert verdict(healthy(dropped), other) is Verdict.HEALTHY, "another client may take them"


def test_an_offer_without_a_boot_file_fails_only_a_guest_that_boots_from_nowhere_else() -> None:
    """OVMF on a network for installed systems: its firmware goes on to the disk."""
    fileless = probed(outcome=ProbeOutcome.REFUSED, offers=(offer(file=""),))
    plugged = nic(kind="network", source="default")
    disk_too = healthy(fileless, domains=(domain(plugged, boot=("network", "hd")),))
    alone = healthy(fileless, domains=(domain(plugged, boot=("network",)),))
    assert verdict(disk_too) is Verdict.HEALTHY
    assert verdict(alone) is Verdict.BROKEN


def test_a_lost_discover_is_broken() -> None:
    lost = silent(sent=sent(3.0, 4.0, state="listening"), offers=(offer(at=30.0),))
    assert verdict(healthy(lost)) is Verdict.BROKEN


def test_silence_on_a_bridge_that_nobody_promised_to_serve() -> None:
    """No guest is there to be disappointed, and no fact says that anybody serves it."""
    bare = healthy(silent(), networks=(), processes=())
    alone = Target(id=GUEST.id, kind="bridge", bridge="virbr0")
    assert failed(bare, alone, with_witnesses(bare, alone, roads(bare, alone))) is None
    assert verdict(healthy(silent()), ALONE) is Verdict.BROKEN


def test_a_file_that_came_clears_doubts_on_the_road() -> None:
    whole = probed(outcome=ProbeOutcome.FETCHED, fetch=True)
    assert fetched(healthy(whole), GUEST)
    assert not fetched(healthy(probed()), GUEST)
    runs = target(bridge="virbr0", network="default", tap="vnet3", running=True, mac=MAC)
    assert not fetched(healthy(whole), runs), "a guest that runs has a port of its own"


def test_without_a_probe_roads_are_as_they_were() -> None:
    known = healthy()
    assert with_witnesses(known, GUEST, roads(known, GUEST)) == roads(known, GUEST)
