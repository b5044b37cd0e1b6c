"""Cases of bridge-has-several-owners."""

from pxedoctor.lab import parts_ifupdown
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import bridge_interface, cold_start, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.parts_bridge import LAN_SERVER, make_bridge, serve
from pxedoctor.lab.site import Site

_NETDEV = "/etc/systemd/network/20-bridge.netdev"
_NETPLAN = "/etc/netplan/01-bridge.yaml"


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


def _stp_off(site: Site) -> None:
    """What the host's own file says, and what is in force."""
    parts_ifupdown.configure(site, delay=2, stp="off")
    _live(site, "stp_state", "0")
    _live(site, "forward_delay", "200")


def _live(site: Site, word: str, value: str) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", word, value)


def _ifupdown_site(site: Site) -> None:
    parts_ifupdown.ifupdown_site(site)
    site.run("mkdir", "-p", _NETDEV.rpartition("/")[0])
    _stp_off(site)


def _networkd_too(site: Site) -> None:
    """networkd from 257 on gives a bridge that is there what its file says when it is told to reload."""
    text = f"[NetDev]\nName={site.bridge}\nKind=bridge\n\n[Bridge]\nSTP=yes\nForwardDelaySec=15\n"
    site.write(_NETDEV, text)
    _live(site, "forward_delay", "1500")
    _live(site, "stp_state", "1")


def _ifupdown_alone(site: Site) -> None:
    site.path(_NETDEV).unlink()
    _stp_off(site)


def _netplan_site(site: Site) -> None:
    """netplan's file and what its own generator makes of it for networkd: two files, one owner."""
    start_libvirt(site)
    make_bridge(site)
    site.run("ip", "address", "add", f"{LAN_SERVER}/24", "dev", site.bridge)
    parameters = "{stp: false, forward-delay: 2}"
    site.write(
        _NETPLAN,
        f"network:\n  version: 2\n  bridges:\n    {site.bridge}:\n      parameters: {parameters}\n",
    )
    site.path(_NETPLAN).chmod(0o600)
    site.run("netplan", "generate")
    serve(site, site.bridge)
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


CASES: tuple[Case, ...] = (
    Case(
        name="bridge-has-several-owners",
        expect=Breaks("bridge-has-several-owners"),
        story="ifupdown makes the bridge without STP; networkd was given it, too, with 15 s, which are in force now.",
        build=_ifupdown_site,
        inject=_networkd_too,
        heal=_ifupdown_alone,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="bridge-of-netplan-and-its-networkd",
        expect=Passes(),
        story="netplan's bridge, and the file that netplan generated for networkd: two files, and one owner.",
        build=_netplan_site,
        attempt=_attempt,
    ),
)
