"""The steps on the kernel's tables of neighbours: room for more entries."""

from pxedoctor.plans.safety import Safety
from pxedoctor.plans.sysctl import SetSysctl

# struct neighbour with its hash entry and the device's part (net/core/neighbour.c neigh_alloc).
_BYTES_EACH = 512


def threshold(family: str, number: int) -> str:
    """The setting's path below /proc/sys. `family`: ipv4 or ipv6; `number`: 1, 2 or 3, which is the limit."""
    return f"net/{family}/neigh/default/gc_thresh{number}"


def room(family: str, number: int, entries: int) -> SetSysctl:
    """One of the three thresholds, live; the whole kernel's, with all its namespaces."""
    kilobytes = max(1, entries * _BYTES_EACH // 1000)
    words = {
        1: f"keep up to {entries} neighbours without looking for old ones",
        2: f"look for old neighbours at once from {entries} on",
        3: f"let the kernel know {entries} neighbours, up to {kilobytes} kB",
    }
    return SetSysctl(
        name=threshold(family, number),
        value=str(entries),
        what=f"{words[number]} ({family})",
        safety=Safety.SAFE,
    )
