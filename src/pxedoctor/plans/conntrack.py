"""The step on connection tracking: room for more connections."""

from pxedoctor.plans.safety import Safety
from pxedoctor.plans.sysctl import SetSysctl

MAX = "net/netfilter/nf_conntrack_max"
# struct nf_conn with its extensions, and its two entries in the hash (nf_conntrack_core.c).
_BYTES_EACH = 400


def track(most: int) -> SetSysctl:
    """The limit, live; the whole kernel's, with all its namespaces."""
    megabytes = max(1, most * _BYTES_EACH // 1_000_000)
    what = f"let the kernel track {most} connections (up to {megabytes} MB)"
    return SetSysctl(name=MAX, value=str(most), what=what, safety=Safety.SAFE)
