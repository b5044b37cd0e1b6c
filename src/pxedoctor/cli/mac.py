"""A guest's MAC as a person types it."""

from pxedoctor.cli.output import fail
from pxedoctor.diagnose.selection import short
from pxedoctor.wire.error import WireError
from pxedoctor.wire.mac import require_mac, write_mac


def mac_of(word: str | None, as_json: bool) -> str | None:
    """None for none; ends the program where the word is no MAC that a guest could have."""
    if word is None:
        return None
    mac = word.lower().replace("-", ":")
    try:
        require_mac(mac)
    except WireError:
        fail(f"{short(word)} is not a MAC", "six pairs of hexadecimal digits: 52:54:00:0d:0d:01", as_json)
    if write_mac(mac)[0] & 1:
        fail(f"{mac} is a group's MAC: nobody asks in its name", "give a guest's", as_json)
    return mac
