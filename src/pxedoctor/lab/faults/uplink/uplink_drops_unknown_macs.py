"""Cases of uplink-drops-unknown-macs: a network namespace plays the outer hypervisor's switch.

The site takes itself for a virtual machine by a recorded line of /proc/cpuinfo (a KVM guest's, Linux 6.18, shortened),
mounted over its own: the machine that the lab runs on may be one or not. The drop is real: the switch's end of the wire
takes frames from the host's own MAC alone, as VMware does without "Forged transmits".
"""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_bridge import attempt, in_lan, lan_site, uplink_name
from pxedoctor.lab.site import Site

_FLAGS = "flags\t\t: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat clflush mmx hypervisor lahf_lm\n"
_TABLE = ("netdev", "port_security")


def _nested(site: Site) -> None:
    lan_site(site)
    site.write("/run/cpuinfo", _FLAGS)
    site.run("mount", "--bind", "/run/cpuinfo", "/proc/cpuinfo")


def _own_mac_alone(site: Site) -> None:
    mac = site.run("cat", f"/sys/class/net/{uplink_name(site)}/address").strip()
    chain = "{ type filter hook ingress device lan0 priority 0; }"
    in_lan(site, "nft", "add", "table", *_TABLE)
    in_lan(site, "nft", "add", "chain", *_TABLE, "port", chain)
    in_lan(site, "nft", "add", "rule", *_TABLE, "port", "ether", "saddr", "!=", mac, "drop")


def _any_mac(site: Site) -> None:
    in_lan(site, "nft", "delete", "table", *_TABLE)


CASES: tuple[Case, ...] = (
    Case(
        name="uplink-drops-unknown-macs",
        expect=Breaks("uplink-drops-unknown-macs"),
        story="A nested host: its own hypervisor's switch takes forged transmits for an attack (UP03, NF23).",
        build=_nested,
        inject=_own_mac_alone,
        heal=_any_mac,
        attempt=attempt,
        mended=False,
        probe=True,
    ),
    Case(
        name="uplink-of-a-nested-host",
        expect=Passes(),
        story="The same nested host, and a switch that lets other MACs through: a probe is answered (UP03).",
        build=_nested,
        attempt=attempt,
        probe=True,
    ),
)
