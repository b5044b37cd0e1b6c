"""The keeper on a real host of its own: real libvirt, real iptables, and who was it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

_WAIT_SECONDS = 30


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with open_site() as opened:
        libvirt_site(opened)
        yield opened


class Listening:
    """A keeper that runs for the site, and what it has told."""

    def __init__(self, site: Site) -> None:
        argv = [sys.executable, "-m", "pxedoctor.lab.keeper", str(site.pid)]
        self._keeper = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._keeper.stderr is not None
        while (line := self._keeper.stderr.readline()) and "listening" not in line:
            assert "not heard" not in line, line

    def next(self) -> dict[str, Any]:
        assert self._keeper.stdout is not None
        told: dict[str, Any] = json.loads(self._keeper.stdout.readline())
        return told

    def end(self) -> None:
        self._keeper.kill()
        self._keeper.wait()


@pytest.fixture
def keeper(site: Site) -> Iterator[Listening]:
    listening = Listening(site)
    yield listening
    listening.end()


def test_a_rule_above_libvirt_s_is_told_with_the_script_that_put_it_there(site: Site, keeper: Listening) -> None:
    site.write("/usr/local/sbin/hardening", "#!/bin/sh\niptables -I INPUT 1 -p udp --dport 67 -j DROP\n")
    site.run("chmod", "755", "/usr/local/sbin/hardening")

    site.run("/usr/local/sbin/hardening")
    appeared = keeper.next()
    site.run("iptables", "-D", "INPUT", "1")
    cleared = keeper.next()

    assert (appeared["event"], appeared["finding"]["name"]) == ("appeared", "host-firewall-drops-dhcp")
    assert appeared["who"]["name"] == "iptables"
    assert appeared["who"]["caller"].startswith("hardening"), appeared["who"]
    assert (cleared["event"], cleared["finding"]["name"]) == ("cleared", "host-firewall-drops-dhcp")
    assert appeared["seconds"] < _WAIT_SECONDS


def test_the_parent_of_a_process_that_lived_for_a_millisecond_is_known(site: Site, keeper: Listening) -> None:
    """`iptables -F` by a caller that is itself gone at once."""
    started = time.monotonic()
    site.run("sh", "-c", "iptables -F LIBVIRT_INP & exit 0")
    told = keeper.next()
    assert told["finding"]["name"] == "libvirt-rules-missing"
    assert told["who"]["name"] == "iptables"
    assert told["who"]["whole"], told["who"]
    assert time.monotonic() - started < _WAIT_SECONDS
