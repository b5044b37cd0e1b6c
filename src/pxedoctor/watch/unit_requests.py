"""Who asks systemd to start or stop a unit: a systemctl that names it and still waits for it.

Root's systemctl speaks with systemd past the system bus, by a socket of its own, so that no monitor of the bus sees it;
but it waits until the job is done (systemctl(1), --no-block), and its command line says what it waits for. Of two that
wait for the same unit nobody is named.
"""

from pxedoctor.watch.lineage import Told

_PROGRAM = "systemctl"
_VERBS = frozenset(
    {"start", "stop", "restart", "reload", "try-restart", "reload-or-restart", "try-reload-or-restart", "enable"}
    | {"disable", "condrestart", "force-reload"}
)


class UnitRequests:
    """Those that wait, by pid. One that has ended counts until the next `turn`: its unit's rules may be told later."""

    def __init__(self) -> None:
        self._wait: dict[int, frozenset[str]] = {}
        self._ended: dict[int, frozenset[str]] = {}

    def turn(self) -> None:
        """What was heard until now has been told of."""
        self._ended.clear()

    def executed(self, pid: int, told: Told) -> None:
        units = _units(told)
        if units:
            self._wait[pid] = units
        else:
            self._wait.pop(pid, None)

    def ended(self, pid: int) -> None:
        units = self._wait.pop(pid, None)
        if units is not None:
            self._ended[pid] = units

    def asker(self, unit: str) -> int | None:
        """None where nobody waits for it, or several do."""
        waiting = [pid for pid, units in (*self._wait.items(), *self._ended.items()) if unit in units]
        return waiting[0] if len(waiting) == 1 else None


def _units(told: Told) -> frozenset[str]:
    """The units that a systemctl is to start or stop; none for another program, and for another verb."""
    if told.name != _PROGRAM:
        return frozenset()
    words = [word for word in told.command[1:] if not word.startswith("-")]
    if not words or words[0] not in _VERBS:
        return frozenset()
    return frozenset(word if word.endswith(".service") else f"{word}.service" for word in words[1:])
