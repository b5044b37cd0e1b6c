"""`pxedoctor watch` itself on a host of its own: what it says of itself, and what it knows when it comes back."""

import json
import sys
from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.parts_journald import start_journald, wait_for_entry
from pxedoctor.lab.site import Site
from pxedoctor.lab.verb import watch_verb

pytestmark = pytest.mark.lab

DEAD, NF002 = "dhcp-server-dead", "host-firewall-drops-dhcp"
DROP = ("INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        libvirt_site(opened)
        yield opened


def once(site: Site) -> int:
    return site.ask(sys.executable, "-m", "pxedoctor", "watch", "--once", "--json").returncode


def test_a_keeper_that_was_killed_knows_what_it_missed(site: Site) -> None:
    assert once(site) == 0
    with watch_verb(site) as first:
        sources = {source["name"]: source for source in first.until("listening")["sources"]}
        assert sources["rules"]["heard"]
        # The kernel tells of processes in the first pid namespace alone: a site is none.
        assert not sources["processes"]["heard"]
        assert sources["processes"]["why"]
        site.run("iptables", "-I", *DROP)
        first.until("appeared", NF002)
        first.kill()

    site.run("iptables", "-D", *DROP)
    site.run("sh", "-c", "kill -9 $(cat /run/libvirt/network/lab.pid)")
    assert once(site) == 1
    start_journald(site)
    with watch_verb(site, "--journal") as second:
        missed = wait_for_entry(site, f"PXEDOCTOR_CAUSE={DEAD}", "PXEDOCTOR_EVENT=appeared")
        assert "while no keeper listened, since 20" in missed["PXEDOCTOR_WHAT"]
        assert "changes of the firewall rules" in missed["PXEDOCTOR_WHAT"]
        gone = wait_for_entry(site, f"PXEDOCTOR_CAUSE={NF002}", "PXEDOCTOR_EVENT=cleared")
        assert json.loads(gone["PXEDOCTOR_JSON"])["lasted"] > 0
        assert gone["_TRANSPORT"] == "journal"
        assert second.end() == 0

    # Not the first run, nothing missed: what stands is told to stand.
    with watch_verb(site, "--metrics", "9469") as third:
        stands = third.until("stands", DEAD)
        assert stands["lasted"] > 0
        numbers = site.run("curl", "-sf", "http://127.0.0.1:9469/metrics")
        assert f'pxedoctor_findings{{cause="{DEAD}",severity="broken"}} 1.0' in numbers.splitlines()
    events = site.ask(sys.executable, "-m", "pxedoctor", "events").stdout
    assert "STILL BROKEN" in events
    assert "well again" in events
