"""Cases of rpfilter-drops-replies. The server is in the LAN, and this host has no route through the bridge."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start
from pxedoctor.lab.parts_bridge import bridge_netfilter_off, bridge_netfilter_on, lan_site, served_bridge_site
from pxedoctor.lab.site import Site

_NAME = "rpfilter-drops-replies"
_RPFILTER = ("PREROUTING", "-m", "rpfilter", "--invert", "-j", "DROP")
_FIB = """\
table inet strict {
	chain prerouting {
		type filter hook prerouting priority raw; policy accept;
		fib saddr . iif oif missing drop
	}
}
"""


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


def _ask_by_iptables(site: Site) -> None:
    site.run("iptables", "-w", "-t", "raw", "-A", *_RPFILTER)


def _ask_by_nft(site: Site) -> None:
    site.write("/etc/strict.nft", _FIB)
    site.run("nft", "-f", "/etc/strict.nft")


def _lan_with_rpfilter(site: Site) -> None:
    lan_site(site)
    _ask_by_iptables(site)


def _lan_with_fib(site: Site) -> None:
    lan_site(site)
    _ask_by_nft(site)


def _served_here(site: Site) -> None:
    """The way back of what guests of this bridge send is through it."""
    served_bridge_site(site)
    bridge_netfilter_on(site)


def _strict_sysctl(site: Site) -> None:
    bridge_netfilter_on(site)
    for name in ("all", site.bridge):
        site.run("sysctl", "-q", "-w", f"net.ipv4.conf.{name}.rp_filter=1")


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="iptables -t raw ... -m rpfilter --invert -j DROP since ever, and now br_netfilter is loaded (NF09).",
        build=_lan_with_rpfilter,
        inject=bridge_netfilter_on,
        heal=bridge_netfilter_off,
        attempt=_attempt,
        allow_risky=True,
    ),
    Case(
        name="rpfilter-drops-replies-nft",
        expect=Breaks(_NAME),
        story="The same with nft: `fib saddr . iif oif missing drop`, as its man page shows it (NF10).",
        build=_lan_with_fib,
        inject=bridge_netfilter_on,
        heal=bridge_netfilter_off,
        attempt=_attempt,
        allow_risky=True,
    ),
    Case(
        name="rpfilter-without-br-netfilter",
        expect=Passes(),
        story="The same rule, and bridged frames do not meet it: br_netfilter is not there.",
        build=lan_site,
        inject=_ask_by_iptables,
        attempt=_attempt,
    ),
    Case(
        name="rpfilter-server-here",
        expect=Passes(),
        story="The same rule with br_netfilter on a bridge that this host serves: 0.0.0.0 needs no way back.",
        build=_served_here,
        inject=_ask_by_iptables,
        attempt=_attempt,
    ),
    Case(
        name="rpfilter-by-sysctl",
        expect=Passes(),
        story="rp_filter=1 for all devices with br_netfilter: what is only bridged never reaches that question.",
        build=lan_site,
        inject=_strict_sysctl,
        attempt=_attempt,
    ),
)
