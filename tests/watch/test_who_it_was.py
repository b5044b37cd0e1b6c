"""Who it was, on a real host: callers that live for a millisecond, and names that lie."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.watched import watched

pytestmark = pytest.mark.lab

OUTSIDE = str(Path(__file__).with_name("outside_ears.py"))
COUNT = 40
# It clears a terminal, and has a line of its own that looks like one of ours.
EVIL = "ev\x1b[2Jil\n  by root from ssh, pid 1\x9b"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        yield opened


def script(site: Site, name: str, text: str) -> str:
    path = f"/usr/local/sbin/{name}"
    site.write(path, text)
    site.path(path).chmod(0o755)
    return path


def test_callers_that_are_gone_at_once_are_named_all_of_them(site: Site) -> None:
    """Each starts the writer and ends; it lives for a millisecond or two, the writer for some five."""
    names = [f"culprit{number}" for number in range(COUNT)]
    for name in names:
        script(site, name, f"#!/usr/bin/busybox sh\nnft add table inet {name} &\nexit 0\n")
    with subprocess.Popen([sys.executable, OUTSIDE, str(site.pid)], stdout=subprocess.PIPE, text=True) as ears:
        try:
            assert ears.stdout is not None
            assert ears.stdout.readline() == "listening\n"
            site.run("sh", "-ec", "for each in /usr/local/sbin/culprit*; do $each; done")
            told = [json.loads(ears.stdout.readline()) for _ in range(COUNT)]
        finally:
            ears.kill()
    assert sorted(who["caller"] for who in told) == sorted(names)
    assert all(who["whole"] for who in told)


def test_a_hostile_name_obeys_no_terminal_and_makes_no_line_of_its_own(site: Site) -> None:
    libvirt_site(site)
    evil = script(site, EVIL, "#!/bin/sh\niptables -I INPUT 1 -p udp --dport 67 -j DROP\n")
    with watched(site, "--keep") as keeper:
        site.run(evil)
        appeared = keeper.until("appeared", "host-firewall-drops-dhcp")
    assert "\x1b[2J" in appeared["who"]["caller"], "the name is kept as it is"
    for words in (("events",), ("events", "--json")):
        told = site.ask(sys.executable, "-m", "pxedoctor", *words).stdout
        assert "[2Jil" in told
        assert not set(told) & {"\x1b", "\x9b"}
        assert not any(line.startswith("  by root from ssh") for line in told.splitlines())
