"""client-not-admitted: whom a server with reservations alone, or with a list of the unwanted, lets in."""

import msgspec
import pytest

from builders import MAC, bridge, facts, finding, link, network, port, probed, target, with_probes
from pxedoctor.checks.server import client_not_admitted as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Network, Reservation, Subnet
from pxedoctor.model.link import Address
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

GUEST = target(bridge="virbr0", network="default")
STATIC = "--dhcp-range=192.168.160.0,static"


def reserving(*reserved: Reservation, ranges: tuple[tuple[str, str], ...] = ()) -> Network:
    own = Subnet(
        family="ipv4", address="192.168.122.1", prefix=24, ranges=ranges, hosts=len(reserved), reserved=reserved
    )
    return network(subnets=(own,))


def libvirts(one: Network) -> Outcome:
    return check.check(facts(networks=(one,)), GUEST)


def served(words: str, settings: tuple[str, ...] = ()) -> Facts:
    """br0 with a dnsmasq of the host's own, started with these words."""
    command = f"dnsmasq --interface=br0 {words}"
    process = Process(pid=9, parent=1, state="S", name="dnsmasq", command=command, settings=settings)
    own = Address(family="inet", address="192.168.160.1", prefix=24)
    return facts(
        networks=Missing("absent", "no libvirt"),
        links=(link("br0", kind="bridge", addresses=(own,)),),
        bridges=(bridge(),),
        processes=(process,),
        sockets=(),
    )


def own(words: str, settings: tuple[str, ...] = ()) -> Outcome:
    return check.check(served(words, settings), target())


def test_reservations_for_others_alone() -> None:
    found = libvirts(reserving(Reservation(mac="52:54:00:00:00:02", address="192.168.122.5")))
    assert isinstance(found, Broken)
    assert (found.subject, found.scope, found.certainty) == (f"default/{MAC}", "guest", "proven")
    assert found.evidence[1].value == "52:54:00:00:00:02"


def test_a_reservation_by_name_may_be_this_guests() -> None:
    found = libvirts(reserving(Reservation(name="web01", address="192.168.122.5")))
    assert isinstance(found, Broken)
    assert found.certainty == "likely"


@pytest.mark.parametrize(
    "one",
    [
        reserving(Reservation(mac=MAC, address="192.168.122.5")),
        reserving(Reservation(mac="52:54:00:00:00:02"), ranges=(("192.168.122.10", "192.168.122.99"),)),
    ],
    ids=["its own", "a range for whoever asks"],
)
def test_a_network_that_has_an_address_for_it(one: Network) -> None:
    assert isinstance(libvirts(one), Fine)


def test_many_reservations_are_not_all_shown() -> None:
    many = tuple(Reservation(mac=f"52:54:00:00:00:{number:02x}") for number in range(2, 9))
    found = libvirts(reserving(*many))
    assert isinstance(found, Broken)
    assert found.evidence[1].value.endswith(" and 4 more")


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        pytest.param(STATIC, (), id="static ranges alone"),
        pytest.param(f"{STATIC} --dhcp-host=52:54:00:00:00:02,192.168.160.5", (), id="for another"),
        pytest.param("--dhcp-range=192.168.160.10,192.168.160.99", ("dhcp-ignore=tag:!known",), id="no strangers"),
        pytest.param(f"--dhcp-range=192.168.160.10,192.168.160.99 --dhcp-host={MAC},ignore", (), id="not this one"),
    ],
)
def test_an_own_dnsmasq_that_does_not_admit_it(words: str, settings: tuple[str, ...]) -> None:
    found = own(words, settings)
    assert isinstance(found, Broken)
    assert found.subject == f"br0/{MAC}"


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        pytest.param("--dhcp-range=192.168.160.10,192.168.160.99", (), id="a range"),
        pytest.param(f"{STATIC} --dhcp-host={MAC},192.168.160.5", (), id="its reservation"),
        pytest.param(f"{STATIC} --dhcp-host=52:54:00:*:*:*,192.168.160.5", (), id="one with stars"),
        pytest.param("--dhcp-range=192.168.160.10,192.168.160.99", ("dhcp-ignore=tag:guest",), id="another tag"),
        pytest.param(f"{STATIC} --dhcp-range=192.168.160.10,192.168.160.99", (), id="one of two is for all"),
    ],
)
def test_an_own_dnsmasq_that_admits_it(words: str, settings: tuple[str, ...]) -> None:
    assert isinstance(own(words, settings), Fine)


@pytest.mark.parametrize("more", ["dhcp-hostsfile=/etc/hosts.dhcp", "dhcp-hostsdir=/etc/hosts.d", "read-ethers"])
def test_reservations_that_are_not_read_are_unknown(more: str) -> None:
    assert isinstance(own(STATIC, (more,)), Unknown)


def test_who_is_admitted_is_for_a_person_to_say() -> None:
    here = facts(networks=(reserving(Reservation(mac="52:54:00:00:00:02")),))
    planned = check.plan(finding(check, check.check(here, GUEST)), here)
    assert isinstance(planned, NoPlan)
    assert planned.instead[0].startswith('virsh net-update default add ip-dhcp-host "<host mac=')
    mine = check.plan(finding(check, check.check(served(STATIC), target())), served(STATIC))
    assert isinstance(mine, NoPlan)
    assert f"dhcp-host={MAC},ADDRESS" in mine.instead[0]


def test_without_a_guest_or_a_server_there_is_nothing_to_say() -> None:
    assert isinstance(check.check(facts(), target(mac=None)), NotApplicable)
    assert isinstance(check.check(facts(), target()), NotApplicable)


def test_where_another_server_may_answer_nothing_is_said() -> None:
    """Behind a port that leads out, or seen by a probe."""
    here = served(STATIC)
    wired = msgspec.structs.replace(here.host, bridges=(bridge(ports=(port("eno1"), port("vnet0"))),))
    assert isinstance(check.check(msgspec.structs.replace(here, host=wired), target()), NotApplicable)
    assert isinstance(check.check(with_probes(here, probed()), target()), NotApplicable)
