"""address-on-enslaved-nic: a risk, and broken where the host's own server sits on the port."""

import pytest

from builders import bridge, facts, finding, link, port, target
from pxedoctor.checks.bridge import address_on_enslaved_nic as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.link import Address
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

ON_NIC = "dnsmasq --interface=eno1 --dhcp-range=192.168.1.10,192.168.1.99"
ON_BRIDGE = "dnsmasq --interface=br0 --dhcp-range=192.168.1.10,192.168.1.99"


def address(text: str = "192.168.1.1", family: str = "inet") -> Address:
    return Address(family=family, address=text, prefix=24)


def seen(
    command: str = "",
    nic: tuple[Address, ...] = (address(),),
    br0: tuple[Address, ...] = (),
    kind: str = "",
) -> Facts:
    links = (link("br0", kind="bridge", addresses=br0), link("eno1", kind=kind, master="br0", addresses=nic))
    servers = (Process(pid=7, parent=1, state="S", name="dnsmasq", command=command),) if command else ()
    return facts(links=links, bridges=(bridge(ports=(port("eno1"),)),), processes=servers)


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_server_on_the_port_hears_no_guest() -> None:
    found = broken(check.check(seen(ON_NIC), target()))
    assert (found.severity, found.certainty, found.subject, found.scope) == ("broken", "proven", "eno1", "bridge")
    assert found.headline == ("This host's DHCP server sits on eno1, a port of br0: what guests send comes to br0.")
    assert [evidence.origin for evidence in found.evidence] == [
        "ip -j -d -s -s address show: eno1, addr_info",
        "/sys/class/net/br0/brif",
        "/proc/7/cmdline",
    ]


@pytest.mark.parametrize(
    "host_facts",
    [
        pytest.param(seen(), id="the server is elsewhere"),
        pytest.param(seen(ON_BRIDGE, br0=(address("192.168.1.2"),)), id="the bridge is served by this host"),
        pytest.param(seen("dnsmasq --port=53"), id="a dnsmasq for names alone"),
    ],
)
def test_else_it_is_the_hosts_own_trouble(host_facts: Facts) -> None:
    found = broken(check.check(host_facts, target()))
    assert (found.severity, found.certainty) == ("risk", "likely")
    assert "the host's trouble first" in found.headline


@pytest.mark.parametrize(
    "host_facts",
    [
        pytest.param(seen(nic=(), br0=(address(),)), id="the address is on the bridge"),
        pytest.param(seen(nic=(address("fe80::1", "inet6"),)), id="every device has a link-local one"),
        pytest.param(seen(nic=(address("169.254.7.7"),)), id="one that the device gave itself"),
        pytest.param(seen(kind="tun"), id="a tap is no NIC of this host"),
    ],
)
def test_fine(host_facts: Facts) -> None:
    assert isinstance(check.check(host_facts, target()), Fine)


def test_without_a_bridge_it_is_no_question() -> None:
    assert isinstance(check.check(facts(processes=()), target()), NotApplicable)


def test_the_plan_is_a_persons() -> None:
    plan = check.plan(finding(check, check.check(seen(ON_NIC), target())), seen(ON_NIC))
    assert isinstance(plan, NoPlan)
    assert "ip address add 192.168.1.1/24 dev br0; ip address del 192.168.1.1/24 dev eno1" in plan.instead[0]
