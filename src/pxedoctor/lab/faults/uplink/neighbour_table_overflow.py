"""Cases of neighbour-table-overflow: the table and its limit are the whole kernel's, so they need a whole machine."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start, libvirt_site
from pxedoctor.lab.site import Site

_LACKS = "a table of neighbours of its own (gc_thresh3 is the whole kernel's)"
_DEVICE = "crowd0"
# An hour: an entry that was confirmed less long ago is given up for nobody (neigh_forced_gc).
_KEPT = "net.ipv4.neigh.crowd0.base_reachable_time_ms=3600000"
# Lines for ip(8), which goes on where the kernel refuses one.
_NEIGHBOURS = """
for number in range({count}):
    high, low = divmod(number, 250)
    mac = f"02:77:00:00:{{high:02x}}:{{low:02x}}"
    print(f"neigh add 10.77.{{high}}.{{low + 1}} lladdr {{mac}} dev crowd0 nud reachable")
"""
_MORE_THAN_THE_LIMIT = 1100


def _crowd(site: Site, count: int) -> None:
    """A flat network with so many machines, all of them met a moment ago."""
    site.run("ip", "link", "add", _DEVICE, "type", "dummy")
    site.run("ip", "link", "set", "dev", _DEVICE, "up")
    site.run("sysctl", "-q", "-w", _KEPT)
    site.write("/tmp/crowd", _NEIGHBOURS.format(count=count))
    site.run("sh", "-c", "python3 /tmp/crowd | ip -force -batch - 2>/dev/null; rm /tmp/crowd")


def _gone(site: Site) -> None:
    site.run("ip", "link", "delete", "dev", _DEVICE)


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="neighbour-table-overflow",
        expect=Breaks("neighbour-table-overflow"),
        story="A flat network with more machines than gc_thresh3: an OFFER finds no place for a new guest.",
        build=libvirt_site,
        inject=lambda site: _crowd(site, _MORE_THAN_THE_LIMIT),
        heal=_gone,
        attempt=_attempt,
        ground="machine",
        lacks=_LACKS,
    ),
    Case(
        name="neighbour-table-with-room",
        expect=Passes(),
        story="The same network with 900 machines, above the second threshold: new guests find their places.",
        build=libvirt_site,
        inject=lambda site: _crowd(site, 900),
        attempt=_attempt,
        ground="machine",
        lacks=_LACKS,
    ),
)
