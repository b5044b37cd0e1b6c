"""network-inactive: who is cut off by a network that is down, who is not, and what may be done."""

import pytest

from builders import bridge, facts, finding, link, network, target
from pxedoctor.checks.server import network_inactive as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, MissingFactError, Unmodelled
from pxedoctor.model.libvirt import Daemon, Libvirt, Network
from pxedoctor.model.process import Process
from pxedoctor.model.target import Target
from pxedoctor.plans.network import AutostartNetwork, StartNetwork, StopNetwork
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety

RUNNING = Libvirt(daemons=(Daemon(name="libvirtd", pid=10),), networks_autostarted=True)
ASLEEP = Libvirt(daemons=(Daemon(name="virtqemud", pid=9), Daemon(name="virtnetworkd", asleep=True)))
DOWN = network(active=False, origin="/etc/libvirt/qemu/networks/default.xml")
GONE = network(active=True)
GUEST = target(bridge="virbr0", network="default")


def outcome(one: Network, of: Target = GUEST, **others: object) -> Outcome:
    return check.check(facts(networks=(one,), **({"libvirt": RUNNING} | others)), of)


def broken(one: Network, of: Target = GUEST, **others: object) -> Broken:
    found = outcome(one, of, **others)
    assert isinstance(found, Broken), found
    return found


def plan(one: Network, **others: object) -> Plan | NoPlan:
    host = facts(networks=(one,), **({"libvirt": RUNNING, "processes": ()} | others))
    return check.plan(finding(check, check.check(host, GUEST)), host)


def test_a_network_that_is_down() -> None:
    found = broken(DOWN)
    assert (found.severity, found.certainty, found.scope, found.subject) == ("broken", "proven", "network", "default")
    assert "is not active" in found.headline
    assert ("/run/libvirt/network/default.xml", "does not exist") in [(e.origin, e.value) for e in found.evidence]
    assert ("/sys/class/net/virbr0", "does not exist") in [(e.origin, e.value) for e in found.evidence]
    assert ("/run/libvirtd.pid", "10") in [(e.origin, e.value) for e in found.evidence]


def test_a_network_that_virsh_told_about_names_virsh() -> None:
    found = broken(network(active=False, autostart=False, origin="virsh -r -c qemu:///system net-dumpxml default"))
    assert [(e.origin, e.value) for e in found.evidence if "virsh" in e.origin] == [
        ("virsh net-list --all", "inactive"),
        ("virsh net-list --all", "no"),
    ]


def test_a_bridge_that_was_deleted_under_an_active_network() -> None:
    found = broken(GONE)
    assert "active in name only" in found.headline


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({"bridges": (bridge("virbr0"),)}, id="its bridge is there"),
        pytest.param({"bridges": Missing("failed", "no sysfs")}, id="bridges are not known: libvirt's word stands"),
        pytest.param({"links": (link("virbr0", kind="openvswitch"),)}, id="a device of that name is there"),
        pytest.param(
            {"unmodelled": (Unmodelled(kind="bridge", name="virbr0", origin="/sys", why="?"),)},
            id="its bridge is there and is not understood",
        ),
    ],
)
def test_an_active_network_is_fine(others: dict[str, object]) -> None:
    assert isinstance(outcome(GONE, **others), Fine)


def test_an_active_network_without_autostart_is_somebodys_choice() -> None:
    found = outcome(network(autostart=False), bridges=(bridge("virbr0"),))
    assert isinstance(found, Fine)
    assert "after a reboot" in found.why


def test_a_bridged_network_needs_no_bridge_of_its_own() -> None:
    assert isinstance(outcome(network(forward="bridge", bridge="ovsbr0", subnets=())), Fine)


def test_a_running_guest_whose_tap_somebody_plugged_in_elsewhere_is_ill_at_its_next_start() -> None:
    found = broken(
        DOWN,
        target(bridge="virbr0", network="default", tap="vnet0", running=True),
        links=(link("vnet0", master="br1"),),
    )
    assert found.severity == "risk"
    assert "cannot start again" in found.headline


def test_a_running_guest_whose_tap_hangs_loose_is_ill_now() -> None:
    found = broken(DOWN, target(bridge="virbr0", network="default", tap="vnet0", running=True), links=(link("vnet0"),))
    assert found.severity == "broken"


def test_a_sleeping_daemon_starts_the_network_when_woken() -> None:
    """Seen with libvirt 9.0.0 behind a socket: `virsh start` wakes it, the network comes up, the guest starts."""
    found = outcome(DOWN, libvirt=ASLEEP)
    assert isinstance(found, Unknown)
    assert found.on_road


@pytest.mark.parametrize(
    ("one", "libvirt"),
    [
        pytest.param(network(active=False, autostart=False), ASLEEP, id="not set to start"),
        pytest.param(DOWN, Libvirt(daemons=ASLEEP.daemons, networks_autostarted=True), id="done once since the boot"),
    ],
)
def test_a_sleeping_daemon_that_will_not_start_it(one: Network, libvirt: Libvirt) -> None:
    found = broken(one, libvirt=libvirt)
    assert any("sleeps" in evidence.text for evidence in found.evidence)


