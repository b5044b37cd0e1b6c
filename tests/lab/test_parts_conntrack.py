"""A full table of connections: a new one is dropped, and DHCP's is one; the kernel counts it, and a trace says so."""

import pytest

from pxedoctor.lab import parts_conntrack
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.parts_bridge import attempt
from pxedoctor.lab.tracing import watching

pytestmark = pytest.mark.lab


def test_a_full_table_drops_the_discover() -> None:
    with open_site() as site:
        libvirt_site(site)
        before = attempt(site)
        parts_conntrack.fill(site)
        with watching(site, "--bridge", site.bridge, "--without", "kernel") as found:
            full = attempt(site)
        count = site.run("conntrack", "--count")
        most = site.run("cat", "/proc/sys/net/netfilter/nf_conntrack_max")
        parts_conntrack.forget(site)
        after = attempt(site)

    assert count == most
    assert (before.ok, full.ok, after.ok) == (True, False, True)
    moved = {entry["name"] for entry in found.document["counters"] if entry["source"] in {"kernel", "conntrack"}}
    assert moved == {"drop"}, found.document["counters"]
