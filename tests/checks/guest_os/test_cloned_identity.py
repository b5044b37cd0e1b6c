"""cloned-identity: what the logs of dnsmasq, dhcpd and Kea tell of two guests that run."""

import pytest

from builders import MAC, domain, facts, finding, network, nic, target
from pxedoctor.checks.guest_os import cloned_identity as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Domain, Reservation, Subnet
from pxedoctor.model.log import LogLine
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

OTHER = "52:54:00:0d:0d:02"
ORIGIN = "journalctl --boot"
WEB01 = domain(nic(tap="vnet0"), running=True)
WEB02 = domain(nic(mac=OTHER, tap="vnet1"), name="web02", running=True)
RUNNING = target(running=True)


def ack(mac: str, address: str = "192.168.122.57", device: str = "virbr0") -> str:
    return f"h dnsmasq-dhcp[9]: DHCPACK({device}) {address} {mac} web"


def dhcpd(mac: str, address: str = "192.168.122.57") -> str:
    return f"h dhcpd[9]: DHCPACK on {address} to {mac} (web) via br0"


def kea(mac: str, address: str = "192.168.122.57") -> str:
    told = f"[hwtype=1 {mac}], cid=[ff:0d], tid=0x1: lease {address} has been allocated for 4000 seconds"
    return f"h kea-dhcp4[9]: INFO [kea-dhcp4.leases] DHCP4_LEASE_ALLOC {told}"


def host(*lines: str, guests: tuple[Domain, ...] = (WEB01, WEB02), **more: object) -> Facts:
    logs = tuple(LogLine(origin=ORIGIN, text=line) for line in lines)
    return facts(domains=guests, **({"logs": logs} | more))


def outcome(*lines: str, guests: tuple[Domain, ...] = (WEB01, WEB02)) -> Outcome:
    return check.check(host(*lines, guests=guests), RUNNING)


@pytest.mark.parametrize("server", [ack, dhcpd, kea])
def test_one_address_for_two_that_run(server: object) -> None:
    assert callable(server)
    found = outcome(server(MAC), server(OTHER.upper()))
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty) == ("broken", "likely")
    assert "web01 and web02" in found.headline
    assert [entry.value for entry in found.evidence] == [server(MAC), server(OTHER.upper())]


def test_both_of_them_are_one_finding() -> None:
    known = host(ack(MAC), ack(OTHER))
    second = target(id=f"web02/{OTHER}", guest="web02", mac=OTHER, running=True)
    subjects = {getattr(check.check(known, one), "subject", None) for one in (RUNNING, second)}
    assert subjects == {"virbr0 192.168.122.57"}


@pytest.mark.parametrize(
    "lines",
    [
        (ack(MAC), ack(OTHER, "192.168.122.58")),
        (ack(MAC), ack(OTHER), ack(OTHER, "192.168.122.58")),
        (ack(OTHER), "h dnsmasq-dhcp[9]: DHCPRELEASE(virbr0) 192.168.122.57 " + OTHER, ack(MAC)),
        (ack(OTHER), f"h dhcpd[9]: DHCPRELEASE of 192.168.122.57 from {OTHER} via br0", ack(MAC)),
        (ack(MAC), ack(OTHER, device="virbr1")),
    ],
    ids=["an address each", "one has another by now", "given back to dnsmasq", "given back to dhcpd", "two networks"],
)
def test_an_address_for_each(lines: tuple[str, ...]) -> None:
    assert isinstance(outcome(*lines), Fine)


def test_a_guest_that_is_off_has_left_its_address() -> None:
    off = domain(nic(mac=OTHER), name="web02")
    assert isinstance(outcome(ack(OTHER), ack(MAC), guests=(WEB01, off)), Fine)


def test_a_machine_that_is_no_guest_here() -> None:
    assert isinstance(outcome(ack(OTHER), ack(MAC), guests=(WEB01,)), Fine)


def test_two_nics_of_one_guest_are_no_clone() -> None:
    both = domain(nic(), nic(mac=OTHER, position=2), running=True)
    assert isinstance(outcome(ack(OTHER), ack(MAC), guests=(both,)), Fine)


def test_a_reservation_by_name() -> None:
    subnet = Subnet(
        family="ipv4",
        address="192.168.122.1",
        prefix=24,
        reserved=(Reservation(name="web", address="192.168.122.57"),),
    )
    found = check.check(host(ack(MAC), ack(OTHER), networks=(network(subnets=(subnet,)),)), RUNNING)
    assert isinstance(found, Broken)
    assert "by their name" in found.headline


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        (host(), RUNNING),
        (host("h dnsmasq[9]: started"), RUNNING),
        (host(ack(MAC), ack(OTHER)), target()),
        (facts(domains=(WEB01,), logs=Missing("forbidden", "closed")), RUNNING),
    ],
    ids=["an empty log", "another line", "it is off", "a log that is closed"],
)
def test_nothing_can_be_said(known: Facts, asked: object) -> None:
    assert isinstance(check.check(known, asked), NotApplicable)  # type: ignore[arg-type]


def test_there_is_no_plan() -> None:
    known = host(ack(MAC), ack(OTHER))
    planned = check.plan(finding(check, check.check(known, RUNNING)), known)
    assert isinstance(planned, NoPlan)
    assert "machine-id" in planned.instead[0]
