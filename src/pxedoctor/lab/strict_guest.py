"""Guests that ask for a reply to everybody and hear port 67 alone, as EDK2 does."""

import json
import sys

from pxedoctor.lab import uefi_guest
from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.parts_conntrack import forget
from pxedoctor.lab.site import Site

_BOOTPS = 67


def listener(site: Site) -> Attempt:
    """A light one. It comes when the last try's flows are forgotten: a remembered one keeps its old NAT."""
    forget(site)
    words = ["--tap", site.device("tr"), "--bridge", site.bridge, "--mac", MAC]
    told = json.loads(site.run(sys.executable, "-m", "pxedoctor.lab.tap_reader", *words))
    return Attempt(ok=told["source_port"] == _BOOTPS, said=told["said"])


def firmware(site: Site) -> Attempt:
    """OVMF itself."""
    forget(site)
    return uefi_guest.boot(site)
