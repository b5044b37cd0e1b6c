"""A real UEFI guest that nobody answers: what OVMF draws on a screen that nobody sees is read, and the trace tells it.

The picture that tests/trace/test_graphics_text.py reads was taken here: PXEDOCTOR_WRITE_GOLDEN=1 takes it anew.
"""

import gzip
import json
import os
import sys
import time
from pathlib import Path

import pytest

from one_tracefs import shared_tracefs
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST, start_libvirt
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import mount_tracefs, watching
from pxedoctor.lab.uefi_guest import define_uefi_guest
from pxedoctor.lab.wiring import make_bridge

pytestmark = [pytest.mark.firmware, pytest.mark.long]

RECORDED = Path(__file__).parents[1] / "trace" / "data" / "ovmf-gives-up.ppm.gz"
# The firmware gives up 60 s after it began to ask; a busy machine is slower.
_DEADLINE_SECONDS = 420
GAVE_UP = ("PXE-E16", "PXE-E18")
LOOK = f"""
from pxedoctor.model.libvirt import Domain
from pxedoctor.trace.guest_screen import Screen, reader_for
from pxedoctor.trace.wish import AbsentError
import json
guest = Domain(name="{GUEST}", uuid="", running=True, origin="", firmware="efi")
try:
    print(json.dumps(Screen("{GUEST}", reader_for(guest)).lines()))
except AbsentError as error:
    print(json.dumps([error.why]))
"""


def shown(site: Site) -> list[str]:
    lines: list[str] = json.loads(site.run(sys.executable, "-c", LOOK))
    return lines


def record(site: Site) -> None:
    site.run("virsh", "screenshot", GUEST, "/tmp/screen")
    RECORDED.write_bytes(gzip.compress(site.path("/tmp/screen").read_bytes(), mtime=0))


def test_ovmf_gives_up_on_a_screen_that_nobody_sees() -> None:
    with shared_tracefs(), open_site() as site:
        start_libvirt(site)
        mount_tracefs(site)
        make_bridge(site)
        define_uefi_guest(site, site.bridge, devices="<video><model type='vga'/></video>")
        with watching(site, GUEST, seconds=600) as found:
            site.run("virsh", "start", GUEST)
            deadline = time.monotonic() + _DEADLINE_SECONDS
            while not any(word in line for line in shown(site) for word in GAVE_UP):
                assert time.monotonic() < deadline, shown(site)
                time.sleep(1)
            if os.environ.get("PXEDOCTOR_WRITE_GOLDEN"):
                record(site)
        site.run("virsh", "destroy", GUEST)
    said = [word for word in found.document["words"] if "screen" in word["origin"]]
    assert any(word in entry["text"] for entry in said for word in GAVE_UP), found.document["words"]
    assert all(entry["means"] for entry in said)
