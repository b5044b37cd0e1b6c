"""Everything the keeper listens to. A source that cannot be had says why, and the others go on."""

import os
import select
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import msgspec

from pxedoctor.verdict.happened import Heard
from pxedoctor.watch.audit_events import AuditEvents
from pxedoctor.watch.bus_events import BusEvents
from pxedoctor.watch.bus_requests import BusRequests
from pxedoctor.watch.exec_events import ExecEvents
from pxedoctor.watch.file_events import LegacyLock, LibvirtFiles
from pxedoctor.watch.lineage import Lived
from pxedoctor.watch.link_events import LinkEvents
from pxedoctor.watch.nft_events import RuleEvents
from pxedoctor.watch.nft_message import Generation
from pxedoctor.watch.proc_events import ProcessEvents
from pxedoctor.watch.server_ends import ServerEnds
from pxedoctor.watch.settle import Stir
from pxedoctor.watch.who import asker, at_work, unit_of, who

SOURCES = (
    "rules",
    "legacy-rules",
    "audit",
    "processes",
    "programs",
    "servers",
    "links",
    "libvirt",
    "firewalld",
    "systemd",
    "requests",
    "sysctls",
)
# No event tells of these (linux net/bridge/br_netfilter_hooks.c): they are looked at now and then.
_BRIDGE_NF = "/proc/sys/net/bridge"
_LOOKS_SECONDS = 2.0
# A bus that is not there may come: a host that starts, a bus that was restarted.
_BUS_SECONDS = 15.0
_AS_ROOT = "run it as root in the host's own namespaces"
_WOULD_HELP = {
    "audit": "auditctl -e 1; without it iptables-legacy is heard by its lock",
    "programs": "nothing, but that of a caller that lives for a millisecond the name may be missed",
    "servers": "nothing, where the processes are heard; else run it in the host's own pid namespace",
    "firewalld": "start the system bus (dbus); rules are heard without it",
    "systemd": "run it where systemd is on the system bus; rules and processes are heard without it",
    "requests": "nothing, but of what firewalld writes it is not known who asked for it",
    "sysctls": "nothing: there is nothing to hear",
}


class Source(Protocol):
    """What can be waited for."""

    def fileno(self) -> int: ...

    def close(self) -> None: ...


_ON_THE_BUS = frozenset({"firewalld", "systemd", "requests"})
T = TypeVar("T", bound=Source)


class Deaf(msgspec.Struct, frozen=True):
    """A source that is not listened to, why, and what would help."""

    source: str
    why: str
    would_help: str = _AS_ROOT


