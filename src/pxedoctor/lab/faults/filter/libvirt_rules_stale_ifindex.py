"""Cases of libvirt-rules-stale-ifindex. libvirt 9.0 has no nftables backend, so the rules are an administrator's."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_bridge import attempt, remake_bridge, served_bridge_site
from pxedoctor.lab.parts_nftables import restart_nftables, write_conf
from pxedoctor.lab.site import Site


def _opened_by_number(site: Site) -> None:
    served_bridge_site(site)
    write_conf(site, flush=False, more=f'iif "{site.bridge}" udp dport 67 accept')
    restart_nftables(site)


def _opened_by_name(site: Site) -> None:
    served_bridge_site(site)
    write_conf(site, flush=False, more=f'iifname "{site.bridge}" udp dport 67 accept')
    restart_nftables(site)


CASES: tuple[Case, ...] = (
    Case(
        name="libvirt-rules-stale-ifindex",
        expect=Breaks("libvirt-rules-stale-ifindex"),
        story="The host opens DHCP with `iif`, the bridge is made anew, and the rule keeps the old bridge's number.",
        build=_opened_by_number,
        inject=remake_bridge,
        heal=restart_nftables,
        attempt=attempt,
        mended=False,
    ),
    Case(
        name="rules-by-name-survive-a-new-bridge",
        expect=Passes(),
        story="The same with `iifname`: the name is the new bridge's too.",
        build=_opened_by_name,
        inject=remake_bridge,
        attempt=attempt,
    ),
)
