"""Cases of dhcp-port-taken."""

from pxedoctor.lab import parts_bridge
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import NETWORK, cold_start, libvirt_site
from pxedoctor.lab.parts_log import start_syslog
from pxedoctor.lab.site import Site

_OTHER = ("dnsmasq", "--conf-file=/dev/null", "--user=root", "--pid-file=/run/other.pid", "--no-resolv")
_LEASES = "--dhcp-leasefile=/var/lib/misc/other.leases"
# The host's own dnsmasq, as packages set it up: settings in a file that names a folder of further ones.
_HOSTS = "user=root\nno-resolv\ninterface=lo\nconf-dir=/etc/dnsmasq.d,*.conf\n"
_HOSTS_PID = "/run/dnsmasq.pid"


def _other_bridge(site: Site) -> None:
    """A second bridge, which the other server is for."""
    name = site.device("ob")
    site.run("ip", "link", "add", name, "type", "bridge")
    site.run("ip", "address", "add", "192.168.161.1/24", "dev", name)
    site.run("ip", "link", "set", "dev", name, "up")


def _with_a_name_server(site: Site) -> None:
    libvirt_site(site)
    site.write("/etc/dnsmasq.conf", _HOSTS)
    site.write("/etc/dnsmasq.d/host.conf", "address=/router.lan/192.168.160.254\n")


def _resolver_first(site: Site) -> None:
    """After a reboot the host's own name server starts before libvirt's network, which then finds port 53 taken."""
    site.run("virsh", "net-destroy", NETWORK)
    site.run("dnsmasq")
    site.ask("virsh", "net-start", NETWORK)


def _with_another_dhcp_server(site: Site) -> None:
    """All of its settings in one file, which names no folder."""
    _libvirt_and_other_bridge(site)
    device = site.device("ob")
    leases = "dhcp-leasefile=/var/lib/misc/other.leases\ndhcp-range=192.168.161.9,192.168.161.99\n"
    site.write("/etc/dnsmasq.conf", f"# Guests of {device}\nuser=root\nno-resolv\nport=0\ninterface={device}\n{leases}")


def _end(site: Site, pid_file: str) -> None:
    site.run("sh", "-ec", f"pid=$(cat {pid_file}); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done")


def _end_hosts(site: Site) -> None:
    _end(site, _HOSTS_PID)
    site.run("virsh", "net-start", NETWORK)


def _libvirt_and_other_bridge(site: Site) -> None:
    libvirt_site(site)
    _other_bridge(site)


def _two_that_share(site: Site) -> None:
    """Both dnsmasqs hold port 67 of every address, and each serves its own bridge."""
    words = ("--port=0", "--bind-dynamic", f"--interface={site.device('ob')}", "--except-interface=lo")
    site.run(*_OTHER, *words, _LEASES, "--dhcp-range=192.168.161.9,192.168.161.99")


def _other_comes_last(site: Site) -> None:
    """It is the other one that finds port 53 taken, and says so in the log."""
    start_syslog(site)
    site.ask(*_OTHER, "--interface=lo")


def _own_server_cannot_start(site: Site) -> None:
    _stop_own(site)
    site.run(
        *_OTHER, "--port=0", f"--interface={site.device('ob')}", _LEASES, "--dhcp-range=192.168.161.9,192.168.161.99"
    )
    site.ask(*_own_words(site))


def _own_words(site: Site) -> tuple[str, ...]:
    return ("sh", "-c", "exec $(cat /run/own.command)")


def _stop_own(site: Site) -> None:
    site.run("sh", "-ec", "tr '\\0' ' ' </proc/$(cat /run/own-dnsmasq.pid)/cmdline >/run/own.command")
    _end(site, "/run/own-dnsmasq.pid")


def _start_own(site: Site) -> None:
    _end(site, "/run/other.pid")
    site.run(*_own_words(site))


def _own_and_other_bridge(site: Site) -> None:
    start_syslog(site)
    parts_bridge.served_bridge_site(site)
    _other_bridge(site)


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="dhcp-port-taken",
        expect=Breaks("dhcp-port-taken"),
        story="The host's own name server listens on port 53 of every address before the network starts (corpus DS01).",
        build=_with_a_name_server,
        inject=_resolver_first,
        heal=_end_hosts,
        attempt=_attempt,
        allow_risky=True,
    ),
    Case(
        name="dhcp-port-taken-by-another-dhcp-server",
        expect=Breaks("dhcp-port-taken"),
        story="A dnsmasq for another bridge has no bind-interfaces: it keeps port 67 to itself (corpus DS01).",
        build=_with_another_dhcp_server,
        inject=_resolver_first,
        heal=_end_hosts,
        attempt=_attempt,
        words=("web01",),
        allow_risky=True,
    ),
    Case(
        name="dhcp-port-taken-from-an-own-server",
        expect=Breaks("dhcp-port-taken"),
        story="A bridge of the host's own: the log says that its dnsmasq could not bind, another one was first.",
        build=_own_and_other_bridge,
        inject=_own_server_cannot_start,
        heal=_start_own,
        attempt=_attempt,
        words=("web01",),
        mended=False,
    ),
    Case(
        name="dhcp-port-taken-by-two-that-share-it",
        expect=Passes(),
        story="libvirt's dnsmasq and an administrator's both hold port 67; both share it, and both serve.",
        build=_libvirt_and_other_bridge,
        inject=_two_that_share,
        attempt=_attempt,
        words=("web01",),
    ),
    Case(
        name="dhcp-port-taken-from-the-other-one",
        expect=Passes(),
        story="libvirt's dnsmasq was first: it is the host's own name server that found port 53 taken.",
        build=libvirt_site,
        inject=_other_comes_last,
        attempt=_attempt,
    ),
)
