"""What the words of several systems have in common: an MTU that a file sets, and lists of VLANs."""

from collections.abc import Callable

from pxedoctor.plans.devices.wish import Already
from pxedoctor.plans.owners.owner import FileChange, Told


def widened(
    path: str, key: str, now: str, size: int, write: Callable[[str], FileChange | Told]
) -> FileChange | Told | Already:
    """`now`: what the file says, in bytes. `write` makes the change to the value that it is given."""
    if not now.isdecimal():
        return Told(f"{key}={now} in {path} is no plain number")
    return Already(path) if int(now) >= size else write(str(size))


def has_vlan(vids: str, vid: int) -> bool:
    """Whether `vid` is in a list as ifupdown2, networkd and NetworkManager write them: `2-4 7`, `7`, `2-4,7 pvid`."""
    spans = [word.partition("-") for word in vids.replace(",", " ").split()]
    return any(low.isdecimal() and int(low) <= vid <= int(high if high.isdecimal() else low) for low, _, high in spans)


def with_vlan(vids: str, vid: int) -> str:
    """NetworkManager's list (nm-settings(5), bridge-port.vlans) with one more, whose frames keep their tag."""
    return f"{vids},{vid}" if vids else str(vid)
