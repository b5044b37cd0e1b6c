"""Cases of forwarded-boot-traffic-dropped. The boot server is behind the host's other NIC."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_nftables import restart_nftables, write_conf
from pxedoctor.lab.parts_routed import boots_by_http, boots_by_tftp, http_site, tftp_site
from pxedoctor.lab.site import Site

_NAME = "forwarded-boot-traffic-dropped"


def _nftables(site: Site, forward: str) -> None:
    """nftables.service beside libvirt, whose guests it lets in to this host."""
    write_conf(site, flush=False, more=f'iifname "{site.bridge}" accept', forward=forward)
    restart_nftables(site)


def _open(site: Site) -> None:
    _nftables(site, "accept")


def _shut(site: Site) -> None:
    _nftables(site, "drop")


def _http_beside_nftables(site: Site) -> None:
    http_site(site)
    _open(site)


def _tftp_beside_nftables(site: Site) -> None:
    tftp_site(site, mode="route")
    _open(site)


def _policy_drop(site: Site) -> None:
    """What dockerd and ufw do to the chain in which libvirt's accepts stand."""
    site.run("iptables", "-w", "-P", "FORWARD", "DROP")


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="nftables.conf sets its forward chain to drop, and guests of a nat network boot by HTTP from outside.",
        build=_http_beside_nftables,
        inject=_shut,
        heal=_open,
        attempt=boots_by_http,
        allow_risky=True,
    ),
    Case(
        name="forwarded-boot-traffic-dropped-tftp",
        expect=Breaks(_NAME),
        story="The same on a routed network whose guests boot by TFTP.",
        build=_tftp_beside_nftables,
        inject=_shut,
        heal=_open,
        attempt=boots_by_tftp,
        mended=False,
    ),
    Case(
        name="forwarded-boot-traffic-policy",
        expect=Passes(),
        story="FORWARD's policy is DROP, and libvirt's own accepts stand in that very chain (Docker's way).",
        build=http_site,
        inject=_policy_drop,
        attempt=boots_by_http,
    ),
)
