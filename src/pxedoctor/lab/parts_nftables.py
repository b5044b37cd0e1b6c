"""Parts of sites whose firewall is nftables.service: its file, and what the service does with it; and rules kept aside.

Debian's unit does `nft -f /etc/nftables.conf` when it is started, restarted or reloaded, and the file's first line is
`flush ruleset`: tables of libvirt, Docker and ufw go with it, until their owners write them anew.
"""

from pxedoctor.lab.site import Site

CONF = "/etc/nftables.conf"
_KEPT = "/tmp/rules-kept"

# What wikis and distributions recommend for a server: nothing comes in but what was asked for from here, and ssh.
_DEFAULT_DROP = """\
#!/usr/sbin/nft -f

{flush}

table inet {table} {{
	chain input {{
		type filter hook input priority {priority}; policy drop;
		iif "lo" accept
		ct state established,related accept
		ct state invalid drop
		meta l4proto {{ icmp, ipv6-icmp }} accept
		tcp dport 22 accept
{more}	}}
	chain forward {{
		type filter hook forward priority filter; policy {forward};
	}}
}}
"""


def write_conf(site: Site, flush: bool = True, more: str = "", forward: str = "accept", table: str = "filter") -> None:
    """/etc/nftables.conf with a default-drop INPUT. `more`: further rules of its input chain, one a line.

    flush=False: it only replaces its own table, as a careful administrator's file does.
    """
    first = "flush ruleset" if flush else f"table inet {table}\ndelete table inet {table}"
    lines = "".join(f"\t\t{line}\n" for line in more.splitlines())
    text = _DEFAULT_DROP.format(flush=first, table=table, priority="filter", more=lines, forward=forward)
    site.write(CONF, text)


def restart_nftables(site: Site) -> None:
    """`systemctl restart nftables`, without systemd: its ExecStart."""
    site.run("nft", "-f", CONF)


def stop_nftables(site: Site) -> None:
    """`systemctl stop nftables`: its ExecStop, which takes everybody's rules away."""
    site.run("nft", "flush", "ruleset")


def keep_rules(site: Site) -> None:
    """Puts all rules aside for `restore_rules`: those of iptables by its own save command, which alone keeps all."""
    for family in ("iptables", "ip6tables"):
        site.run("sh", "-ec", f"{family}-save > {_KEPT}.{family}")
    kept = (
        "for table in $(nft list tables | sed -n 's/^table \\(inet\\|bridge\\|netdev\\|arp\\) \\(.*\\)/\\1:\\2/p'); do"
    )
    site.run("sh", "-ec", f"{kept} nft -s list table ${{table%:*}} ${{table#*:}}; done > {_KEPT}.nft")


def restore_rules(site: Site) -> None:
    """The rules as they were when they were kept; tables that came since are gone."""
    site.run("sh", "-ec", f"(echo flush ruleset; cat {_KEPT}.nft) | nft -f -")
    for family in ("iptables", "ip6tables"):
        site.run("sh", "-ec", f"[ ! -s {_KEPT}.{family} ] || {family}-restore {_KEPT}.{family}")
