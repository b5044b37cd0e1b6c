"""A short, bounded memory of who started whom, also of processes that lived for a millisecond.

A Lineage is told what the process connector says and what /proc said of a process at that moment; it forgets the
oldest of the dead first, by their number and by how much memory they take. A pid that is used again is another process.

1. A fork: the child is, until it says otherwise, what its parent is.
2. An exec: it is another program; what /proc could not tell in time stays empty, its parent is known all the same.
3. An exit: the process is dead, and remembered, packed: thousands of dead in small pieces are twice as large, and leave
   holes when they are forgotten.
4. Events that were lost (`gap`): whoever was born before is remembered, and an unknown parent is said to be unknown.
"""

from collections import deque

import msgspec

# A package upgrade forks some 20,000 processes; of a culprit the last second is asked for.
MOST_DEAD = 8192
# Of all that is kept of them: nearly so many with short command lines. A compiler's have thousands of characters, and a
# bound for the number alone is a memory that grows whenever a host does other work.
MOST_BYTES = 2 * 1024 * 1024
# Beside its packed text: the head of that, its number and its places in the tables.
_PLACES = 200
# No real chain of callers is longer; a memory that held a ring would be followed for ever.
_MOST_ANCESTORS = 24


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What /proc told of a process while it lived; empty where it was too late.

    `session_user`: the user who logged in (loginuid), None where nobody did. `cgroup`: as in /proc/PID/cgroup, v2.
    """

    name: str = ""
    command: tuple[str, ...] = ()
    cgroup: str = ""
    uid: int | None = None
    session_user: int | None = None
    parent: int | None = None


class Lived(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A process. `parent` is the key of another in the memory, None where it is not known.

    `orphan`: it was found after events had been lost, as a child of the first process: that may have adopted it.
    """

    key: int
    pid: int
    parent: int | None
    told: Told
    alive: bool = True
    orphan: bool = False


class Lineage:
    """The memory. Not for several threads at once."""

    def __init__(self, most_dead: int = MOST_DEAD, most_bytes: int = MOST_BYTES) -> None:
        self._most_dead = most_dead
        self._most_bytes = most_bytes
        self._next = 1
        self._alive: dict[int, Lived] = {}
        self._packed: dict[int, bytes] = {}
        self._by_pid: dict[int, int] = {}
        self._dead: deque[int] = deque()
        self._bytes_of_dead = 0
        self._before_gap: dict[int, Told] = {}
        self.gaps = 0

    def __len__(self) -> int:
        return len(self._alive) + len(self._packed)

    def found(self, pid: int, told: Told) -> None:
        """A process that was there before anybody listened; its parent is found first, or is not known."""
        parent = self._by_pid.get(told.parent) if told.parent is not None else None
        known = self._before_gap.get(pid)
        is_same = known is not None and (known.name, known.command) == (told.name, told.command)
        self._add(pid, parent, told, orphan=self.gaps > 0 and told.parent == 1 and not is_same)

    def forked(self, pid: int, parent: int) -> None:
        mother = self.lived(parent)
        self._add(pid, mother.key if mother else None, mother.told if mother else Told())

    def executed(self, pid: int, told: Told) -> None:
        """`told` may be empty. What does not change with an exec is kept."""
        before = self.lived(pid)
        if before is None:
            self.found(pid, told)
            return
        kept = before.told
        fresh = Told(
            name=told.name,
            command=told.command,
            # The same text once: most programs run where their parents do, and a cgroup's path is long.
            cgroup=kept.cgroup if told.cgroup in {"", kept.cgroup} else told.cgroup,
            uid=told.uid if told.uid is not None else kept.uid,
            session_user=told.session_user if told.name else kept.session_user,
            parent=kept.parent,
        )
        self._put(msgspec.structs.replace(before, told=fresh))

    def renamed(self, pid: int, name: str) -> None:
        before = self.lived(pid)
        if before is not None and not before.told.command:
            told = msgspec.structs.replace(before.told, name=name)
            self._put(msgspec.structs.replace(before, told=told))

    def exited(self, pid: int) -> None:
        gone = self.lived(pid)
        if gone is None or not gone.alive:
            return
        del self._alive[gone.key]
        self._put(msgspec.structs.replace(gone, alive=False))
        self._dead.append(gone.key)
        while len(self._dead) > self._most_dead or self._bytes_of_dead > self._most_bytes:
            self._forget(self._dead.popleft())

    def gap(self) -> None:
        """Events were lost: who was said to live may be dead, and pids may be others'. The living are read again."""
        self.gaps += 1
        alive = tuple(self._alive.values())
        self._before_gap = {lived.pid: lived.told for lived in alive}
        for lived in alive:
            self.exited(lived.pid)
        self._by_pid.clear()

    def chain(self, pid: int) -> tuple[Lived, ...]:
        """The process that has, or had last, this pid, its parent, and so on; empty where nothing is known of it."""
        chain: list[Lived] = []
        now = self.lived(pid)
        while now is not None and len(chain) < _MOST_ANCESTORS:
            chain.append(now)
            now = self._get(now.parent)
        return tuple(chain)

    def lived(self, pid: int) -> Lived | None:
        """The process that has, or had last, this pid; None where nothing is known of it."""
        return self._get(self._by_pid.get(pid))

    def is_copy(self, lived: Lived) -> bool:
        """Whether it runs its parent's program as its parent does, who is alive: forked, and nothing executed since."""
        parent = self._alive.get(lived.parent) if lived.parent is not None else None
        return parent is not None and parent.told.command == lived.told.command

    def _add(self, pid: int, parent: int | None, told: Told, orphan: bool = False) -> None:
        self.exited(pid)
        key, self._next = self._next, self._next + 1
        self._alive[key] = Lived(key=key, pid=pid, parent=parent, told=told, orphan=orphan)
        self._by_pid[pid] = key

    def _get(self, key: int | None) -> Lived | None:
        if key is None:
            return None
        packed = self._packed.get(key)
        return self._alive.get(key) if packed is None else msgspec.msgpack.decode(packed, type=Lived)

    def _put(self, lived: Lived) -> None:
        """In the place of what was known of it."""
        if lived.alive:
            self._alive[lived.key] = lived
            return
        self._bytes_of_dead -= _size(self._packed.get(lived.key))
        self._packed[lived.key] = msgspec.msgpack.encode(lived)
        self._bytes_of_dead += _size(self._packed[lived.key])

    def _forget(self, key: int) -> None:
        packed = self._packed.pop(key)
        self._bytes_of_dead -= _size(packed)
        gone = msgspec.msgpack.decode(packed, type=Lived)
        if self._by_pid.get(gone.pid) == key:
            del self._by_pid[gone.pid]


def _size(packed: bytes | None) -> int:
    return len(packed) + _PLACES if packed is not None else 0
