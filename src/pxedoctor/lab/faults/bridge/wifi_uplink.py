"""Cases of wifi-uplink: not reproduced with a radio, which no machine of the lab has.

The device is a wire whose folder in sysfs also lists `phy80211` and `wireless`, as a laptop's wlan0 does (Linux 6.1,
iwlwifi); and the drop is real: what stands for the access point takes frames from the device's own MAC alone.
"""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts_bridge import served_bridge_site
from pxedoctor.lab.parts_macvtap import cold_start_as_defined, define_direct, define_in_bridge
from pxedoctor.lab.site import Site

_ACCESS_POINT = "ap"
_SERVER = "192.168.170.1"


def _wlan(site: Site) -> str:
    return site.device("wl")


def _online_by_wifi(site: Site) -> None:
    """A guest on a bridge that the host serves, and the host's own way out, behind which a DHCP server is."""
    served_bridge_site(site)
    wlan, inside = _wlan(site), ("ip", "netns", "exec", _ACCESS_POINT)
    site.run("ip", "netns", "add", _ACCESS_POINT)
    site.run("ip", "link", "add", wlan, "type", "veth", "peer", "name", "eth0", "netns", _ACCESS_POINT)
    site.run("ip", "link", "set", "dev", wlan, "up")
    site.run(*inside, "ip", "address", "add", f"{_SERVER}/24", "dev", "eth0")
    site.run(*inside, "ip", "link", "set", "dev", "eth0", "up")
    _takes_own_mac_alone(site, inside)
    options = ("--conf-file=/dev/null", "--port=0", "--interface=eth0", "--bind-dynamic", "--user=root")
    lease = ("--dhcp-range=192.168.170.10,192.168.170.99,1h", "--no-ping", "--dhcp-leasefile=/var/lib/misc/ap.leases")
    site.run(*inside, "dnsmasq", *options, *lease, "--pid-file=/run/ap.pid")
    folder = f"/sys/devices/virtual/net/{wlan}"
    site.run("sh", "-c", f"cp -r {folder}/. /run/wlan 2>/dev/null; mkdir -p /run/wlan/phy80211 /run/wlan/wireless")
    site.run("mount", "--bind", "/run/wlan", folder)


def _takes_own_mac_alone(site: Site, inside: tuple[str, ...]) -> None:
    mac = site.run("cat", f"/sys/class/net/{_wlan(site)}/address").strip()
    site.run(*inside, "nft", "add", "table", "netdev", "station")
    hook = "{ type filter hook ingress device eth0 priority 0; }"
    site.run(*inside, "nft", "add", "chain", "netdev", "station", "known", hook)
    site.run(*inside, "nft", "add", "rule", "netdev", "station", "known", "ether", "saddr", "!=", mac, "drop")


def _defined_on_wifi(site: Site) -> None:
    define_direct(site, _wlan(site))


def _attempt(site: Site) -> Attempt:
    return cold_start_as_defined(site, _wlan(site))


CASES: tuple[Case, ...] = (
    Case(
        name="wifi-uplink",
        expect=Breaks("wifi-uplink"),
        story="A laptop: the guest was put on wlan0 to be in the LAN, as it had been on the wire (BR05).",
        build=_online_by_wifi,
        inject=_defined_on_wifi,
        heal=define_in_bridge,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="wifi-beside-the-bridge",
        expect=Passes(),
        story="The same laptop, and the guest on a bridge of its own that the host serves: Wi-Fi is the host's (BR05).",
        build=_online_by_wifi,
        attempt=_attempt,
    ),
)
