"""dhcp-not-configured: who is set to hand out addresses on a bridge, and from which address of its own."""

import pytest

from builders import bridge, facts, finding, link, network, port, target
from pxedoctor.checks.server import dhcp_not_configured as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.link import Address, Link
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan

GUEST = target(bridge="virbr0", network="default")
NO_DHCP = network(subnets=(Subnet(family="ipv4", address="192.168.122.1", prefix=24),))
ON_BR0 = Process(
    pid=9,
    parent=1,
    state="S",
    name="dnsmasq",
    command="dnsmasq --interface=br0 --dhcp-range=192.168.160.10,192.168.160.99,1h",
)


def device(*addresses: str, name: str = "virbr0") -> Link:
    split = (address.partition("/") for address in addresses)
    own = tuple(Address(family="inet", address=first, prefix=int(bits)) for first, _, bits in split)
    return link(name, kind="bridge", addresses=own)


def host(one: Network, *links: Link, processes: tuple[Process, ...] = (), ports: tuple[str, ...] = ("vnet0",)) -> Facts:
    taps = tuple(link(name, master="virbr0") for name in ports if name.startswith("vnet"))
    here = bridge("virbr0", ports=tuple(port(name) for name in ports))
    return facts(
        networks=(one,),
        links=(*(links or (device("192.168.122.1/24"),)), *taps),
        bridges=(here,),
        processes=processes,
        sockets=(),
    )


def on_br0(process: Process, *addresses: str) -> Outcome:
    here = facts(
        networks=Missing("absent", "no libvirt"),
        links=(device(*addresses, name="br0"),),
        bridges=(bridge(),),
        processes=(process,),
        sockets=(),
    )
    return check.check(here, target())


def test_a_network_without_dhcp_serves_nobody() -> None:
    found = check.check(host(NO_DHCP), GUEST)
    assert isinstance(found, Broken)
    assert (found.severity, found.subject, found.hop.value) == ("broken", "default", "server")
    assert "iPXE" in found.headline
    assert ("/run/libvirt/network/default.xml", "192.168.122.1/24") in [(e.origin, e.value) for e in found.evidence]


def test_where_nobody_is_known_to_ask_it_is_a_risk() -> None:
    found = check.check(host(NO_DHCP), target(None, bridge="virbr0", network="default"))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def test_which_addresses_to_hand_out_is_for_a_person_to_say() -> None:
    here = host(NO_DHCP)
    planned = check.plan(finding(check, check.check(here, GUEST)), here)
    assert isinstance(planned, NoPlan)
    assert "virsh net-update default add ip-dhcp-range" in planned.instead[0]
    assert "192.168.122.0/24" in planned.instead[0]


def test_a_network_without_any_address_is_told_to_get_one() -> None:
    here = host(network(subnets=()))
    planned = check.plan(finding(check, check.check(here, GUEST)), here)
    assert isinstance(planned, NoPlan)
    assert "net-edit" in planned.instead[0]


@pytest.mark.parametrize(
    ("processes", "ports"),
    [
        pytest.param((), ("vnet0", "eno1"), id="a port leads out"),
        pytest.param((), ("vnet0", "vnet1"), id="another guest may be its router"),
        pytest.param(
            (
                Process(
                    pid=9,
                    parent=1,
                    state="S",
                    name="dnsmasq",
                    command="dnsmasq --interface=virbr0 --dhcp-range=192.168.122.10,192.168.122.20",
                ),
            ),
            ("vnet0",),
            id="an administrator's own dnsmasq",
        ),
    ],
)
def test_somebody_else_may_serve(processes: tuple[Process, ...], ports: tuple[str, ...]) -> None:
    assert isinstance(check.check(host(NO_DHCP, processes=processes, ports=ports), GUEST), NotApplicable)


def test_a_bridge_that_lost_its_address_gets_it_back() -> None:
    here = host(network(), device())
    found = check.check(here, GUEST)
    assert isinstance(found, Broken)
    assert "192.168.122.1" in found.headline
    planned = check.plan(finding(check, found), here)
    assert isinstance(planned, Plan)
    assert [step.argv() for step in planned.steps] == [
        ("ip", "address", "add", "192.168.122.1/24", "broadcast", "+", "dev", "virbr0")
    ]


