"""Cases of client-not-admitted."""

from pxedoctor.lab import parts_bridge
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import MAC, cold_start, libvirt_site, network_xml, restart_network
from pxedoctor.lab.site import Site

_OTHER = "52:54:00:0d:0d:77"
_RANGE = "<range start='192.168.150.10' end='192.168.150.99'/>"


def _only_reservations(site: Site) -> str:
    return network_xml(site, stp="off").replace(_RANGE, "")


def _for_its_old_mac(site: Site) -> None:
    """The guest was cloned: the reservation still has the MAC of the one that it was cloned from."""
    restart_network(site, _only_reservations(site).replace(MAC, _OTHER))


def _for_its_mac(site: Site) -> None:
    restart_network(site, _only_reservations(site))


def _as_built(site: Site) -> None:
    restart_network(site, network_xml(site, stp="off"))


def _restart(site: Site, *options: str) -> None:
    parts_bridge.stop_serving(site)
    parts_bridge.serve(site, site.bridge, *options)


def _ignored(site: Site) -> None:
    _restart(site, f"--dhcp-host={MAC},ignore")


def _strangers_ignored(site: Site) -> None:
    """It is known by its reservation, and so it is served."""
    _restart(site, "--dhcp-ignore=tag:!known")


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="client-not-admitted",
        expect=Breaks("client-not-admitted"),
        story="The network has reservations and no range, and the guest's NIC has another MAC since it was cloned.",
        build=libvirt_site,
        inject=_for_its_old_mac,
        heal=_as_built,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="client-not-admitted-but-ignored",
        expect=Breaks("client-not-admitted"),
        story="A dnsmasq of the host's own is told to ignore the guest's MAC.",
        build=parts_bridge.served_bridge_site,
        inject=_ignored,
        heal=_restart,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="client-not-admitted-without-a-range",
        expect=Passes(),
        story="The network has reservations alone, and one of them is the guest's.",
        build=libvirt_site,
        inject=_for_its_mac,
        attempt=_attempt,
    ),
    Case(
        name="client-not-admitted-among-strangers",
        expect=Passes(),
        story="dnsmasq ignores all that it does not know; it knows the guest.",
        build=parts_bridge.served_bridge_site,
        inject=_strangers_ignored,
        attempt=_attempt,
    ),
)
