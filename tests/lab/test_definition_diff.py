"""What `fix` shows of a libvirt definition is what libvirt then has in its file: libvirtd and virsh themselves.

The shown diff is given to patch(1), with the file as it was before. Where an element is new, libvirt has the last word
on its place among the others; all else is the file's bytes.
"""

import re
import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import (
    GUEST,
    MAC,
    NETWORK,
    define_guest,
    guest_xml,
    libvirt_site,
    network_interface,
    network_xml,
    restart_network,
)
from pxedoctor.lab.site import Site
from pxedoctor.plans.dhcp_range import AddDhcpRange
from pxedoctor.plans.guest import AddToBootOrder, SetNicDriver, SetNicMtu
from pxedoctor.plans.guest_rng import AddRng
from pxedoctor.plans.guest_rom import SwitchRomOn
from pxedoctor.plans.network import DefineForwardDelay
from pxedoctor.plans.nic_link import PlugInCable
from pxedoctor.plans.request import Request
from pxedoctor.plans.step import Step
from real_files import granted

pytestmark = pytest.mark.lab

NETWORK_FILE, GUEST_FILE = f"/etc/libvirt/qemu/networks/{NETWORK}.xml", f"/etc/libvirt/qemu/{GUEST}.xml"
SCREEN = "<graphics type='vnc' passwd='hunter2'/>"
SHOW = """
import sys, msgspec
from pxedoctor.access.live import LiveHost
from pxedoctor.collect.gather import gather
from pxedoctor.plans.diff import diff_of
from pxedoctor.plans.request import Request
host = gather(LiveHost(), frozenset({"domains", "networks"}), lambda _: None).host
print(diff_of(msgspec.json.decode(sys.argv[1], type=Request), host), end="")
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A network that runs, and a guest that is off, with a password and a NIC unplugged, without its boot ROM."""
    with open_site() as opened:
        libvirt_site(opened)
        restart_network(opened, network_xml(opened, delay=15))
        interface = network_interface().replace("</interface>", "<link state='down'/><rom bar='off'/></interface>")
        define_guest(opened, guest_xml(interface, boot="hd").replace("</devices>", f"{SCREEN}</devices>"))
        yield opened


def shown(site: Site, request: Request) -> str:
    return site.run(sys.executable, "-c", SHOW, msgspec.json.encode(request).decode())


def done(site: Site, file: str, step: Step) -> tuple[bytes, bytes]:
    """What the shown diff makes of the file, and what is in it once the step was really done."""
    before = site.path(file)
    copy = site.path("/tmp/definition.xml")
    copy.write_bytes(before.read_bytes())
    diff = shown(site, step.request())
    assert diff.startswith(f"--- {file}\n+++ {file}\n@@ ")
    assert "hunter2" not in diff
    subprocess.run(["patch", "--quiet", copy], input=diff.encode(), check=True)
    assert copy.read_bytes() != before.read_bytes()
    granted(site, step.request())
    return copy.read_bytes(), site.path(file).read_bytes()


@pytest.mark.parametrize(
    ("file", "step"),
    [
        (NETWORK_FILE, DefineForwardDelay(network=NETWORK, seconds=2)),
        (NETWORK_FILE, AddDhcpRange(network=NETWORK, first="192.168.150.110", last="192.168.150.119")),
        (GUEST_FILE, PlugInCable(domain=GUEST, mac=MAC, where="config")),
        (GUEST_FILE, SwitchRomOn(domain=GUEST, mac=MAC, off=("bar",))),
        (GUEST_FILE, AddToBootOrder(domain=GUEST, mac=MAC, place=None)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_file_is_what_was_shown(site: Site, file: str, step: Step) -> None:
    wanted, there = done(site, file, step)
    assert there == wanted


@pytest.mark.parametrize(
    "step",
    [SetNicDriver(domain=GUEST, mac=MAC), SetNicMtu(domain=GUEST, mac=MAC, mtu=1400), AddRng(domain=GUEST)],
    ids=lambda value: type(value).__name__,
)
def test_of_what_is_new_libvirt_chooses_the_place(site: Site, step: Step) -> None:
    """And gives a device an address of its own."""

    def words(text: bytes) -> list[bytes]:
        parts = re.findall(rb"<[\w/]+|[\w:]+='[^']*'|>[^<>\s]+<", re.sub(rb"<rng.*?</rng>", _device, text, flags=re.S))
        return sorted(parts)

    wanted, there = done(site, GUEST_FILE, step)
    assert words(there) == words(wanted)


def _device(rng: re.Match[bytes]) -> bytes:
    return re.sub(rb"<address [^>]*/>", b"", rng[0])
