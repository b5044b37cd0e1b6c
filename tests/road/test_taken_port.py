"""Ports that another program keeps from a network's dnsmasq."""

import pytest

from builders import host, network
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Subnet
from pxedoctor.model.process import Process, Socket
from pxedoctor.road.taken_port import Taken, bootps, taken_ports

TCP53 = Socket(kind="tcp", port=53, address="0.0.0.0")
UDP67 = Socket(kind="udp", port=67, address="0.0.0.0")
LIBVIRTS = "/usr/sbin/dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/other.conf --leasefile-ro"


def dnsmasq(command: str, pid: int = 9, **changes: object) -> Process:
    values = {"pid": pid, "parent": 1, "state": "S", "name": "dnsmasq", "command": command}
    return Process(**(values | changes))  # type: ignore[arg-type]


def here(*processes: Process, sockets: tuple[Socket, ...]) -> Host:
    return host(networks=(network(),), processes=processes, sockets=sockets)


def taken(*processes: Process, sockets: tuple[Socket, ...] = (UDP67,)) -> tuple[Taken, ...]:
    return taken_ports(here(*processes, sockets=sockets), network())


def test_a_listener_on_every_address_leaves_no_room() -> None:
    resolver = dnsmasq("dnsmasq --interface=lo")
    assert taken(resolver, sockets=(TCP53,)) == (
        Taken(port=53, kind="tcp", address="0.0.0.0", sure=True, holder=resolver),
    )


def test_one_on_the_networks_own_address_leaves_none_either() -> None:
    sharing = dnsmasq("dnsmasq -z")
    (found,) = taken(sharing, sockets=(Socket(kind="tcp", port=53, address="192.168.122.1"),))
    assert (found.sure, found.holder, found.origin) == (True, sharing, "/proc/net/tcp")


@pytest.mark.parametrize(
    "socket",
    [
        Socket(kind="tcp", port=53, address="127.0.0.53"),
        Socket(kind="tcp", port=5300, address="0.0.0.0"),
        Socket(kind="udp", port=53, address="0.0.0.0"),
        Socket(kind="tcp6", port=53, address="::"),
    ],
    ids=["systemd-resolved", "another port", "UDP is shared", "IPv6, perhaps alone"],
)
def test_what_leaves_room_for_a_name_server(socket: Socket) -> None:
    assert taken(sockets=(socket,)) == ()


def test_a_network_without_dns_needs_no_port_53() -> None:
    assert taken_ports(here(sockets=(TCP53,)), network(dns=False)) == ()


def test_of_several_that_may_have_it_none_is_named() -> None:
    named = Process(pid=8, parent=1, state="S", name="named", command="named")
    (found,) = taken(named, dnsmasq("dnsmasq"), sockets=(TCP53,))
    assert found.holder is None


def test_a_dnsmasq_that_does_not_share_keeps_port_67() -> None:
    greedy = dnsmasq("dnsmasq --interface=lxdbr0 --dhcp-range=10.0.0.1,10.0.0.9")
    assert taken(greedy) == (Taken(port=67, kind="udp", address="0.0.0.0", sure=True, holder=greedy),)


@pytest.mark.parametrize(
    "process",
    [
        dnsmasq(LIBVIRTS),
        dnsmasq("dnsmasq --dhcp-range=10.0.0.1,10.0.0.9 --bind-dynamic"),
        dnsmasq("dnsmasq --dhcp-range=10.0.0.1,10.0.0.9 -z"),
        dnsmasq("dnsmasq", settings=("dhcp-range=10.0.0.1,10.0.0.9", "bind-interfaces")),
    ],
    ids=["libvirt's", "bind-dynamic", "-z", "bind-interfaces in its file"],
)
def test_those_that_share_it(process: Process) -> None:
    assert taken(process) == ()


def test_one_that_shares_does_not_hide_a_stranger() -> None:
    (found,) = taken(dnsmasq(LIBVIRTS), sockets=(UDP67, UDP67))
    assert (found.sure, found.holder) == (False, None)


def test_a_network_that_hands_out_nothing_needs_no_port_67() -> None:
    silent = network(subnets=(Subnet(family="ipv4", address="192.168.122.1", prefix=24),))
    greedy = dnsmasq("dnsmasq --dhcp-range=10.0.0.1,10.0.0.9")
    assert taken_ports(here(greedy, sockets=(UDP67,)), silent) == ()


@pytest.mark.parametrize(
    "process",
    [
        dnsmasq("dnsmasq --dhcp-range=10.0.0.1,10.0.0.9", state="Z"),
        dnsmasq("dnsmasq --dhcp-range=10.0.0.1,10.0.0.9", elsewhere=True),
        dnsmasq("dnsmasq --dhcp-range=fd00::1,fd00::9"),
    ],
    ids=["dead", "a container's", "IPv6 only"],
)
def test_who_does_not_hold_it(process: Process) -> None:
    (found,) = bootps(here(process, sockets=(UDP67,)))
    assert found.holder is None
