"""What a real guest's firmware writes on its screen, read from libvirt's screenshot, and told by `trace`.

The guest has a video device and no display, as a server's has: nobody sees that screen but libvirt.
"""

import json
import sys
import time

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST, bridge_interface, define_guest, guest_xml, start_libvirt
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import watching
from pxedoctor.lab.wiring import make_bridge

pytestmark = pytest.mark.firmware

# iPXE asks for some eight seconds; on a busy machine emulation takes its time before.
_DEADLINE_SECONDS = 120
GAVE_UP = "ipxe.org/040ee119"
LOOK = f"""
from pxedoctor.trace.guest_screen import font_of_this_host, screen_of
from pxedoctor.trace.wish import AbsentError
import json
try:
    print(json.dumps(screen_of("{GUEST}", font_of_this_host())))
except AbsentError as error:
    print(json.dumps([error.why]))
"""


def shown(site: Site) -> list[str]:
    lines: list[str] = json.loads(site.run(sys.executable, "-c", LOOK))
    return lines


def test_ipxes_last_words_on_a_screen_that_nobody_sees() -> None:
    with open_site() as site:
        start_libvirt(site)
        make_bridge(site)
        define_guest(site, guest_xml(bridge_interface(site.bridge) + "<video><model type='vga'/></video>"))
        assert "domain is not running" in shown(site)[0]
        with watching(site, GUEST, "--without", "rules", "--without", "kernel", seconds=300) as found:
            site.run("virsh", "start", GUEST)
            deadline = time.monotonic() + _DEADLINE_SECONDS
            while not any(GAVE_UP in line for line in shown(site)):
                assert time.monotonic() < deadline, shown(site)
                time.sleep(1)
        site.run("virsh", "destroy", GUEST)
    said = [word for word in found.document["words"] if word["speaker"] == "guest"]
    assert any(GAVE_UP in word["text"] for word in said), found.document["words"]
    assert any("no DHCP server answered" in meaning for word in said for meaning in word["means"])
    assert {entry["name"]: entry["status"] for entry in found.document["witnesses"]}["guest"] == "ok"