@pytest.mark.parametrize(
    ("libvirt", "said"),
    [
        (Libvirt(), "does not run, and no socket waits"),
        (Missing("absent", "libvirt has not run on this host since it booted"), "no libvirt daemon has run"),
    ],
)
def test_without_a_daemon_it_is_broken_and_there_is_no_plan(libvirt: object, said: str) -> None:
    assert any(said in evidence.text for evidence in broken(DOWN, libvirt=libvirt).evidence)
    planned = plan(DOWN, libvirt=libvirt)
    assert isinstance(planned, NoPlan)
    assert any("virtnetworkd.socket" in way for way in planned.instead)


def test_a_network_that_libvirt_does_not_have_is_unknown() -> None:
    found = outcome(DOWN, target(bridge=None, network="missing"))
    assert isinstance(found, Unknown)
    assert "libvirt has none of that name" in found.missing


@pytest.mark.parametrize(
    "of",
    [GUEST, target(kind="bridge", guest=None, bridge="virbr7")],
    ids=["the guest's own network", "a bridge that may be the hidden network's"],
)
def test_a_network_that_could_not_be_read_is_unknown(of: Target) -> None:
    hidden = Unmodelled(kind="network", name="default", origin="/run/x", why="it may not be read by this user")
    found = check.check(facts(unmodelled=(hidden,)), of)
    assert isinstance(found, Unknown)
    assert "may not be read" in found.missing


def test_a_guest_on_a_plain_bridge_has_nothing_to_do_with_a_hidden_network() -> None:
    hidden = Unmodelled(kind="network", name="default", origin="/run/x", why="?")
    assert isinstance(check.check(facts(unmodelled=(hidden,)), target()), NotApplicable)


def test_networks_that_are_not_known() -> None:
    with pytest.raises(MissingFactError):
        check.check(facts(networks=Missing("forbidden", "closed")), GUEST)


@pytest.mark.parametrize("kind", ["tap", "bridge"])
def test_a_bridge_made_by_hand_under_an_inactive_networks_name(kind: str) -> None:
    of = target(kind=kind, guest=None, bridge="virbr0", network="default")
    assert isinstance(outcome(DOWN, of, bridges=(bridge("virbr0"),)), NotApplicable)


def test_a_guest_on_a_bridge_made_by_hand_under_an_inactive_networks_name() -> None:
    assert isinstance(outcome(DOWN, target(bridge="virbr0"), bridges=(bridge("virbr0"),)), NotApplicable)


def test_a_guest_that_names_the_networks_bridge_instead_of_the_network() -> None:
    """<interface type='bridge'><source bridge='virbr0'/>: without the network there is no virbr0."""
    assert broken(DOWN, target(bridge="virbr0")).subject == "default"
    assert isinstance(outcome(network(), target(bridge="virbr0"), bridges=(bridge("virbr0"),)), Fine)


def test_of_two_networks_with_one_bridge_the_active_one_counts() -> None:
    host = facts(networks=(DOWN, network("other")), bridges=(bridge("virbr0"),), libvirt=RUNNING)
    assert isinstance(check.check(host, target(bridge="virbr0")), Fine)


def test_plan_starts_it_and_has_it_started_from_now_on() -> None:
    planned = plan(network(active=False, autostart=False))
    assert isinstance(planned, Plan)
    assert planned.steps == (StartNetwork(network="default", bridge="virbr0"), AutostartNetwork(network="default"))
    assert planned.safety is Safety.SAFE


def test_plan_leaves_an_autostart_that_is_set() -> None:
    planned = plan(DOWN)
    assert isinstance(planned, Plan)
    assert planned.steps == (StartNetwork(network="default", bridge="virbr0"),)


def test_undo_of_a_bridged_network_does_not_look_at_a_bridge_it_does_not_own() -> None:
    planned = plan(network(active=False, forward="bridge", bridge="br0", subnets=()))
    assert isinstance(planned, Plan)
    assert planned.steps == (StartNetwork(network="default", bridge=""),)


def test_plan_of_a_deleted_bridge_stops_what_is_left_first() -> None:
    """A restart instead would leave the old dnsmasq on the address, and the network could not start (libvirt 9.0.0)."""
    dnsmasq = Process(
        pid=97, parent=1, state="S", name="dnsmasq", command="dnsmasq --conf-file=/x/dnsmasq/default.conf"
    )
    planned = plan(GONE, processes=(dnsmasq,))
    assert isinstance(planned, Plan)
    assert planned.steps == (StopNetwork(network="default"), StartNetwork(network="default", bridge="virbr0"))
    assert any("kill 97; virsh net-start default" in way for way in planned.other_ways)


def test_a_sleeping_daemon_would_leave_the_old_dnsmasq_when_woken() -> None:
    planned = plan(GONE, libvirt=ASLEEP)
    assert isinstance(planned, NoPlan)
    assert planned.instead == ("end the dnsmasq of default; virsh net-start default",)


def test_a_transient_network_cannot_be_started_again() -> None:
    planned = plan(network(active=True, persistent=False))
    assert isinstance(planned, NoPlan)
    assert "transient" in planned.because
