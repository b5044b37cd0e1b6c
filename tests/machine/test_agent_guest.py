"""A real guest whose operating system runs a real qemu-guest-agent: what it says of its address, beside its packets.

Its kernel and its agent are bookworm's, its libvirt and the kernel below are this machine's.
"""

import time
from collections.abc import Iterator

import jsonschema
import msgspec
import pytest

from one_tracefs import shared_tracefs
from pxedoctor.lab.agent_guest import agent_guest_xml, install, start
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.machine.disk import disk_of
from pxedoctor.lab.machine.recipe import RECIPES
from pxedoctor.lab.parts import GUEST, MAC, bridge_interface, define_guest, start_libvirt
from pxedoctor.lab.parts_bridge import PREFIX, serve
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import Watched, mount_tracefs, watching
from pxedoctor.lab.wiring import make_bridge
from pxedoctor.report.json_schema import schema

pytestmark = pytest.mark.machine

NO_DHCP = ("INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
_DEADLINE_SECONDS = 120


@pytest.fixture
def site() -> Iterator[Site]:
    disk = disk_of(RECIPES["bookworm"], print)
    with shared_tracefs(), open_site() as site:
        start_libvirt(site)
        mount_tracefs(site)
        make_bridge(site)
        serve(site, site.bridge)
        install(site, disk)
        yield site


def witness(found: Watched) -> dict[str, str]:
    jsonschema.validate(found.document, msgspec.json.decode(schema()))
    told: dict[str, str] = next(entry for entry in found.document["witnesses"] if entry["name"] == "agent")
    return told


def of_agent(found: Watched) -> list[str]:
    return [word["text"] for word in found.document["words"] if word["speaker"] == "agent"]


def has_an_address(site: Site) -> bool:
    return f"{PREFIX}.5/" in site.ask("virsh", "domifaddr", "--source=agent", GUEST).stdout


def test_the_agent_tells_that_the_address_came_while_it_was_watched(site: Site) -> None:
    site.run("iptables", "-I", *NO_DHCP)
    define_guest(site, agent_guest_xml(bridge_interface(site.bridge)))
    start(site)
    with watching(site, GUEST, seconds=300) as found:
        time.sleep(1)
        site.run("iptables", "-D", *NO_DHCP)
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while not has_an_address(site):
            assert time.monotonic() < deadline, "udhcpc asks again every 2 s"
            time.sleep(0.5)
    assert witness(found)["status"] == "ok", found.document["witnesses"]
    (said,) = of_agent(found)
    assert f"its NIC {MAC} has {PREFIX}.5/24" in said
    assert "when the trace began it had no address" in said
    status = site.path(f"/run/libvirt/qemu/{GUEST}.xml").read_text()
    assert ("guest_agent" in status, "custom-ga-command" in status) == (True, False), "asking taints nothing"


def test_an_agent_that_hangs_holds_no_trace(site: Site) -> None:
    define_guest(site, agent_guest_xml(bridge_interface(site.bridge), "pxedoctor.agent=mute"))
    start(site)
    assert "state='connected'" in site.path(f"/run/libvirt/qemu/{GUEST}.xml").read_text()
    with watching(site, GUEST, seconds=300) as found:
        time.sleep(4)
    told = witness(found)
    assert (told["status"], of_agent(found)) == ("absent", [])
    assert "no answer within 3 s" in told["why"] or "not responding" in told["why"], told
    assert "qemu-guest-agent" in told["would_help"]
