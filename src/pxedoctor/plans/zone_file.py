"""A zone of firewalld's lets more services in for good: a copy in /etc of the file that its package brought.

The same as `firewall-cmd --permanent --zone=ZONE --add-service=SERVICE`, which writes that copy too, but keeps it when
the service is taken out again, and a second one beside it, so that the zone no longer follows its package. What is
written here goes again whole. firewalld watches the folder, and reads it at its next reload and start.

Source: firewalld.dirs(5), firewalld.zone(5); firewall/core/io/zone.py zone_writer, firewall/server/config.py Watcher.
"""

import re

from pxedoctor.model.firewalld import Zone
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.owners.owner import FileChange
from pxedoctor.plans.safety import Safety

ETC = "/etc/firewalld/zones"
_END = re.compile(r"</zone\s*>\s*\Z")
_CHECK = ("firewall-offline-cmd", "--check-config")


def stored(zone: Zone, services: tuple[str, ...], safety: Safety, may_lose: str) -> tuple[ChangeFile, ...]:
    """One step for those services that the zone's file lacks; none where it is a person's or could not be read."""
    missing = tuple(service for service in services if not zone.stores(service))
    end = _END.search(zone.stored_text)
    if not missing or zone.by_a_person or end is None:
        return ()
    lines = "".join(f'  <service name="{service}"/>\n' for service in missing)
    after = f"{zone.stored_text[: end.start()]}{lines}{zone.stored_text[end.start() :]}"
    change = FileChange(path=f"{ETC}/{zone.name}.xml", before=None, after=after, then=(_CHECK,))
    words = f"firewalld's zone {zone.name} lets {', '.join(missing)} in"
    return (ChangeFile(words=words, change=change, safety=safety, may_lose=may_lose),)
