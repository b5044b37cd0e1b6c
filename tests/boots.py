"""Hosts whose guests get their address from somewhere: libvirt's network, the host's own dnsmasq, or the LAN."""

from builders import bridge, facts, link, network, port, target
from pxedoctor.model.libvirt import Subnet
from pxedoctor.model.link import Address
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.process import Process, Socket
from pxedoctor.model.route import Route
from pxedoctor.model.target import Facts
from rulesets import netfilter

ON_DEFAULT = target(bridge="virbr0", network="default")
ON_BR0 = target()

_OF_LIBVIRT = Process(
    pid=100, parent=1, state="S", name="dnsmasq", command="dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf"
)
_OWN = Process(pid=200, parent=1, state="S", name="dnsmasq", command="dnsmasq --interface=br0 --dhcp-range=10.9.0.2")
_RAW = Process(pid=300, parent=1, state="S", name="dhcpd", command="dhcpd -4 br0")
_LISTENS = Socket(kind="udp", port=67, address="0.0.0.0")
_HEARS_FRAMES = Socket(kind="packet", port=0, interface=7, protocol=0x0800)
_ADDRESS = Address(family="inet", address="10.9.0.1", prefix=24)


def on_libvirt(*listings: RulesText, **others: object) -> Facts:
    """virbr0 of the network `default`, whose dnsmasq lives."""
    values: dict[str, object] = {
        "networks": (network(),),
        "bridges": (bridge("virbr0"),),
        "links": (link("virbr0", kind="bridge"),),
        "processes": (_OF_LIBVIRT,),
        "netfilter": netfilter(*listings),
        "sysctls": {},
    }
    return facts(**(values | others))


def on_own_bridge(*listings: RulesText, **others: object) -> Facts:
    """br0 with an address, and a dnsmasq of the administrator's."""
    values: dict[str, object] = {
        "bridges": (bridge(),),
        "links": (link("br0", kind="bridge", addresses=(_ADDRESS,)),),
        "processes": (_OWN,),
        "sockets": (_LISTENS,),
        "netfilter": netfilter(*listings),
        "sysctls": {},
    }
    return facts(**(values | others))


def with_dhcpd(*listings: RulesText) -> Facts:
    """br0 served by ISC dhcpd through a packet socket."""
    return on_own_bridge(*listings, processes=(_RAW,), sockets=(_HEARS_FRAMES,))


def in_lan(*listings: RulesText, calls_iptables: bool = True, **others: object) -> Facts:
    """br0 with the uplink eno1 and no address; `calls_iptables`: br_netfilter is on."""
    values: dict[str, object] = {
        "bridges": (bridge(ports=(port("eno1"),)),),
        "links": (link("br0", kind="bridge"), link("eno1", kind="", index=2)),
        "processes": (),
        "sockets": (),
        "netfilter": netfilter(*listings),
        "sysctls": {"net/bridge/bridge-nf-call-iptables": "1" if calls_iptables else "0"},
    }
    return facts(**(values | others))


def from_outside(*listings: RulesText, boot_file: str = "boot.0", **others: object) -> Facts:
    """The network `default`, whose guests boot from 203.0.113.9, behind this host's wan0: by TFTP, or by a URL."""
    subnet = Subnet(
        family="ipv4",
        address="192.168.122.1",
        prefix=24,
        ranges=(("192.168.122.2", "192.168.122.254"),),
        boot_file=boot_file,
        boot_server="" if boot_file.startswith("http") else "203.0.113.9",
    )
    values: dict[str, object] = {
        "networks": (network(subnets=(subnet,)),),
        "links": (link("virbr0", kind="bridge"), link("wan0", kind="", index=2)),
        "routes": (
            Route(family="inet", destination="127.0.0.0/8", device="lo", table="local", kind="local"),
            Route(family="inet", destination="default", device="wan0"),
        ),
        "modules": (),
    }
    return on_libvirt(*listings, **(values | others))
