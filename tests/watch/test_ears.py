"""Each source on a real kernel, with the real daemons: what it hears, and what it says where it cannot hear."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pxedoctor.lab import parts_firewalld, parts_systemd
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import start_libvirt
from pxedoctor.lab.site import Site
from pxedoctor.watch.file_events import LibvirtFiles

EARS = str(Path(__file__).with_name("in_site_ears.py"))


def test_folders_that_libvirt_makes_later_and_anew_are_heard(tmp_path: Path) -> None:
    folder = tmp_path / "network"
    files = LibvirtFiles((str(folder),))
    assert files.look() == ()

    folder.mkdir()
    assert [change.what for change in files.look()] == [f"{folder} is there now"]
    (folder / "lab.xml").write_text("x")
    assert [change.what for change in files.drain()] == ["libvirt wrote lab.xml"]

    (folder / "nwfilter.ltmp").write_text("x")
    (folder / "nwfilter.ltmp").rename(folder / "nwfilter.leases")
    assert files.drain() == (), "libvirt's own notes, read by nobody else"
    (folder / "nwfilter.leases").unlink()

    (folder / "lab.xml").unlink()
    folder.rmdir()
    files.drain()
    folder.mkdir()
    assert files.look(), "a folder of the same name is another"
    (folder / "new.xml").write_text("x")
    assert [change.what for change in files.drain()] == ["libvirt wrote new.xml"]
    files.close()


class Ears:
    """A process in the site that prints what it hears, one line a stir."""

    def __init__(self, site: Site) -> None:
        self._process = site.start(sys.executable, EARS)
        self.deaf = self._line().removeprefix("deaf: ")

    def until(self, *words: str) -> str:
        """The first line with all of these words; lines before it are let go."""
        deadline = time.monotonic() + 30
        said = []
        while time.monotonic() < deadline:
            said.append(self._line())
            if all(word in said[-1] for word in words):
                return said[-1]
        raise AssertionError(f"{words} was not heard, but {said}")

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _line(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout else ""
        assert line, "the ears have ended"
        return line.rstrip("\n")


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        yield opened


@pytest.mark.lab
def test_every_source_hears_the_real_thing(site: Site) -> None:
    start_libvirt(site)
    ears = Ears(site)
    assert "firewalld" in ears.deaf, "there is no bus yet"
    assert "processes" in ears.deaf, "a site is not the first pid namespace"

    # The bus comes later than the keeper; so does firewalld, which reloads and goes.
    site.run("mkdir", "-p", "/run/dbus")
    site.run("dbus-daemon", "--system", "--fork")
    ears.until("firewalld", "the system bus is heard now")
    site.run("sh", "-c", "firewalld --nofork --nopid >/var/log/firewalld.out 2>&1 & echo $! >/run/fw.pid")
    parts_firewalld.wait_for_firewalld(site)
    ears.until("firewalld", "firewalld runs now")
    site.run("firewall-cmd", "--reload")
    ears.until("firewalld", "firewalld has reloaded its rules")
    site.run("sh", "-c", "kill $(cat /run/fw.pid)")
    ears.until("firewalld", "firewalld has gone")

    # A server that dies where no process can be heard: its pidfd tells.
    site.run("sh", "-c", "kill -9 $(cat /run/libvirtd.pid)")
    ears.until("processes", "libvirtd", "ended")

    # A guest's MAC behind another port; traffic control; an address.
    first, second, bridge = site.device("pa"), site.device("pb"), site.device("br")
    site.run("ip", "link", "add", bridge, "type", "bridge")
    for port in (first, second):
        site.run("ip", "link", "add", port, "type", "veth", "peer", "name", f"{port}x")
        site.run("ip", "link", "set", port, "master", bridge)
    for port in (first, second):
        site.run("bridge", "fdb", "replace", "52:54:00:0d:0d:77", "dev", port, "master", "static")
    ears.until("forwarding", "52:54:00:0d:0d:77 is behind another port now", second)
    site.run("tc", "qdisc", "add", "dev", first, "clsact")
    ears.until("traffic-control", first)
    site.run("ip", "address", "add", "192.0.2.1/24", "dev", bridge)
    ears.until("links", "an address changed", bridge)
    site.run("sysctl", "-w", "net.ipv4.ip_forward=1", "net.ipv4.ip_forward=0")
    ears.until("sysctls", "whether this host routes")
    ears.end()


@pytest.mark.lab
def test_systemd_tells_of_the_units_that_matter_alone(site: Site) -> None:
    unit = "[Service]\nType=oneshot\nExecStart=/bin/true\n"
    parts_systemd.start_systemd(site, {"nftables.service": unit, "logrotate.service": unit})
    ears = Ears(site)
    assert "systemd" not in ears.deaf
    assert parts_systemd.systemctl(site, "start", "logrotate.service") == 0
    assert parts_systemd.systemctl(site, "restart", "nftables.service") == 0
    said: list[str] = []
    while not said or "nftables.service" not in said[-1]:
        said.append(ears.until("systemd"))
    assert said == ["systemd systemd has started or stopped nftables.service: done"]
    ears.end()
