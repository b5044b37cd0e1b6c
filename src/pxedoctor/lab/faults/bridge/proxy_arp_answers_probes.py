"""Cases of proxy-arp-answers-probes: a client that asks by ARP before it takes its address, as dhcpcd does."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start
from pxedoctor.lab.parts_bridge import PREFIX, lan_site
from pxedoctor.lab.site import Site

_NAME = "proxy-arp-answers-probes"
_WORDS = ("--client", "dhcpcd")
_POOL = f"{PREFIX}.0/24"
_BOX = "box"


def _asks_first(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc-arp")


def _any_ip(site: Site) -> None:
    """A load balancer's recipe: this host takes a whole prefix for its own, and it is the guests'."""
    site.run("ip", "route", "add", "local", _POOL, "dev", "lo")


def _no_any_ip(site: Site) -> None:
    site.run("ip", "route", "del", "local", _POOL, "dev", "lo")


def _box_on_the_bridge(site: Site) -> None:
    """A container beside the guests whose kernel answers for the whole prefix."""
    port = site.device("bx")
    site.run("ip", "netns", "add", _BOX)
    site.run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", _BOX)
    for words in (("link", "set", "dev", "eth0", "up"), ("route", "add", "local", _POOL, "dev", "lo")):
        site.run("ip", "netns", "exec", _BOX, "ip", *words)
    site.run("ip", "link", "set", "dev", port, "master", site.bridge)
    site.run("ip", "link", "set", "dev", port, "up")


def _no_box(site: Site) -> None:
    site.run("ip", "link", "delete", "dev", site.device("bx"))
    site.run("ip", "netns", "delete", _BOX)


def _proxy_arp(site: Site) -> None:
    """With a way elsewhere for the guest's address: what proxy_arp answers for, if a sender asks."""
    site.run("sysctl", "-q", "-w", f"net.ipv4.conf.{site.bridge}.proxy_arp=1", "net.ipv4.ip_forward=1")
    site.run("ip", "link", "add", site.device("el"), "type", "bridge")
    site.run("ip", "link", "set", "dev", site.device("el"), "up")
    site.run("ip", "route", "add", _POOL, "dev", site.device("el"))


def _transparent_proxy(site: Site) -> None:
    """The recipe of TPROXY: everything is local, in a table of its own that only marked packets are looked up in."""
    site.run("ip", "route", "add", "local", "default", "dev", "lo", "table", "100")
    site.run("ip", "rule", "add", "fwmark", "1", "lookup", "100")


CASES: tuple[Case, ...] = (
    Case(
        name=_NAME,
        expect=Breaks(_NAME),
        story="A local route over the LAN's prefix: this host answers for each address, the guest declines all (BR09).",
        build=lan_site,
        inject=_any_ip,
        heal=_no_any_ip,
        attempt=_asks_first,
        words=_WORDS,
        allow_risky=True,
        probe=True,
    ),
    Case(
        name="proxy-arp-of-a-container",
        expect=Breaks(_NAME),
        story="A container on the bridge answers for the LAN's whole prefix, and every guest declines (BR09).",
        build=lan_site,
        inject=_box_on_the_bridge,
        heal=_no_box,
        attempt=_asks_first,
        words=_WORDS,
        mended=False,
        probe=True,
    ),
    Case(
        name="proxy-arp-of-the-bridge",
        expect=Passes(),
        story="net.ipv4.conf.BR.proxy_arp = 1: Linux answers a sender by proxy, and a probe, which has none, never.",
        build=lan_site,
        inject=_proxy_arp,
        attempt=_asks_first,
        words=_WORDS,
    ),
    Case(
        name="proxy-arp-not-by-a-transparent-proxy",
        expect=Passes(),
        story="`ip route add local default dev lo table 100`, as TPROXY wants it: another table than the kernel asks.",
        build=lan_site,
        inject=_transparent_proxy,
        attempt=_asks_first,
        words=_WORDS,
    ),
)