def test_an_address_that_another_device_has_is_not_given_twice() -> None:
    here = host(network(), device(), device("192.168.122.1/24", name="eth0"))
    planned = check.plan(finding(check, check.check(here, GUEST)), here)
    assert isinstance(planned, NoPlan)
    assert "eth0" in planned.because


@pytest.mark.parametrize(
    "address", ["192.168.122.1/24", "192.168.122.2/29", "192.168.122.9/32"], ids=["its own", "another", "a /32"]
)
def test_any_address_of_the_network_will_do(address: str) -> None:
    """libvirt's range names its mask, and dnsmasq goes by that (src/dhcp.c, complete_context)."""
    assert isinstance(check.check(host(network(), device(address)), GUEST), Fine)


def test_an_own_dnsmasq_whose_range_is_of_another_network() -> None:
    found = on_br0(ON_BR0, "192.168.161.1/24")
    assert isinstance(found, Broken)
    assert (found.severity, found.subject, found.scope) == ("broken", "br0", "bridge")
    assert any(evidence.value == "192.168.160.10,192.168.160.99,1h" for evidence in found.evidence)


@pytest.mark.parametrize("address", ["192.168.160.1/24"])
def test_an_own_dnsmasq_that_fits(address: str) -> None:
    assert isinstance(on_br0(ON_BR0, address), NotApplicable)


@pytest.mark.parametrize(
    "command",
    [
        "dnsmasq --interface=lxdbr0 --dhcp-range=10.0.0.1,10.0.0.9",
        "dnsmasq --dhcp-range=10.0.0.1,10.0.0.9",
        "dnsmasq --interface=br0",
        "dnsmasq --interface=br0 --dhcp-range=fd00::10,fd00::ff,64",
        "dnsmasq --interface=br0 --shared-network=br0,10.0.0.0 --dhcp-range=10.0.0.1,10.0.0.9",
        "dnsmasq --interface=br0 --dhcp-range=192.168.161.10,192.168.161.99,255.255.255.0",
    ],
    ids=["another bridge", "names none", "DNS only", "IPv6 only", "a shared network", "a mask of its own"],
)
def test_a_dnsmasq_that_is_not_astray(command: str) -> None:
    """Of the last: the bridge's address may have any prefix if the range names the mask."""
    process = Process(pid=9, parent=1, state="S", name="dnsmasq", command=command)
    assert isinstance(on_br0(process, "192.168.161.1/32"), NotApplicable)


def test_a_network_that_is_not_running_is_somebody_elses_business() -> None:
    assert isinstance(check.check(host(network(active=False, subnets=())), GUEST), NotApplicable)


def test_without_a_bridge_there_is_nothing_to_say() -> None:
    assert isinstance(check.check(facts(processes=()), GUEST), NotApplicable)


def test_a_network_that_could_not_be_understood_is_unknown() -> None:
    hidden = Unmodelled(kind="network", name="default", origin="/run/x", why="it is not XML")
    assert isinstance(check.check(facts(unmodelled=(hidden,), processes=()), GUEST), Unknown)


PREFIX = Subnet(family="ipv6", address="fd00:150::1", prefix=64)
STATELESS = network(subnets=(PREFIX,), server_options=("dhcp-range=fd00:150::,ra-stateless",))


def test_guests_that_make_their_addresses_of_a_prefix_need_nobody_to_hand_them_out() -> None:
    with_it = link("virbr0", kind="bridge", addresses=(Address(family="inet6", address="fd00:150::1", prefix=64),))
    guest = target(None, bridge="virbr0", network="default")
    found = check.check(host(network(subnets=(PREFIX,)), with_it), guest)
    assert isinstance(found, Fine)
    assert "advertises an IPv6 prefix alone" in found.why
    assert isinstance(check.check(host(STATELESS, with_it), GUEST), Fine), "iPXE asks for the rest"
    for client in ("ovmf", "grub"):
        asks = target(client, bridge="virbr0", network="default")
        assert isinstance(check.check(host(STATELESS, with_it), asks), Broken), client
