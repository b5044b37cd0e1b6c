"""A real guest whose DISCOVER libvirt's nwfilter drops: the filter's rule is named, and what the firmware made of it.

The guest has a video device and no display, as a server's has: nobody sees that screen but libvirt. A network filter is
only there while QEMU runs the guest (libvirt's formatnwfilter), so that both are shown with one.
"""

import json
import sys
import time

import pytest

from one_tracefs import shared_tracefs
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST, bridge_interface, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.parts_bridge import serve
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import mount_tracefs, watching
from pxedoctor.lab.wiring import make_bridge

pytestmark = pytest.mark.firmware

# iPXE asks for some eight seconds; on a busy machine emulation takes its time before.
_DEADLINE_SECONDS = 120
GAVE_UP = "ipxe.org/040ee119"
FILTER = """
<filter name='no-dhcp' chain='ipv4' priority='-700'>
  <rule action='drop' direction='out' priority='100'><ip protocol='udp' dstportstart='67'/></rule>
</filter>
"""
LOOK = f"""
from pxedoctor.trace.guest_screen import Screen, reader_for
from pxedoctor.trace.wish import AbsentError
import json
try:
    print(json.dumps(Screen("{GUEST}", reader_for(None)).lines()))
except AbsentError as error:
    print(json.dumps([error.why]))
"""


def shown(site: Site) -> list[str]:
    lines: list[str] = json.loads(site.run(sys.executable, "-c", LOOK))
    return lines


def filtered_guest(site: Site) -> str:
    nic = bridge_interface(site.bridge).replace("</interface>", "<filterref filter='no-dhcp'/></interface>")
    return guest_xml(nic + "<video><model type='vga'/></video>")


def test_nwfilter_drops_the_discover_and_ipxe_says_so_on_a_screen_that_nobody_sees() -> None:
    with shared_tracefs(), open_site() as site:
        start_libvirt(site)
        mount_tracefs(site)
        make_bridge(site)
        serve(site, site.bridge)
        site.write("/tmp/filter.xml", FILTER)
        site.run("virsh", "nwfilter-define", "/tmp/filter.xml")
        define_guest(site, filtered_guest(site))
        assert "domain is not running" in shown(site)[0]
        with watching(site, GUEST, seconds=300) as found:
            site.run("virsh", "start", GUEST)
            deadline = time.monotonic() + _DEADLINE_SECONDS
            while not any(GAVE_UP in line for line in shown(site)):
                assert time.monotonic() < deadline, shown(site)
                time.sleep(1)
        site.run("virsh", "destroy", GUEST)
    died = found.died
    assert (died["kind"], died["hop"]) == ("DISCOVER", "bridge-prerouting"), found.document
    assert died["rule"]["chain"].startswith("I-vnet"), died["rule"]
    said = [word for word in found.document["words"] if word["speaker"] == "guest"]
    assert any(GAVE_UP in word["text"] for word in said), found.document["words"]
    assert any("no DHCP server answered" in meaning for word in said for meaning in word["means"])
    witnesses = {entry["name"]: entry for entry in found.document["witnesses"]}
    assert witnesses["guest"]["status"] == "ok"
    assert (witnesses["agent"]["status"], "no channel" in witnesses["agent"]["why"]) == ("silent", True)
