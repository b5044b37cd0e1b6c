"""A guest on macvtap: the probe asks beside it, on the same device, and leaves nothing."""

import sys
import time
from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import define_guest, guest_xml, start_libvirt
from pxedoctor.lab.parts_bridge import LAN_SERVER, serve
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import inside

pytestmark = pytest.mark.lab


def direct(device: str, mode: str) -> str:
    return (
        f"<interface type='direct'><mac address='52:54:00:0d:0d:01'/><source dev='{device}' mode='{mode}'/></interface>"
    )


@pytest.fixture
def site() -> Iterator[Site]:
    """A guest on macvtap, and a DHCP server in the LAN behind the device below."""
    with open_site() as opened:
        start_libvirt(opened)
        opened.run("ip", "netns", "add", "lan")
        lower = opened.device("lo")
        opened.run("ip", "link", "add", lower, "type", "veth", "peer", "name", "eth0", "netns", "lan")
        opened.run("ip", "link", "set", "dev", lower, "up")
        opened.run(*inside("lan"), "ip", "link", "set", "dev", "eth0", "up")
        opened.run(*inside("lan"), "ip", "address", "add", f"{LAN_SERVER}/24", "dev", "eth0")
        serve(opened, "eth0", where=inside("lan"))
        define_guest(opened, guest_xml(direct(lower, "bridge")))
        yield opened


def devices(site: Site) -> str:
    return site.run("ip", "-d", "-o", "link", "show") + site.run("ip", "netns", "list")


def await_devices(site: Site, before: str) -> None:
    """The kernel takes a namespace's devices away a moment after the last who was in it is gone."""
    deadline = time.monotonic() + 10
    while devices(site) != before:
        assert time.monotonic() < deadline, devices(site)
        time.sleep(0.05)


@pytest.mark.parametrize("words", [(), ("--fetch",)])
def test_the_server_behind_the_device_offers_and_nothing_is_left(site: Site, words: tuple[str, ...]) -> None:
    before = devices(site)
    told = site.doctor("probe", "web01", "--firmware", "udhcpc-n", *words)
    assert told.document["outcome"] in {"offered", "leased", "fetch-failed"}, told.document
    assert told.document["offers"][0]["mac"] == site.run(*inside("lan"), "cat", "/sys/class/net/eth0/address").strip()
    assert "macvlan, bridge" in told.document["stages"][0]["detail"]
    await_devices(site, before)


def test_a_silent_lan_is_told_as_silent(site: Site) -> None:
    site.run("sh", "-c", "kill $(cat /run/own-dnsmasq.pid)")
    told = site.doctor("probe", "web01", "--firmware", "udhcpc-n")
    assert told.document["outcome"] == "silent"


def test_kill_9_leaves_nothing(site: Site) -> None:
    before = devices(site)
    site.run("sh", "-c", "kill $(cat /run/own-dnsmasq.pid)")
    probe = site.start(sys.executable, "-m", "pxedoctor", "probe", "web01")
    assert probe.stdout is not None
    while "macvlan" not in (line := probe.stdout.readline()):
        assert line, "the probe has ended"
    site.run("pkill", "-9", "-f", "pxedoctor probe")
    probe.wait()
    await_devices(site, before)


def test_beside_a_passthrough_there_is_no_room_and_that_is_told(site: Site) -> None:
    lower = site.device("lo")
    site.run("ip", "link", "add", "link", lower, "name", "mv0", "type", "macvlan", "mode", "passthru")
    told = site.doctor("probe", "web01")
    assert told.exit_code == 2
    assert "passthrough" in told.document["would_help"]
