"""Cases of foreign-rule-breaks-iptables."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import NETWORK, cold_start, libvirt_site, restart_daemon
from pxedoctor.lab.parts_nftables import CONF, restart_nftables, write_conf
from pxedoctor.lab.site import Site

_NAME = "foreign-rule-breaks-iptables"

# The administrator's rules of before, written into the table that iptables calls its own.
_IN_IPTABLES_TABLE = """\
#!/usr/sbin/nft -f

flush ruleset

table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
		iif "lo" accept
		ct state vmap { established : accept, related : accept, invalid : drop }
		udp dport { 53, 67 } accept
		tcp dport { 22, 443 } accept
	}
}
"""


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


def _own_table(site: Site) -> None:
    accept = "udp dport { 53, 67 } accept"
    write_conf(site, more=accept, table="host")


def _beside_own_table(site: Site) -> None:
    _own_table(site)
    restart_nftables(site)
    libvirt_site(site)


def _rewritten_and_rebooted(site: Site) -> None:
    """The file is loaded first, then libvirt starts its network: what happens at the next boot."""
    site.run("virsh", "net-destroy", NETWORK)
    site.write(CONF, _IN_IPTABLES_TABLE)
    restart_nftables(site)
    if site.ask("virsh", "net-start", NETWORK).returncode == 0:
        raise AssertionError("libvirt started the network although iptables cannot read its table")


def _own_table_again(site: Site) -> None:
    _own_table(site)
    restart_nftables(site)
    restart_daemon(site)
    site.run("virsh", "net-start", NETWORK)


def _native_beside_running(site: Site) -> None:
    site.run("nft", "add", "rule", "ip", "filter", "FORWARD", "ct", "state", "vmap", "{ invalid : drop }")


def _native_that_iptables_knows(site: Site) -> None:
    site.run("nft", "add", "rule", "ip", "filter", "INPUT", "udp", "dport", "67", "counter", "accept")


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="nftables.conf uses `table ip filter` with sets and maps: libvirt's network fails to start (NF05).",
        build=_beside_own_table,
        inject=_rewritten_and_rebooted,
        heal=_own_table_again,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="foreign-rule-beside-running-network",
        expect=Passes(),
        story="A verdict map in `ip filter` while the network runs: its guests notice nothing before the next start.",
        build=libvirt_site,
        inject=_native_beside_running,
        attempt=_attempt,
        also=(_NAME,),
    ),
    Case(
        name="foreign-rule-that-iptables-knows",
        expect=Passes(),
        story="A rule added by nft to `ip filter` that iptables reads as its own: nothing is broken.",
        build=libvirt_site,
        inject=_native_that_iptables_knows,
        attempt=_attempt,
    ),
)
