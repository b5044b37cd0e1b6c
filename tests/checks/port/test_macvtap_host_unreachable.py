"""macvtap-host-unreachable: a part of a device on which this host serves."""

import pytest

from builders import domain, facts, finding, link, network, nic, target
from pxedoctor.checks.port import macvtap_host_unreachable as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable
from pxedoctor.model.link import Address
from pxedoctor.model.process import Process
from pxedoctor.model.target import Direct, Facts
from pxedoctor.plans.plan import NoPlan

GUEST = domain(nic(kind="direct", source="eno1", lower="eno1", mode="bridge"))
RANGE = "--dhcp-range=192.168.1.10,192.168.1.99"


def seen(command: str = f"dnsmasq --interface=eno1 {RANGE}", **more: object) -> Facts:
    own = (Address(family="inet", address="192.168.1.1", prefix=24),)
    server = Process(pid=7, parent=1, state="S", name="dnsmasq", command=command)
    values: dict[str, object] = {
        "links": (link("eno1", kind="", addresses=own),),
        "processes": (server,),
        "domains": (GUEST,),
    }
    return facts(**(values | more))


@pytest.mark.parametrize(
    ("mode", "certainty"), [("bridge", "proven"), ("private", "proven"), ("vepa", "likely"), ("", "likely")]
)
def test_a_guest_beside_its_own_server_is_broken(mode: str, certainty: str) -> None:
    found = check.check(seen(), target(bridge=None, direct=Direct("eno1", mode)))
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject) == ("broken", certainty, "eno1")
    assert found.headline == (
        "web01 is on a macvtap of eno1, where this host is the DHCP server: the two do not reach each other."
    )
    assert found.evidence[0].origin == "/etc/libvirt/qemu/web01.xml: devices/interface[1]/source"
    assert found.evidence[2].origin == "/proc/7/cmdline"


def test_a_macvtap_of_a_networks_own_bridge_is_broken() -> None:
    host_facts = seen(processes=(), networks=(network(bridge="virbr0"),))
    assert isinstance(check.check(host_facts, target(bridge=None, direct=Direct("virbr0", "bridge"))), Broken)


@pytest.mark.parametrize(
    "host_facts",
    [
        pytest.param(seen(processes=()), id="nobody here serves"),
        pytest.param(seen(f"dnsmasq --interface=eno2 {RANGE}"), id="it serves another device"),
        pytest.param(seen("dnsmasq --interface=eno1"), id="it serves names alone"),
    ],
)
def test_a_server_elsewhere_is_reached(host_facts: Facts) -> None:
    assert isinstance(check.check(host_facts, target(bridge=None, direct=Direct("eno1", "bridge"))), Fine)


def test_a_network_that_serves_files_alone_is_fine() -> None:
    files = network(bridge="virbr0", subnets=())
    host_facts = seen(processes=(), networks=(files,))
    assert isinstance(check.check(host_facts, target(bridge=None, direct=Direct("virbr0", "bridge"))), Fine)


def test_a_guest_on_a_bridge_is_another_question() -> None:
    assert isinstance(check.check(seen(), target()), NotApplicable)


def test_no_plan_and_three_ways_around() -> None:
    of = target(bridge=None, direct=Direct("eno1", "bridge"))
    plan = check.plan(finding(check, check.check(seen(), of), of), seen())
    assert isinstance(plan, NoPlan)
    assert "by design" in plan.because
    assert any("type macvlan mode bridge" in way for way in plan.instead)
