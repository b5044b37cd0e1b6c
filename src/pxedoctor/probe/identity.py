"""The MAC in whose name the probe sends: one for each host, the same at every run, and nobody else's."""

import hashlib

_MACHINE_ID = "/etc/machine-id"
# Locally administered, unicast (IEEE 802 section 8.4), and neither QEMU's 52:54:00 nor Docker's 02:42.
_PREFIX = "02:70:78"
_KEY = b"pxedoctor probe MAC"


def probe_mac(machine_id: str) -> str:
    """02:70:78 and three bytes made of the host's machine-id, which itself must not be shown (machine-id(5))."""
    made = hashlib.blake2b(machine_id.strip().encode(), digest_size=3, key=_KEY)
    return f"{_PREFIX}:{made.digest().hex(':')}"


def mac_of_this_host() -> str:
    """Where there is no machine-id, the MAC that an empty one makes: then such hosts share it."""
    try:
        with open(_MACHINE_ID, encoding="ascii", errors="replace") as file:
            machine_id = file.read()
    except OSError:
        machine_id = ""
    return probe_mac(machine_id)
