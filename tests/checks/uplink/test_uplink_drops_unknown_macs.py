"""uplink-drops-unknown-macs: a virtual machine as host, and a probe that nobody beyond its uplink answers."""

import pytest

from builders import bridge, facts, finding, link, offer, port, probed, silent, target, with_probes
from pxedoctor.checks.uplink import uplink_drops_unknown_macs as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.link import Address
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.process import Process
from pxedoctor.model.system import System
from pxedoctor.model.target import Facts
from pxedoctor.model.traced import HeardFrame
from pxedoctor.plans.plan import NoPlan
from trace_builders import BRIDGE, UPLINK, bpdu_of, discover, traced

NESTED = System(hostname="h", kernel="6.18", virtual=True, machine="VMware, Inc. VMware Virtual Platform")
HERE = Process(
    pid=7, parent=1, state="S", name="dnsmasq", command="dnsmasq --interface=br0 --dhcp-range=10.0.0.2,10.0.0.9"
)


def seen(*ports: str, **more: object) -> Facts:
    own = (Address(family="inet", address="10.0.0.1", prefix=24),)
    names = ports or ("eno1",)
    values: dict[str, object] = {
        "system": NESTED,
        "links": (link("br0", kind="bridge", addresses=own), *(link(name, kind="", master="br0") for name in names)),
        "bridges": (bridge(ports=tuple(port(name) for name in names)),),
        "netfilter": Netfilter(listings=()),
        "sysctls": {},
        "routes": (),
        "sockets": (),
        "traffic_control": (),
        "processes": (),
    }
    return facts(**(values | more))


def test_a_silent_probe_on_a_nested_host_makes_it_likely() -> None:
    found = check.check(with_probes(seen(), silent()), target())
    assert isinstance(found, Broken)
    assert (found.certainty, found.severity, found.subject, found.hop) == ("likely", "broken", "eno1", Hop.UPLINK)
    assert found.headline == (
        "eno1 brings no answer to a MAC that is not this host's, and this host is a virtual machine: its hypervisor "
        "drops other MACs."
    )
    told = {evidence.origin: evidence.value for evidence in found.evidence}
    assert told["/proc/cpuinfo: flags"] == "VMware, Inc. VMware Virtual Platform"
    assert "a probe of br0 as ipxe" in told


def test_without_a_probe_nobody_can_tell() -> None:
    outcome = check.check(seen(), target())
    assert isinstance(outcome, Unknown)
    assert not outcome.on_road
    assert (
        outcome.would_help
        == "ask: pxedoctor probe --bridge br0 --on-wire, if the switch behind eno1 may see one more MAC; or watch the "
        "guest ask: pxedoctor trace"
    )


def watched(*says: HeardFrame) -> object:
    """A guest's question left in vain while a trace looked."""
    guest = target()
    told = traced(target=guest.id, frames=(*discover(1.0, BRIDGE, UPLINK), *says))
    return check.check(Facts(host=seen().host, traces=(told,)), guest)


def test_so_does_a_question_that_a_trace_saw_leave_in_vain() -> None:
    """Then the trace's own word on where it ended proves it, as of every cause (road/traced_road.py)."""
    found = watched()
    assert isinstance(found, Broken)
    assert (found.certainty, found.subject, found.hop) == ("likely", "eno1", Hop.UPLINK)


def test_a_switch_that_may_still_wait_is_another_reason_for_silence() -> None:
    content = bpdu_of()
    outcome = watched(HeardFrame(at=0.5, device=UPLINK, direction="in", content=content, length=len(content)))
    assert isinstance(outcome, Unknown)
    assert "it speaks STP" in outcome.missing


def test_an_answer_clears_it() -> None:
    assert isinstance(
        check.check(with_probes(seen(), probed(offers=(offer(mac="52:54:00:aa:00:09"),))), target()), Fine
    )


@pytest.mark.parametrize(
    "host_facts",
    [
        pytest.param(seen(system=System(hostname="h", kernel="6.18")), id="bare metal"),
        pytest.param(seen(processes=(HERE,)), id="this host serves"),
        pytest.param(seen(links=(link("br0", kind="bridge"),), bridges=(bridge(),)), id="no way out"),
        pytest.param(
            seen(links=(link("br0", kind="bridge"), link("eno1", kind="", master="br0", xdp=True))),
            id="an answer may die on this host",
        ),
    ],
)
def test_not_applicable(host_facts: Facts) -> None:
    assert isinstance(check.check(with_probes(host_facts, silent()), target()), NotApplicable)


def test_the_setting_is_in_another_machine() -> None:
    host_facts = with_probes(seen(), silent())
    plan = check.plan(finding(check, check.check(host_facts, target())), host_facts)
    assert isinstance(plan, NoPlan)
    assert "MacAddressSpoofing" in plan.instead[1]
