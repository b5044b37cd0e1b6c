"""Cases of ip-forwarding-off. The boot server is behind the host's other NIC, and libvirt has turned routing on."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_routed import boots_by_http, http_site
from pxedoctor.lab.site import Site

_NAME = "ip-forwarding-off"
# A NIC of the host's that nobody's packets take.
_ASIDE = "as"


def _off(site: Site) -> None:
    """What a hardening guide's /etc/sysctl.d/99-hardening.conf does once `sysctl --system` runs."""
    site.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=0")


def _on(site: Site) -> None:
    site.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")


def _with_a_nic_aside(site: Site) -> None:
    http_site(site)
    site.run("ip", "link", "add", site.device(_ASIDE), "type", "veth", "peer", "name", site.device("ap"))


def _aside_is_off(site: Site) -> None:
    site.run("sysctl", "-q", "-w", f"net/ipv4/conf/{site.device(_ASIDE)}/forwarding=0")


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="Somebody's sysctl file turned routing off after libvirt had turned it on; the boot server is outside.",
        build=http_site,
        inject=_off,
        heal=_on,
        attempt=boots_by_http,
        allow_risky=True,
    ),
    Case(
        name="ip-forwarding-off-elsewhere",
        expect=Passes(),
        story="The host does not route what comes in through a NIC that is not on the guests' way.",
        build=_with_a_nic_aside,
        inject=_aside_is_off,
        attempt=boots_by_http,
    ),
)
