"""Cases of tftp-through-nat-without-helper. The TFTP server is behind the host's other NIC."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_routed import boots_by_http, boots_by_tftp, http_site, tftp_site
from pxedoctor.lab.site import Site

_NAME = "tftp-through-nat-without-helper"


def _helper(site: Site, action: str) -> None:
    asked = ("-i", site.bridge, "-p", "udp", "-m", "udp", "--dport", "69")
    site.run("iptables", "-w", "-t", "raw", action, "PREROUTING", *asked, "-j", "CT", "--helper", "tftp")


def _with_helper(site: Site) -> None:
    tftp_site(site)
    _helper(site, "-A")


def _helper_gone(site: Site) -> None:
    _helper(site, "-D")


def _helper_back(site: Site) -> None:
    _helper(site, "-A")


def _routed(site: Site) -> None:
    tftp_site(site, mode="route")


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="A nat network boots by TFTP from outside, and the rule with the helper is lost (corpus NF18).",
        build=_with_helper,
        inject=_helper_gone,
        heal=_helper_back,
        attempt=boots_by_tftp,
        allow_risky=True,
    ),
    Case(
        name="tftp-through-nat-http",
        expect=Passes(),
        story="The same network boots by HTTP: NAT knows the answers.",
        build=http_site,
        attempt=boots_by_http,
    ),
    Case(
        name="tftp-routed-without-helper",
        expect=Passes(),
        story="A routed network without NAT, and no helper either: the data come to the guest's own address.",
        build=_routed,
        attempt=boots_by_tftp,
    ),
)
