"""mtu-mismatch: the sizes of what a boot is sent against the devices on its way."""

import msgspec
import pytest

from builders import GUEST, MAC, bridge, domain, facts, finding, link, network, nic, port, probed, target, with_probes
from pxedoctor.checks.port import mtu_mismatch as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable
from pxedoctor.model.libvirt import Domain
from pxedoctor.model.link import Link
from pxedoctor.model.network_files import NetworkFile, NetworkFiles
from pxedoctor.model.observation import Probed, ProbeOutcome, SeenFetch
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.guest import SetNicMtu
from pxedoctor.plans.mtu import SetMtu
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

RUNNING = {"tap": "vnet0", "running": True}


def served(own: int = 1500, *links: Link, **more: object) -> Facts:
    """libvirt's network on br0 serves here; `own` is br0's MTU, and vnet0 is web01's tap."""
    br0 = bridge(ports=tuple(port(entry.name) for entry in links))
    values: dict[str, object] = {"bridges": (br0,), "networks": (network(bridge="br0"),), "processes": ()} | more
    return facts(links=(link("br0", kind="bridge", mtu=own), *links), **values)


def in_lan(*ways: Link, tap: int = 1500, below: tuple[Link, ...] = (), **more: object) -> Facts:
    """br0 leads to a server in the LAN through `ways`, which sit on the devices `below`."""
    links = (*ways, link("vnet0", mtu=tap))
    br0 = bridge(ports=tuple(port(entry.name) for entry in links))
    return facts(bridges=(br0,), links=(link("br0", kind="bridge"), *links, *below), processes=(), **more)


def wire(name: str = "eno1", mtu: int = 1400, kind: str = "", **changes: object) -> Link:
    return link(name, kind=kind, mtu=mtu, **changes)


def fetched(**changes: object) -> Probed:
    """A probe whose TFTP server agreed to blocks of 1432 bytes, and whose first block did not come."""
    values: dict[str, object] = {
        "at": 1.0,
        "seconds": 5.0,
        "url": "tftp://192.0.2.1/boot.0",
        "outcome": "silent",
        "why": "",
        "size": 90000,
        "block_size": 1432,
    }
    fetch = SeenFetch(**(values | changes))  # type: ignore[arg-type]
    return probed(fetch=True, outcome=ProbeOutcome.FETCH_FAILED, fetches=(fetch,))


def broken(known: Facts, about: Target) -> Broken:
    outcome = check.check(known, about)
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_tap_smaller_than_what_its_bridge_sends_loses_the_boot_file() -> None:
    outcome = broken(served(1500, link("vnet0", mtu=1400)), target("ipxe", **RUNNING))
    assert outcome.headline == (
        "vnet0 takes packets of 1400 bytes, and this host, through br0, sends up to 1464: those are lost there."
    )
    assert (outcome.severity, outcome.certainty, outcome.hop) == ("broken", "proven", Hop.EXIT)
    assert [entry.value for entry in outcome.evidence[:2]] == ["1400", "1500"]
    assert outcome.evidence[2].text == "it is sent TFTP in blocks of 1432 bytes, as iPXE asks: packets of 1464 bytes"


@pytest.mark.parametrize(
    ("mtu", "client", "kind"),
    [
        pytest.param(1459, "ipxe", Broken, id="a block of iPXE's is 1464, and 1463 are let out"),
        pytest.param(1460, "ipxe", Fine, id="4 bytes more than the MTU are let out, for a tag"),
        pytest.param(1460, "ovmf", Broken, id="OVMF asks for 1468 bytes: 1500"),
        pytest.param(1100, "grub", Fine, id="GRUB asks for 1024"),
    ],
)
def test_the_sizes_are_the_clients(mtu: int, client: str, kind: type) -> None:
    assert isinstance(check.check(served(1500, link("vnet0", mtu=mtu)), target(client, **RUNNING)), kind)


@pytest.mark.parametrize("client", ["dhclient", None, "ovmf-http"])
def test_where_nobody_asks_for_large_blocks_by_tftp_it_is_a_risk(client: str | None) -> None:
    assert broken(served(1500, link("vnet0", mtu=1400)), target(client, **RUNNING)).severity == "risk"


@pytest.mark.parametrize(
    ("own", "tap"),
    [
        pytest.param(1400, 1400, id="the bridge follows its smallest port, and the host sends less"),
        pytest.param(9000, 1500, id="a jumbo bridge: nobody asks for more than 1500"),
        pytest.param(1500, 9000, id="a tap that could take more"),
        pytest.param(1500, 0, id="a text that does not tell the MTU"),
    ],
)
def test_fine(own: int, tap: int) -> None:
    assert isinstance(check.check(served(own, link("vnet0", mtu=tap)), target("ovmf", **RUNNING)), Fine)


def test_a_small_port_that_is_not_on_the_way_is_fine() -> None:
    known = served(1500, link("vnet0"), link("vnet9", mtu=1300), wire("tun0", 1300, "vxlan"))
    assert isinstance(check.check(known, target("ovmf", **RUNNING)), Fine)


