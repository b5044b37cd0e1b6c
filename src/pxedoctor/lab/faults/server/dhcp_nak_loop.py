"""Cases of dhcp-nak-loop."""

from pxedoctor.lab import parts_bridge
from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import bridge_interface, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.parts_log import start_syslog
from pxedoctor.lab.site import Site, SiteError

_PREFIX = parts_bridge.PREFIX
_PID = "/run/own-dnsmasq.pid"
_RANGE = f"{_PREFIX}.10,{_PREFIX}.99,1h"


def _own_site(site: Site) -> None:
    """A bridge of the host's own with its own dnsmasq, a log, and a guest."""
    start_syslog(site)
    start_libvirt(site)
    parts_bridge.make_bridge(site)
    site.run("ip", "address", "add", f"{parts_bridge.LAN_SERVER}/24", "dev", site.bridge)
    _start(site, f"--dhcp-range={_RANGE}")
    define_guest(site, guest_xml(bridge_interface(site.bridge)))


def _start(site: Site, *options: str) -> None:
    words = ("--conf-file=/dev/null", "--port=0", "--no-ping", "--user=root", "--bind-dynamic", "--except-interface=lo")
    files = ("--dhcp-leasefile=/var/lib/misc/own.leases", f"--pid-file={_PID}")
    site.run("dnsmasq", f"--interface={site.bridge}", *words, *files, *options)


def _stop(site: Site) -> None:
    site.run("sh", "-ec", f"pid=$(cat {_PID}); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done")


def _range_for_those_who_do_not_ask(site: Site) -> None:
    """The range is for whoever does not name an address (option 50): a DISCOVER fits, the REQUEST for it does not."""
    _stop(site)
    _start(site, "--dhcp-match=set:asking,50", f"--dhcp-range=tag:!asking,{_RANGE}")


def _refused_before(site: Site) -> None:
    _range_for_those_who_do_not_ask(site)
    if parts_bridge.attempt(site).ok:
        raise SiteError("dnsmasq did not refuse it")


def _range_for_all(site: Site) -> None:
    _stop(site)
    # What nobody may find of the time before: the log, and leases.
    site.run("sh", "-ec", ": >/var/log/messages; rm -f /var/lib/misc/own.leases")
    _start(site, f"--dhcp-range={_RANGE}")


def _lan_site(site: Site) -> None:
    """A bridge whose LAN is served by another dnsmasq, and on which the host has an address too."""
    start_syslog(site)
    parts_bridge.lan_site(site)
    site.run("ip", "address", "add", f"{_PREFIX}.2/24", "dev", site.bridge)


def _authoritative_beside_it(site: Site) -> None:
    """A dnsmasq of this host for a few machines that it knows, on the bridge that another server serves."""
    words = ("--conf-file=/dev/null", "--port=0", "--no-ping", "--user=root", "--bind-dynamic", "--except-interface=lo")
    leases = (f"--dhcp-range={_PREFIX}.0,static", f"--dhcp-host=52:54:00:00:00:77,{_PREFIX}.77", "--dhcp-authoritative")
    files = ("--dhcp-leasefile=/var/lib/misc/beside.leases", "--pid-file=/run/beside.pid")
    site.run("dnsmasq", f"--interface={site.bridge}", *words, *leases, *files)


CASES: tuple[Case, ...] = (
    Case(
        name="dhcp-nak-loop",
        expect=Breaks("dhcp-nak-loop"),
        story="A range of dnsmasq is for a tag that fits the DISCOVER and not the REQUEST: offered, then refused.",
        build=_own_site,
        inject=_range_for_those_who_do_not_ask,
        heal=_range_for_all,
        attempt=parts_bridge.attempt,
        mended=False,
        probe=True,
        fetch=True,
    ),
    Case(
        name="dhcp-nak-loop-in-the-log",
        expect=Breaks("dhcp-nak-loop"),
        story="The same, and nobody sent a packet: the log tells of a guest that was refused again and again (DS09).",
        build=_own_site,
        inject=_refused_before,
        heal=_range_for_all,
        attempt=parts_bridge.attempt,
        mended=False,
    ),
    Case(
        name="dhcp-nak-loop-of-another-server",
        expect=Passes(),
        story="An authoritative dnsmasq refuses what is meant for the LAN's server; clients do not listen to it.",
        build=_lan_site,
        inject=_authoritative_beside_it,
        attempt=parts_bridge.attempt,
        probe=True,
        fetch=True,
    ),
)
