"""Parts of sites with a real systemd-journald, without systemd."""

import json
import time
from typing import Any

from pxedoctor.lab.parts_docker import show_cgroups
from pxedoctor.lab.site import Site, SiteError

_SECONDS = 30
_SOCKET = "/run/systemd/journal/socket"


def start_journald(site: Site) -> None:
    """Returns when it listens. It wants to see a hierarchy of cgroups."""
    show_cgroups(site)
    site.run("mkdir", "-p", "/run/systemd/journal")
    site.run("sh", "-c", "setsid -f /lib/systemd/systemd-journald >/var/log/journald.out 2>&1")
    deadline = time.monotonic() + _SECONDS
    while not site.exists(_SOCKET):
        if time.monotonic() > deadline:
            raise SiteError(f"journald did not listen within {_SECONDS} s: {site.run('cat', '/var/log/journald.out')}")
        time.sleep(0.05)


def entries(site: Site, *matches: str) -> list[dict[str, Any]]:
    """What journalctl shows of these matches, oldest first."""
    return [json.loads(line) for line in site.ask("journalctl", "-o", "json", *matches).stdout.splitlines()]


def wait_for_entry(site: Site, *matches: str) -> dict[str, Any]:
    """The first of them. Raises SiteError where none comes."""
    deadline = time.monotonic() + _SECONDS
    while not (found := entries(site, *matches)):
        if time.monotonic() > deadline:
            raise SiteError(f"the journal has no entry with {' '.join(matches)} after {_SECONDS} s")
        time.sleep(0.2)
    return found[0]