def off(mtu: int) -> Domain:
    return domain(nic(mtu=mtu))


def test_a_guest_that_is_off_will_have_the_mtu_of_its_definition() -> None:
    """Another port is smaller than br0: somebody has set br0's MTU, so it will not follow the tap."""
    outcome = broken(served(1500, link("vnet9", mtu=1300), domains=(off(1400),)), target("ipxe"))
    assert outcome.headline.startswith("the tap of web01 takes packets of 1400 bytes")
    assert outcome.evidence[0].origin == "/etc/libvirt/qemu/web01.xml: mtu"
    assert outcome.severity == "broken"


def test_a_bridge_whose_mtu_nobody_set_follows_the_tap_that_is_to_come() -> None:
    assert isinstance(check.check(served(1500, domains=(off(1400),)), target("ipxe")), Fine)


def test_a_server_outside_follows_nobody() -> None:
    outcome = broken(in_lan(wire(mtu=1500), domains=(off(1400),)), target("ipxe"))
    assert (outcome.severity, outcome.subject) == ("broken", target().id)


def test_an_mtu_that_the_definition_tells_the_guest_is_no_trouble_for_its_system() -> None:
    known = served(1500, link("vnet0", mtu=1400), domains=(domain(nic(mtu=1400), running=True),))
    assert isinstance(check.check(known, target("dhclient", **RUNNING)), Fine)


def test_a_small_way_to_the_lan_is_a_risk_and_only_likely() -> None:
    """The server's own network may have the same MTU."""
    outcome = broken(in_lan(wire()), target("ipxe", **RUNNING))
    assert (outcome.subject, outcome.severity, outcome.certainty) == ("eno1", "risk", "likely")
    assert outcome.hop is Hop.UPLINK
    assert "a server beyond may send up to 1464" in outcome.headline


def test_one_of_two_ways_is_large_enough() -> None:
    assert isinstance(check.check(in_lan(wire(), wire("eno2", 1500)), target("ipxe", **RUNNING)), Fine)


def test_a_tap_smaller_than_the_lan() -> None:
    outcome = broken(in_lan(wire(mtu=1500), tap=1400), target("ipxe", **RUNNING))
    assert (outcome.subject, outcome.severity) == ("vnet0", "broken")


@pytest.mark.parametrize(
    "lost",
    [
        fetched(),
        fetched(size=None),
        fetched(url="http://192.0.2.1/boot.efi", block_size=0, status=200),
    ],
    ids=["TFTP's first block", "a size that was not told", "HTTP after its head"],
)
def test_a_large_packet_that_a_probe_lost_proves_it(lost: Probed) -> None:
    outcome = broken(with_probes(in_lan(wire()), lost), target("ipxe", **RUNNING))
    assert (outcome.severity, outcome.certainty) == ("broken", "proven")
    assert outcome.evidence[-1].origin == "a probe of br0 as ipxe"


def test_how_large_the_lost_packet_was_is_told() -> None:
    outcome = broken(with_probes(in_lan(wire()), fetched()), target("ipxe", **RUNNING))
    assert outcome.evidence[-1].text == (
        "the server agreed to blocks of 1432 bytes, and the first, of 1432, never came: a packet of 1464 bytes"
    )


@pytest.mark.parametrize(
    "other",
    [
        fetched(block_size=512),
        fetched(size=300),
        fetched(outcome="refused", why="error 1: File not found"),
        fetched(received=1432),
        fetched(outcome="fetched", block_size=0, url="http://192.0.2.1/boot.efi", status=200, received=90000),
        fetched(url="http://192.0.2.1/boot.efi", block_size=0, status=404, size=200),
    ],
    ids=["small blocks", "a small file", "a refusal", "a large block that came", "a file that came", "a small answer"],
)
def test_what_proves_nothing(other: Probed) -> None:
    outcome = check.check(with_probes(in_lan(wire()), other), target("ipxe", **RUNNING))
    assert not isinstance(outcome, Broken) or outcome.severity == "risk"


def test_a_large_packet_that_came_refutes_the_risk() -> None:
    came = fetched(outcome="fetched", received=90000)
    assert isinstance(check.check(with_probes(in_lan(wire()), came), target("ipxe", **RUNNING)), Fine)


def test_a_large_packet_that_came_to_the_probe_says_nothing_about_the_guests_own_tap() -> None:
    came = fetched(outcome="fetched", received=90000)
    known = with_probes(served(1500, link("vnet0", mtu=1400)), came)
    assert broken(known, target("ipxe", **RUNNING)).severity == "broken"


def test_a_packet_that_was_lost_somewhere_else_is_another_cause() -> None:
    assert isinstance(check.check(with_probes(in_lan(wire(mtu=1500)), fetched()), target("ipxe", **RUNNING)), Fine)


def test_no_bridge() -> None:
    assert isinstance(check.check(facts(), target()), NotApplicable)


def planned(known: Facts, about: Target) -> Plan | NoPlan:
    return check.plan(finding(check, check.check(known, about), about), known)


