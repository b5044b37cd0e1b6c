"""Which NICs libvirt's definition lets a firmware boot from, held against the real libvirt's own QEMU arguments."""

import json
from itertools import pairwise

import pytest

from builders import domain, nic
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site

_DEFINITION = """\
<domain type='qemu'><name>two</name><memory unit='MiB'>64</memory>
  <os><type arch='x86_64' machine='q35'>hvm</type>{listed}</os>
  <devices>
    <interface type='user'>{first}</interface>
    <interface type='user'>{second}</interface>
  </devices>
</domain>
"""


@pytest.mark.lab
@pytest.mark.parametrize(
    ("boot", "orders"),
    [(("network",), (None, None)), (("hd", "network"), (None, None)), (("hd",), (None, None)), ((), (None, 1))],
    ids=["a list", "a list with a disk first", "a list without", "numbers"],
)
def test_libvirt_gives_a_place_to_the_same_nics(boot: tuple[str, ...], orders: tuple[int | None, ...]) -> None:
    nics = tuple(nic(boot_order=order, position=place) for place, order in enumerate(orders, 1))
    numbers = [f"<boot order='{order}'/>" if order else "" for order in orders]
    listed = "".join(f"<boot dev='{device}'/>" for device in boot)
    with open_site() as site:
        libvirt_site(site)
        site.write("/tmp/two.xml", _DEFINITION.format(listed=listed, first=numbers[0], second=numbers[1]))
        # domxml-to-native leaves the numbers of single devices out (libvirt 9.0).
        site.run("virsh", "create", "--paused", "/tmp/two.xml")
        argv = site.run("sh", "-c", "tr '\\0' '\\n' </proc/$(cat /run/libvirt/qemu/two.pid)/cmdline").splitlines()
        site.run("virsh", "destroy", "two")
    devices = [json.loads(word) for before, word in pairwise(argv) if before == "-device"]
    places = ["bootindex" in device for device in devices if device["id"].startswith("net")]
    guest = domain(*nics, boot=boot)
    assert places == [guest.boots_from(entry) for entry in nics]