class Ears:
    """Make these where the processes of the host are seen; `open_host` where its network and files are."""

    def __init__(self) -> None:
        self.deaf: list[Deaf] = []
        self._waiting = select.epoll()
        self._handles = 0
        self._processes = self._opened("processes", ProcessEvents)
        self._audit = self._opened("audit", AuditEvents)
        self._rules: RuleEvents | None = None
        self._links: LinkEvents | None = None
        self._programs: ExecEvents | None = None
        self._libvirt: LibvirtFiles | None = None
        self._legacy: LegacyLock | None = None
        self._servers: ServerEnds | None = None
        self._bus: BusEvents | None = None
        self._requests: BusRequests | None = None
        self._bridge_nf: tuple[str, ...] = ()
        self._looked = self._bus_looked = 0.0
        self._own = os.getpid()

    def open_host(self) -> None:
        self._rules = self._opened("rules", RuleEvents)
        self._links = self._opened("links", LinkEvents)
        if self._processes:
            self._programs = self._opened("programs", self._processes.open_programs)
        else:
            self._not_heard("programs", "the processes are not heard")
        self._libvirt = self._opened("libvirt", LibvirtFiles)
        self._legacy = self._opened("legacy-rules", LegacyLock)
        self._servers = self._opened("servers", ServerEnds)
        self._open_bus()
        self._bridge_nf = _bridge_nf()
        if not self._bridge_nf:
            self._not_heard("sysctls", "the kernel has no br_netfilter")

    def sources(self) -> tuple[Heard, ...]:
        """Every source, and why it is not heard."""
        deaf = {entry.source: entry for entry in self.deaf}
        return tuple(
            Heard(name, deaf[name].why, deaf[name].would_help) if name in deaf else Heard(name) for name in SOURCES
        )

    def handles(self) -> tuple[int, ...]:
        """One that is readable when any source has something to tell; none where there is no source at all."""
        return (self._waiting.fileno(),) if self._handles else ()

    def lost(self) -> int:
        """How often the kernel told that it could not keep what it had to say."""
        gaps = self._processes.lineage.gaps if self._processes else 0
        others = (self._rules, self._links, self._libvirt, self._audit)
        return gaps + sum(source.lost for source in others if source is not None)

    def at_work(self, pid: int) -> bool:
        """Whether the command behind the process that made a change goes on; False where nothing is known of it."""
        return self._processes is not None and at_work(self._processes.lineage.chain(pid))

    def hear(self, at: float) -> Iterator[Stir]:
        """What stirred since the last time, but for what this keeper did itself. One by one: a storm's are many."""
        self._hear_requests(at)
        # What was done first, then who was born: whoever made a change was born before it.
        made = self._rules.drain() if self._rules else ()
        closed = self._legacy.drain() if self._legacy else ()
        if self._programs:
            self._programs.drain()
        audited = self._audit.drain() if self._audit else ()
        told_of = self._processes.drain() if self._processes else ()
        yield from self._transactions(made, at)
        while self._rules and self._rules.more:
            made = self._rules.drain()
            told_of += self._processes.drain(goes_on=True) if self._processes else ()
            yield from self._transactions(made, at)
        for change in closed:
            if change.pid is not None:
                yield from self._by_somebody(Stir(at=at, source=change.source, what=change.what), change.pid, "")
        for table in audited:
            stir = Stir(at=at, source="legacy-rules", what=f"iptables-legacy changed the table {table.table}")
            yield from self._by_somebody(stir, table.pid, table.name)
        for became in told_of:
            # Asking dnsmasq for its version starts one: that was this keeper.
            if not self._is_own(self._chain(became.pid)):
                yield Stir(at=at, source="processes", what=became.what)
        yield from self._quiet_sources(at)

    def _transactions(self, made: tuple[Generation, ...], at: float) -> Iterator[Stir]:
        for generation in made:
            what = f"firewall rules, generation {generation.number}"
            yield from self._by_somebody(Stir(at=at, source="rules", what=what), generation.pid, generation.name)

    def _quiet_sources(self, at: float) -> Iterator[Stir]:
        """Those that do not tell who."""
        for link in self._links.drain() if self._links else ():
            yield Stir(at=at, source=link.source, what=f"{link.what}: {link.device}".rstrip(": "))
        for file in self._libvirt.drain() if self._libvirt else ():
            yield Stir(at=at, source=file.source, what=file.what)
        for ended in self._servers.drain() if self._servers else ():
            yield Stir(at=at, source="processes", what=f"{ended.name} (pid {ended.pid}) ended")
        yield from self._said_on_the_bus(at)
        if at - self._looked >= _LOOKS_SECONDS:
            self._looked = at
            yield from self._look(at)

    def _look(self, at: float) -> Iterator[Stir]:
        """At what no event tells of."""
        before, self._bridge_nf = self._bridge_nf, _bridge_nf()
        if before != self._bridge_nf:
            yield Stir(at=at, source="sysctls", what="bridge-nf-call changed")
        for file in self._libvirt.look() if self._libvirt else ():
            yield Stir(at=at, source=file.source, what=file.what)
        if self._servers:
            self._servers.look()
        if self._bus is None and at - self._bus_looked >= _BUS_SECONDS:
            self._bus_looked = at
            if self._open_bus():
                yield Stir(at=at, source="firewalld", what="the system bus is heard now")

    def _said_on_the_bus(self, at: float) -> Iterator[Stir]:
        if self._bus is None:
            return
        try:
            for said in self._bus.drain():
                yield Stir(at=at, source=said.source, what=said.what)
        except ConnectionError as error:
            self._bus.close()
            self._bus, self._handles = None, self._handles - 1
            self._not_heard("firewalld", str(error.strerror or error))
            self._not_heard("systemd", str(error.strerror or error))

    def _hear_requests(self, at: float) -> None:
        if self._requests is None:
            return
        try:
            self._requests.drain(at)
        except ConnectionError as error:
            self._requests.close()
            self._requests, self._handles = None, self._handles - 1
            self._not_heard("requests", str(error.strerror or error))

    def _open_bus(self) -> bool:
        self.deaf = [entry for entry in self.deaf if entry.source not in _ON_THE_BUS]
        self._bus = self._opened("firewalld", BusEvents)
        if self._bus is None:
            self._not_heard("systemd", "there is no system bus")
            self._not_heard("requests", "there is no system bus")
            return False
        if not self._bus.systemd:
            self._not_heard("systemd", "systemd is not on the system bus")
        if self._requests is None and not self._processes:
            self._not_heard("requests", "the processes are not heard")
        elif self._requests is None:
            self._requests = self._opened("requests", BusRequests)
        return True

    def _by_somebody(self, stir: Stir, pid: int, name: str) -> Iterator[Stir]:
        """With who it was; nothing where it was this keeper or what it started."""
        chain = self._chain(pid)
        asked = self._asked(chain)
        if not self._is_own(chain) and not self._is_own(asked):
            yield msgspec.structs.replace(stir, who=who(pid, name, chain, asker(asked)))

    def _asked(self, chain: tuple[Lived, ...]) -> tuple[Lived, ...]:
        """Whoever had a daemon of this chain do it, and whose child that is; empty where it is not known."""
        pid = self._requests.asker(frozenset(lived.pid for lived in chain)) if self._requests else None
        if pid is None and self._processes:
            pid = self._processes.unit_requests.asker(unit_of(chain))
        return self._chain(pid) if pid is not None else ()

    def _chain(self, pid: int) -> tuple[Lived, ...]:
        return self._processes.lineage.chain(pid) if self._processes else ()

    def _is_own(self, chain: tuple[Lived, ...]) -> bool:
        return any(lived.pid == self._own for lived in chain)

    def _opened(self, source: str, make: Callable[[], T]) -> T | None:
        try:
            opened = make()
        except OSError as error:
            self._not_heard(source, str(error.strerror or error))
            return None
        self._waiting.register(opened.fileno(), select.EPOLLIN)
        self._handles += 1
        return opened

    def _not_heard(self, source: str, why: str) -> None:
        self.deaf.append(Deaf(source, why, _WOULD_HELP.get(source, _AS_ROOT)))


def listen_first() -> str:
    """This process runs as soon as it hears something, also on a busy host; what it starts does not. Returns why not.

    A process that lives for a millisecond is read from /proc within it, or its command line is lost. An event costs
    some 0.1 ms, and the kernel leaves a share of every second to the others (sched(7), sched_rt_runtime_us).
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError as error:
        return f"it cannot run before others ({error.strerror}); on a busy host some command lines will be missed"
    return ""


def _bridge_nf() -> tuple[str, ...]:
    """Their values; empty where br_netfilter is not there. Asking loads nothing."""
    values = []
    for name in ("bridge-nf-call-iptables", "bridge-nf-call-ip6tables", "bridge-nf-call-arptables"):
        try:
            with open(f"{_BRIDGE_NF}/{name}", encoding="ascii") as file:
                values.append(file.read())
        except OSError:
            return ()
    return tuple(values)