def commands(plan: Plan | NoPlan) -> list[str]:
    assert isinstance(plan, Plan), plan
    return [" ".join(step.argv()) for step in plan.steps]


def test_the_tap_gets_what_its_bridge_sends() -> None:
    known, about = served(1500, link("vnet0", mtu=1400)), target("ipxe", **RUNNING)
    plan = planned(known, about)
    assert commands(plan) == ["ip link set dev vnet0 mtu 1500"]
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    after, assumed = simulate(plan, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), about), Fine)


def test_the_definition_is_mended_too() -> None:
    known = served(1500, link("vnet0", mtu=1400), domains=(domain(nic(mtu=1400), running=True),))
    plan = planned(known, target("ipxe", **RUNNING))
    assert isinstance(plan, Plan)
    assert plan.steps == (SetMtu(device="vnet0", mtu=1500), SetNicMtu(domain=GUEST, mac=MAC, mtu=1500))


def test_for_a_guest_that_is_off_its_definition_is_all_there_is() -> None:
    known = in_lan(wire(mtu=1500), domains=(off(1400),))
    plan = planned(known, target("ipxe"))
    assert isinstance(plan, Plan)
    assert plan.steps == (SetNicMtu(domain=GUEST, mac=MAC, mtu=1500),)
    assert plan.other_ways == (f"Instead, where {target().id} is meant to be small: mtu 1400 on br0 too.",)
    after, assumed = simulate(plan, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), target("ipxe")), Fine)


def test_a_transient_guest_has_no_definition() -> None:
    transient = msgspec.structs.replace(off(1400), persistent=False)
    assert isinstance(planned(in_lan(wire(mtu=1500), domains=(transient,)), target("ipxe")), NoPlan)


def test_a_guest_that_is_off_and_says_nothing_of_its_mtu_gets_the_bridges() -> None:
    """The definition has no <mtu>, and is not what makes the tap small: the bridge is."""
    small = msgspec.structs.replace(off(1400), nics=(nic(),))
    known = in_lan(wire(mtu=1500), domains=(small,))
    assert isinstance(known.host.links, tuple)
    links = tuple(msgspec.structs.replace(e, mtu=1400) if e.name == "br0" else e for e in known.host.links)
    known = Facts(host=msgspec.structs.replace(known.host, links=links))
    about = target("ipxe")
    found = broken(known, about)
    assert found.evidence[0].text == "the MTU that a new tap gets from br0"
    assert (found.evidence[0].origin, found.evidence[0].value) == ("ip link show dev br0", "1400")
    plan = planned(known, about)
    assert isinstance(plan, NoPlan)
    assert plan.because == "br0 itself has the MTU 1400, and gives it to the tap that the guest gets at its start"
    assert plan.instead == ("where nothing on br0 needs it so small: ip link set dev br0 mtu 1500, and for good there",)


def test_a_tap_as_small_as_its_bridge_gets_what_the_server_outside_sends() -> None:
    known = in_lan(wire(mtu=1500), tap=1400)
    assert isinstance(known.host.links, tuple)
    links = tuple(msgspec.structs.replace(e, mtu=1400) if e.name == "br0" else e for e in known.host.links)
    known = Facts(host=msgspec.structs.replace(known.host, links=links))
    plan = planned(known, target("ipxe", **RUNNING))
    assert commands(plan) == ["ip link set dev vnet0 mtu 1500"]
    assert isinstance(plan, Plan)
    after, _ = simulate(plan, known.host)
    assert isinstance(check.check(Facts(host=after), target("ipxe", **RUNNING)), Fine)


def test_a_way_out_is_widened_from_below_at_a_risk() -> None:
    known = in_lan(wire("eno1.10", kind="vlan", lower="eno1"), below=(wire(),))
    plan = planned(with_probes(known, fetched()), target("ipxe", **RUNNING))
    assert commands(plan) == ["ip link set dev eno1 mtu 1500", "ip link set dev eno1.10 mtu 1500"]
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY


def test_the_file_that_makes_the_way_out_small_is_changed_too() -> None:
    stanza = NetworkFile(path="/etc/network/interfaces", text="iface eno1 inet manual\n  mtu 1400\n")
    known = in_lan(wire(), network_files=NetworkFiles(files=(stanza,)))
    plan = planned(with_probes(known, fetched()), target("ipxe", **RUNNING))
    assert commands(plan) == ["ip link set dev eno1 mtu 1500", "vi /etc/network/interfaces"]


def test_where_no_file_makes_it_small_the_plan_says_so() -> None:
    known = in_lan(wire(), network_files=NetworkFiles())
    plan = planned(with_probes(known, fetched()), target("ipxe", **RUNNING))
    assert isinstance(plan, Plan)
    assert "no file that pxedoctor reads sets an MTU for eno1" in plan.other_ways[0]


def test_a_tunnel_does_not_grow() -> None:
    plan = planned(with_probes(in_lan(wire("vx0", 1450, "vxlan")), fetched()), target("ipxe", **RUNNING))
    assert isinstance(plan, NoPlan)
    assert "--tftp-mtu=1450" in plan.instead[0]
