"""Cases of mtu-mismatch: a tap and an uplink smaller than the blocks of the boot file, which TFTP carries."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import GUEST, bridge_interface, cold_start, define_guest, guest_xml
from pxedoctor.lab.parts_bridge import boot_url, lan_site, served_bridge_site, uplink_name
from pxedoctor.lab.site import Site

# What iPXE asks for (src/net/udp/tftp.c): packets of 1464 bytes.
_BLOCK = "1432"
_SMALL = "1400"


def _lan_with_files(site: Site) -> None:
    lan_site(site, tftp=True)


def _host_with_files(site: Site) -> None:
    served_bridge_site(site, tftp=True)


def _defined_small(site: Site) -> None:
    small = bridge_interface(site.bridge).replace("</interface>", f"<mtu size='{_SMALL}'/></interface>")
    define_guest(site, guest_xml(small))


def _defined_as_built(site: Site) -> None:
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def _fetch(site: Site) -> Attempt:
    """Its tap has the MTU of its definition, as libvirt would give it."""
    small = f"<mtu size='{_SMALL}'" in site.run("virsh", "dumpxml", "--inactive", GUEST)
    mtu = ("--mtu", _SMALL) if small else ()
    return cold_start(site, None, "udhcpc", "--fetch", boot_url("tftp"), "--block-size", _BLOCK, *mtu)


def _wire(site: Site) -> str:
    return site.device("wi")


def _set_wire(site: Site, mtu: str) -> None:
    """The uplink and what it sits on; the lower one drops what comes from the LAN, as a NIC or a tunnel does."""
    devices = (_wire(site), uplink_name(site)) if mtu > _SMALL else (uplink_name(site), _wire(site))
    for device in devices:
        site.run("ip", "link", "set", "dev", device, "mtu", mtu)


def _another_port(site: Site, mtu: str) -> None:
    """A port that leads to no guest of ours: the bridge goes down with it, and this host sends less."""
    port, far = site.device("ct"), site.device("cf")
    site.run("ip", "link", "add", port, "mtu", mtu, "type", "veth", "peer", "name", far)
    site.run("ip", "link", "set", "dev", port, "master", site.bridge)
    site.run("ip", "link", "set", "dev", port, "up")


def _jumbo(site: Site) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "mtu", "9000")


CASES: tuple[Case, ...] = (
    Case(
        name="mtu-mismatch",
        expect=Breaks("mtu-mismatch"),
        story="<mtu size='1400'/> in the guest, and a LAN of 1500: the address comes, the file never (UP06, TF04).",
        build=_lan_with_files,
        inject=_defined_small,
        heal=_defined_as_built,
        attempt=_fetch,
    ),
    Case(
        name="mtu-mismatch-of-the-uplink",
        expect=Breaks("mtu-mismatch"),
        story="The uplink takes 1400 bytes (a tunnel's rest), the boot server sends 1464; a probe loses them (UP06).",
        build=_lan_with_files,
        inject=lambda site: _set_wire(site, _SMALL),
        heal=lambda site: _set_wire(site, "1500"),
        attempt=_fetch,
        allow_risky=True,
        probe=True,
        fetch=True,
    ),
    Case(
        name="mtu-of-a-port-beside-the-way",
        expect=Passes(),
        story="Another port of the bridge takes 1400 bytes: the bridge follows it, and this host's server sends less.",
        build=_host_with_files,
        inject=lambda site: _another_port(site, _SMALL),
        attempt=_fetch,
    ),
    Case(
        name="mtu-of-a-jumbo-bridge",
        expect=Passes(),
        story="A bridge set to 9000 bytes, and a tap of 1500: nobody asks for packets of more than 1500.",
        build=_host_with_files,
        inject=_jumbo,
        attempt=_fetch,
    ),
)
