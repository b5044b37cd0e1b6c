"""A guest with a NIC of every kind, by real XML through libvirt: each NIC has its own road, or its kind is named.

Not passt: the libvirt under a site does not know it yet (tests/road/test_no_bridge.py has it).
"""

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST, define_guest, guest_xml, network_xml, restart_network, start_libvirt
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

_POOL = "<network><name>{name}</name><forward mode='{mode}'><interface dev='{device}'/></forward></network>"
_PCI = "<source><address type='pci' domain='0' bus='7' slot='0' function='0'/></source>"
_UDP = "<source address='127.0.0.1' port='5558'><local address='127.0.0.1' port='5559'/></source>"
_SOCKET = "<source type='unix' path='/tmp/vhost.sock' mode='server'/>"


def interfaces(site: Site) -> dict[str, tuple[str, str, str]]:
    """By what it is: libvirt's type, what stands in the <interface>, and what its road ends with."""
    device, bridge = site.device("e0"), site.bridge
    direct = {
        f"macvtap, {mode}": ("direct", f"<source dev='{device}' mode='{mode}'/>", f"in the mode {mode} leaves by")
        for mode in ("vepa", "bridge", "private", "passthrough")
    }
    return direct | {
        "nat": ("network", "<source network='lab'/>", "dnsmasq"),
        "a pool of macvtaps": ("network", "<source network='pool'/>", "hands out a macvtap"),
        "user mode": ("user", "", "QEMU's own user-mode network"),
        "hostdev": ("hostdev", _PCI, "handed over whole"),
        "vhost-user": ("vhostuser", _SOCKET, "vhost-user"),
        "vdpa": ("vdpa", "<source dev='/dev/vhost-vdpa-0'/>", "a vDPA device"),
        "udp": ("udp", _UDP, "through a socket"),
        "ethernet": ("ethernet", "", "made for a script or a program"),
        "mcast": ("mcast", "<source address='230.0.0.1' port='5558'/>", "through a socket"),
        "open vswitch": ("bridge", "<source bridge='ovs0'/><virtualport type='openvswitch'/>", "Open vSwitch"),
        "a bridge that is gone": ("bridge", f"<source bridge='{bridge}x'/>", "does not exist"),
    }


def define(site: Site, kinds: dict[str, tuple[str, str, str]]) -> None:
    model = "<model type='virtio'/>"
    written = [
        f"<interface type='{kind}'>{inside}<mac address='52:54:00:0d:0c:{number:02x}'/>{model}</interface>"
        for number, (kind, inside, _) in enumerate(kinds.values())
    ]
    define_guest(site, guest_xml("".join(written)))


def test_each_nic_has_its_own_road_or_its_kind_is_named() -> None:
    with open_site() as site:
        start_libvirt(site)
        site.run("ip", "link", "add", site.device("e0"), "type", "veth", "peer", "name", site.device("e1"))
        for end in ("e0", "e1"):
            site.run("ip", "link", "set", "dev", site.device(end), "up")
        restart_network(site, network_xml(site, stp="off"))
        site.run("virsh", "net-autostart", "lab")
        site.write("/tmp/pool.xml", _POOL.format(name="pool", mode="vepa", device=site.device("e0")))
        site.run("virsh", "net-define", "/tmp/pool.xml")
        site.run("virsh", "net-start", "pool")
        kinds = interfaces(site)
        define(site, kinds)
        told = site.doctor("diagnose", "--verbose", GUEST)
        roads = {road["targets"][0]: road["hops"] for road in told.document["roads"] if road["packet"] == "DISCOVER"}
        found = {kind: roads[f"{GUEST}/52:54:00:0d:0c:{number:02x}"][-1]["why"] for number, kind in enumerate(kinds)}
        assert {kind: words for kind, (_, _, words) in kinds.items() if words not in found[kind]} == {}, found
        verdicts = [target["verdict"] for target in told.document["targets"]]
        assert verdicts[:5] == ["healthy"] * 5, told.document["unknown"]
        assert verdicts[5:-2] == ["unknown"] * 8
        # A switch of Open vSwitch's would have a device of its name, which is not here.
        assert (told.names(), verdicts[-2:]) == (("guest-has-no-nic",) * 2, ["broken"] * 2)
