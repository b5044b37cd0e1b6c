"""Which daemons live in another network namespace, a container's: they serve nobody here, and are no news.

A daemon whose namespace cannot be read (it is gone already, or we may not look) counts as one of this host.
"""

import os

from pxedoctor.model.process import lives_elsewhere


class Elsewhere:
    """`proc`: an open /proc in which this process is seen."""

    def __init__(self, proc: int) -> None:
        self._proc = proc
        self._networks: dict[int, str] = {}

    def began(self, pid: int) -> None:
        """A daemon: asked while it lives, for a process that ends is in no namespace any more."""
        network = self._network(str(pid))
        if network:
            self._networks[pid] = network

    def forked(self, pid: int, parent: int) -> None:
        """A daemon's child is where its parent is."""
        if parent in self._networks:
            self._networks[pid] = self._networks[parent]

    def ended(self, pid: int) -> None:
        """Or it is no daemon any more."""
        self._networks.pop(pid, None)

    def has(self, pid: int) -> bool:
        # Its own may be another by now: a keeper for the lab enters a site when it has begun.
        return lives_elsewhere(self._networks.get(pid), self._network("self"))

    def _network(self, process: str) -> str:
        """As net:[4026531840]; "" where it cannot be read."""
        try:
            return os.readlink(f"{process}/ns/net", dir_fd=self._proc)
        except OSError:
            return ""
