"""bpf-or-cgroup-filter: unknown by the facts, likely beside a silent probe, proven by a trace, cleared by an answer."""

import msgspec
import pytest

from builders import TARGET, bridge, facts, finding, link, offer, port, probed, silent, target, with_probes
from pxedoctor.checks.filter import bpf_or_cgroup_filter as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import PortState
from pxedoctor.model.link import Address
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.process import Process, Socket
from pxedoctor.model.target import Facts
from pxedoctor.model.traced import Traced
from pxedoctor.model.traffic_control import TcText
from pxedoctor.plans.plan import NoPlan
from pxedoctor.wire.dhcp4 import MessageType
from trace_builders import ALL, BRIDGE, TAP, UPLINK, content, discover, freed, received

BPF = "filter protocol all pref 1 bpf chain 0 handle 0x1 x.o:[cls] direct-action not_in_hw id 7\n"
INGRESS = TcText(device="eno1", filters=BPF, origin="tc filter show dev eno1 ingress", ingress=True)
OWN = Process(
    pid=7,
    parent=1,
    state="S",
    name="dnsmasq",
    command="dnsmasq --interface=br0 --dhcp-range=10.0.0.2,10.0.0.9",
    filtered="IPAddressDeny=0.0.0.0/0 ::/0 of dnsmasq.service",
)


def seen(xdp: str = "eno1", **more: object) -> Facts:
    """web01 on br0, its server behind eno1; `xdp`: the device that has a program."""
    own = (Address(family="inet", address="10.0.0.1", prefix=24),)
    values: dict[str, object] = {
        "links": (
            link("br0", kind="bridge", addresses=own, xdp=xdp == "br0"),
            link("eno1", kind="", master="br0", xdp=xdp == "eno1"),
            link("vnet0", master="br0", xdp=xdp == "vnet0"),
        ),
        "bridges": (bridge(ports=(port("eno1"), port("vnet0"))),),
        "netfilter": Netfilter(listings=()),
        "sysctls": {},
        "routes": (),
        "sockets": (Socket(kind="udp", port=67, address="0.0.0.0"),),
        "traffic_control": (),
        "processes": (),
    }
    return facts(**(values | more))


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_from_the_facts_alone_nobody_can_tell() -> None:
    outcome = check.check(seen(), target())
    assert isinstance(outcome, Unknown)
    assert outcome.on_road
    assert "an XDP program is attached to eno1" in outcome.missing


@pytest.mark.parametrize(
    ("host_facts", "what", "hop"),
    [
        pytest.param(seen(), "An XDP program on eno1", Hop.INGRESS, id="xdp"),
        pytest.param(seen("", traffic_control=(INGRESS,)), "A filter of tc on eno1", Hop.INGRESS, id="tc"),
        pytest.param(seen("", processes=(OWN,)), "systemd's filter of dnsmasq.service", Hop.SERVER, id="systemd"),
    ],
)
def test_a_probe_that_nobody_answers_makes_it_likely(host_facts: Facts, what: str, hop: Hop) -> None:
    found = broken(check.check(with_probes(host_facts, silent()), target()))
    assert (found.certainty, found.severity, found.hop) == ("likely", "broken", hop)
    assert found.headline == f"{what} is in the way, and a probe's questions brought no answer."
    assert found.evidence[-1].origin == "a probe of br0 as ipxe"


def test_an_answer_clears_it() -> None:
    outcome = check.check(with_probes(seen(), probed(offers=(offer(mac="52:54:00:aa:00:09"),))), target())
    assert isinstance(outcome, Fine)


def test_a_running_guests_own_tap_no_probe_passes() -> None:
    runs = target(tap="vnet0", running=True)
    for probe in (probed(), silent()):
        assert isinstance(check.check(with_probes(seen("vnet0"), probe), runs), Unknown)


def test_beside_another_doubt_it_stays_unknown() -> None:
    elsewhere = (
        link("br0", kind="bridge"),
        link("eno1", kind="veth", master="br0", xdp=True, peer_namespace=0),
    )
    host_facts = with_probes(seen(links=elsewhere, bridges=(bridge(ports=(port("eno1"),)),)), silent())
    assert isinstance(check.check(host_facts, target()), Unknown)


def test_a_trace_that_saw_it_die_there_proves_it() -> None:
    frames = discover(1.0)
    length = len(content(MessageType.DISCOVER))
    events = (received(1.00001, TAP, length), freed(1.00002, "do_xdp_generic+0x1f", "XDP"))
    traced = Traced(
        target=TARGET,
        bridge=BRIDGE,
        seconds=5,
        witnesses=ALL,
        tap=TAP,
        ports=(TAP, UPLINK),
        frames=frames,
        events=events,
    )
    runs = target(tap="vnet0", running=True)
    found = broken(check.check(msgspec.structs.replace(seen("vnet0"), traces=(traced,)), runs))
    assert found.certainty == "proven"
    assert found.headline == "An XDP program on vnet0 drops the guest's packets."


@pytest.mark.parametrize("host_facts", [seen(""), with_probes(seen(""), silent())])
def test_without_a_program_it_is_fine(host_facts: Facts) -> None:
    assert isinstance(check.check(host_facts, target()), Fine)


def test_what_ends_elsewhere_is_another_cause() -> None:
    closed = bridge(ports=(port("eno1"), port("vnet0", PortState.DISABLED)))
    host_facts = seen("vnet0", bridges=(closed,))
    assert isinstance(check.check(host_facts, target(tap="vnet0", running=True)), NotApplicable)


def test_there_is_no_plan() -> None:
    host_facts = with_probes(seen(), silent())
    plan = check.plan(finding(check, check.check(host_facts, target())), host_facts)
    assert isinstance(plan, NoPlan)
    assert "bpftool net show dev eno1" in plan.instead[0]
