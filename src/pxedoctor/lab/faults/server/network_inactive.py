"""Cases of network-inactive."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import NETWORK, bridge_interface, cold_start, define_guest, guest_xml, libvirt_site
from pxedoctor.lab.site import Site

_UNUSED = """\
<network>
  <name>unused</name>
  <bridge name='{bridge}' stp='off'/>
  <ip address='192.168.151.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.151.10' end='192.168.151.99'/></dhcp>
  </ip>
</network>
"""


def _do_not_autostart(site: Site) -> None:
    site.run("virsh", "net-autostart", NETWORK, "--disable")


def _stop(site: Site) -> None:
    site.run("virsh", "net-destroy", NETWORK)
    _do_not_autostart(site)


def _start(site: Site) -> None:
    if NETWORK not in site.run("virsh", "net-list", "--name").split():
        site.run("virsh", "net-start", NETWORK)
    site.run("virsh", "net-autostart", NETWORK)


def _delete_bridge(site: Site) -> None:
    site.run("ip", "link", "delete", "dev", site.bridge)


def _start_anew(site: Site) -> None:
    site.ask("virsh", "net-destroy", NETWORK)
    _start(site)


def _define_unused(site: Site) -> None:
    site.write("/tmp/unused.xml", _UNUSED.format(bridge=site.device("vu")))
    site.run("virsh", "net-define", "/tmp/unused.xml")


def _own_bridge_of_that_name(site: Site) -> None:
    """Somebody made a bridge of the inactive network's bridge's name, and serves it with a dnsmasq of his own."""
    _define_unused(site)
    bridge = site.device("vu")
    site.run("ip", "link", "add", "name", bridge, "type", "bridge")
    site.run("ip", "address", "add", "192.168.151.1/24", "dev", bridge)
    site.run("ip", "link", "set", "dev", bridge, "up")
    words = (
        f"--interface={bridge}",
        "--bind-dynamic",
        "--except-interface=lo",
        "--port=0",
        "--no-ping",
        "--conf-file=",
    )
    site.run("dnsmasq", *words, "--dhcp-range=192.168.151.10,192.168.151.99")
    define_guest(site, guest_xml(bridge_interface(bridge)))


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="network-inactive",
        expect=Breaks("network-inactive"),
        story="The guest's network is stopped and not set to autostart, as after a reboot (corpus DS11).",
        build=libvirt_site,
        inject=_stop,
        heal=_start,
        attempt=_attempt,
    ),
    Case(
        name="network-inactive-in-all-but-name",
        expect=Breaks("network-inactive"),
        story="Somebody deleted the network's bridge; libvirt goes on calling the network active (corpus TP01).",
        build=libvirt_site,
        inject=_delete_bridge,
        heal=_start_anew,
        attempt=_attempt,
    ),
    Case(
        name="network-inactive-and-unused",
        expect=Passes(),
        story="A second network is defined and inactive, and no guest uses it.",
        build=libvirt_site,
        inject=_define_unused,
        attempt=_attempt,
    ),
    Case(
        name="network-inactive-after-a-reboot-by-choice",
        expect=Passes(),
        story="The guest's network is active and not set to autostart: a person may want it so.",
        build=libvirt_site,
        inject=_do_not_autostart,
        attempt=_attempt,
    ),
    Case(
        name="network-inactive-beside-a-bridge-of-its-name",
        expect=Passes(),
        story="The guest is on a bridge made by hand, of the name of an inactive network's, with a server of its own.",
        build=libvirt_site,
        inject=_own_bridge_of_that_name,
        attempt=lambda site: cold_start(site, bridge=site.device("vu")),
        words=("web01",),
    ),
)
