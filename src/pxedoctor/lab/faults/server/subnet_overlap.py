"""Cases of subnet-overlap."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import NETWORK, cold_start, libvirt_site
from pxedoctor.lab.parts_bridge import boot_url, start_http
from pxedoctor.lab.site import Site

_HOST = "192.168.150.1"


def _nic(site: Site) -> str:
    return site.device("nx")


def _with_nic(site: Site) -> None:
    """libvirt's network, and a NIC of the host that leads to somewhere else."""
    libvirt_site(site)
    site.run("ip", "link", "add", _nic(site), "type", "veth", "peer", "name", site.device("ny"))
    for device in (_nic(site), site.device("ny")):
        site.run("sysctl", "-q", "-w", f"net.ipv6.conf.{device}.disable_ipv6=1")
        site.run("ip", "link", "set", "dev", device, "up")
    start_http(site)


def _address(site: Site, word: str, address: str, *more: str) -> None:
    site.run("ip", "address", word, address, *more, "dev", _nic(site))


def _nic_first(site: Site) -> None:
    """After a reboot the NIC has an address of the network's prefix before libvirt starts it, and libvirt refuses."""
    site.run("virsh", "net-destroy", NETWORK)
    _address(site, "add", "192.168.150.77/24")
    site.ask("virsh", "net-start", NETWORK)


def _nic_away(site: Site) -> None:
    _address(site, "del", "192.168.150.77/24")
    site.run("virsh", "net-start", NETWORK)


def _vpn_comes_up(site: Site) -> None:
    """A VPN brings a route to half of the network: a longer prefix comes first."""
    site.run("ip", "route", "add", "192.168.150.0/25", "dev", _nic(site))


def _vpn_goes(site: Site) -> None:
    site.run("ip", "route", "del", "192.168.150.0/25", "dev", _nic(site))


def _vpn_to_the_other_half(site: Site) -> None:
    """A longer prefix within the network's, of which it hands out no address."""
    site.run("ip", "route", "add", "192.168.150.128/25", "dev", _nic(site))


def _same_prefix_behind(site: Site) -> None:
    """The NIC has the same prefix, with a route that comes after the bridge's: guests do not notice."""
    _address(site, "add", "192.168.150.77/24", "noprefixroute")
    site.run("ip", "route", "add", "192.168.150.0/24", "dev", _nic(site), "metric", "100")


def _next_prefix(site: Site) -> None:
    _address(site, "add", "192.168.151.77/24")


def _attempt(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc", "--fetch", boot_url("http", _HOST))


CASES: tuple[Case, ...] = (
    Case(
        name="subnet-overlap",
        expect=Breaks("subnet-overlap"),
        story="A nested host: its NIC got an address of the prefix that its own network has (corpus DS13).",
        build=_with_nic,
        inject=_nic_first,
        heal=_nic_away,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="subnet-overlap-by-a-longer-prefix",
        expect=Breaks("subnet-overlap"),
        story="A VPN brought a route to half of the running network: the guest has its lease, and its fetch dies.",
        build=_with_nic,
        inject=_vpn_comes_up,
        heal=_vpn_goes,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="subnet-overlap-with-what-is-not-handed-out",
        expect=Passes(),
        story="A route leads half of the network elsewhere: the half of which no guest gets an address.",
        build=_with_nic,
        inject=_vpn_to_the_other_half,
        attempt=_attempt,
    ),
    Case(
        name="subnet-overlap-behind-the-bridges-own",
        expect=Passes(),
        story="A NIC has the same prefix with a worse metric: a risk for whoever is behind that NIC, none for guests.",
        build=_with_nic,
        inject=_same_prefix_behind,
        attempt=_attempt,
        also=("subnet-overlap",),
    ),
    Case(
        name="subnet-overlap-that-is-none",
        expect=Passes(),
        story="A NIC has an address of the prefix next to the network's.",
        build=_with_nic,
        inject=_next_prefix,
        attempt=_attempt,
    ),
)
