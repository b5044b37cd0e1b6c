"""Asks for the leases that libvirt's dnsmasqs have given, and for the host's clock, against which they expire.

libvirt's lease helper writes /var/lib/libvirt/dnsmasq/BRIDGE.status (src/network/leaseshelper.c). The lease file of a
dnsmasq of the host's own is asked for with its settings (`dnsmasq.py`). Names and client ids of guests are cut out.
"""

import json

from pxedoctor.access.notebook import Notebook

LIBVIRT_FOLDER = "/var/lib/libvirt/dnsmasq"
STATUS = ".status"
CLOCK = ("date", "+%s")
KEPT = ("ip-address", "mac-address", "expiry-time")


def ask(host: Notebook) -> None:
    host.run(CLOCK)
    for name in host.names(LIBVIRT_FOLDER):
        if name.endswith(STATUS):
            host.read(f"{LIBVIRT_FOLDER}/{name}", cut=only_leases)


def only_leases(text: str) -> str:
    """Of each lease what a check needs; "" of what is no list of leases."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    return json.dumps([{key: entry[key] for key in KEPT if key in entry} for entry in entries])


def only_lines(text: str) -> str:
    """A dnsmasq's own lease file: expiry, MAC and address of each lease (dnsmasq src/lease.c, lease_update_file)."""
    words = (line.split() for line in text.splitlines())
    return "\n".join(" ".join(line[:3]) for line in words if len(line) > 2 and line[0].isdecimal())
