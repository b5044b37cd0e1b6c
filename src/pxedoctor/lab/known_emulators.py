"""What libvirt has found out about QEMU, lent from one site of this process to the next.

libvirt asks each QEMU that a guest names what it can do, once, and keeps the answer in its cache: a quarter of a second
of work, and a site's cache is empty. It believes an answer only while its own times and versions, QEMU's and the
kernel's are those of the answer (libvirt src/qemu/qemu_capabilities.c, virQEMUCapsIsValid).
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from pxedoctor.lab.site import Site

_CACHE = "/var/cache/libvirt/qemu/capabilities"


def lend(site: Site) -> None:
    """Before libvirtd starts in the site."""
    shutil.copytree(_lent(), site.path(_CACHE), dirs_exist_ok=True)


def keep(site: Site) -> None:
    """After a guest was defined in the site."""
    if not any(_lent().iterdir()):
        shutil.copytree(site.path(_CACHE), _lent(), dirs_exist_ok=True)


@cache
def _lent() -> Path:
    folder = tempfile.mkdtemp(prefix="pxedoctor-emulators-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
