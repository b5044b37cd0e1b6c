"""Cases of dhcp-port-taken."""

from pxedoctor.lab import parts_bridge
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import NETWORK, cold_start, libvirt_site
from pxedoctor.lab.parts_log import start_syslog
from pxedoctor.lab.site import Site

_OTHER = ("dnsmasq", "--conf-file=/dev/null", "--user=root", "--pid-file=/run/other.pid", "--no-resolv")
_LEASES = "--dhcp-leasefile=/var/lib/misc/other.leases"


def _other_bridge(site: Site) -> None:
    """A second bridge, which the other server is for."""
    name = site.device("ob")
    site.run("ip", "link", "add", name, "type", "bridge")
    site.run("ip", "address", "add", "192.168.161.1/24", "dev", name)
    site.run("ip", "link", "set", "dev", name, "up")


def _resolver_first(site: Site) -> None:
    """After a reboot the host's own name server starts before libvirt's network, which then finds port 53 taken."""
    site.run("virsh", "net-destroy", NETWORK)
    site.run(*_OTHER, "--interface=lo", "--local-service")
    site.ask("virsh", "net-start", NETWORK)


def _dhcp_server_first(site: Site) -> None:
    site.run("virsh", "net-destroy", NETWORK)
    site.run(
        *_OTHER, "--port=0", f"--interface={site.device('ob')}", _LEASES, "--dhcp-range=192.168.161.9,192.168.161.99"
    )
    site.ask("virsh", "net-start", NETWORK)


def _end_other(site: Site) -> None:
    site.run("sh", "-ec", "pid=$(cat /run/other.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done")
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
    site.run(
        "sh", "-ec", "pid=$(cat /run/own-dnsmasq.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done"
    )


def _start_own(site: Site) -> None:
    site.run("sh", "-ec", "pid=$(cat /run/other.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done")
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
        build=libvirt_site,
        inject=_resolver_first,
        heal=_end_other,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="dhcp-port-taken-by-another-dhcp-server",
        expect=Breaks("dhcp-port-taken"),
        story="A dnsmasq for another bridge has no bind-interfaces: it keeps port 67 to itself (corpus DS01).",
        build=_libvirt_and_other_bridge,
        inject=_dhcp_server_first,
        heal=_end_other,
        attempt=_attempt,
        words=("web01",),
        mended=False,
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
