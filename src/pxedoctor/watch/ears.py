"""Everything the keeper listens to. A source that cannot be had says why, and the others go on."""

import os
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from pxedoctor.verdict.happened import Heard
from pxedoctor.watch.file_events import LegacyLock, LibvirtFiles
from pxedoctor.watch.link_events import LinkEvents
from pxedoctor.watch.nft_events import RuleEvents
from pxedoctor.watch.proc_events import ProcessEvents
from pxedoctor.watch.settle import Stir
from pxedoctor.watch.who import who

T = TypeVar("T")

SOURCES = ("rules", "legacy-rules", "processes", "links", "libvirt", "sysctls")

# No event tells of these (linux net/bridge/br_netfilter_hooks.c): they are looked at now and then.
_BRIDGE_NF = "/proc/sys/net/bridge"
_LOOKS_SECONDS = 2.0


class Deaf(msgspec.Struct, frozen=True):
    """A source that is not listened to, why, and what would help."""

    source: str
    why: str
    would_help: str = "run it as root in the host's own namespaces"


class Ears:
    """Make these where the processes of the host are seen; `open_host` where its network and files are."""

    def __init__(self) -> None:
        self.deaf: list[Deaf] = []
        self._processes = self._opened("processes", ProcessEvents)
        self._rules: RuleEvents | None = None
        self._links: LinkEvents | None = None
        self._libvirt: LibvirtFiles | None = None
        self._legacy: LegacyLock | None = None
        self._bridge_nf: tuple[str, ...] = ()
        self._looked = 0.0
        self._own = os.getpid()

    def open_host(self) -> None:
        self._rules = self._opened("rules", RuleEvents)
        self._links = self._opened("links", LinkEvents)
        self._libvirt = self._opened("libvirt", LibvirtFiles)
        self._legacy = self._opened("legacy-rules", LegacyLock)
        self._bridge_nf = _bridge_nf()
        if not self._bridge_nf:
            self.deaf.append(Deaf("sysctls", "the kernel has no br_netfilter", "nothing: there is nothing to hear"))

    def sources(self) -> tuple[Heard, ...]:
        """Every source, and why it is not heard."""
        deaf = {entry.source: entry for entry in self.deaf}
        return tuple(
            Heard(name, deaf[name].why, deaf[name].would_help) if name in deaf else Heard(name) for name in SOURCES
        )

    def handles(self) -> tuple[int, ...]:
        sources = (self._processes, self._rules, self._links, self._libvirt, self._legacy)
        return tuple(source.fileno() for source in sources if source is not None)

    def lost(self) -> int:
        """How often the kernel told that it could not keep what it had to say."""
        gaps = self._processes.lineage.gaps if self._processes else 0
        return gaps + sum(source.lost for source in (self._rules, self._links) if source is not None)

    def hear(self, at: float) -> tuple[Stir, ...]:
        """What stirred since the last time, but for what this keeper did itself."""
        return tuple(self._heard(at))

    def _heard(self, at: float) -> Iterator[Stir]:
        # What was done first, then who was born: whoever made a change was born before it.
        made = self._rules.drain() if self._rules else ()
        closed = self._legacy.drain() if self._legacy else ()
        told_of = self._processes.drain() if self._processes else ()
        for generation in made:
            what = f"firewall rules, generation {generation.number}"
            yield from self._by_somebody(Stir(at=at, source="rules", what=what), generation.pid, generation.name)
        for change in closed:
            if change.pid is not None:
                yield from self._by_somebody(Stir(at=at, source=change.source, what=change.what), change.pid, "")
        for what in told_of:
            yield Stir(at=at, source="processes", what=what)
        yield from self._quiet_sources(at)

    def _quiet_sources(self, at: float) -> Iterator[Stir]:
        """Those that do not tell who."""
        for link in self._links.drain() if self._links else ():
            yield Stir(at=at, source=link.source, what=f"{link.what}: {link.device}".rstrip(": "))
        for file in self._libvirt.drain() if self._libvirt else ():
            yield Stir(at=at, source=file.source, what=file.what)
        if at - self._looked >= _LOOKS_SECONDS:
            before, self._bridge_nf, self._looked = self._bridge_nf, _bridge_nf(), at
            if before != self._bridge_nf:
                yield Stir(at=at, source="sysctls", what="bridge-nf-call changed")

    def _by_somebody(self, stir: Stir, pid: int, name: str) -> Iterator[Stir]:
        """With who it was; nothing where it was this keeper or what it started."""
        chain = self._processes.lineage.chain(pid) if self._processes else ()
        if all(lived.pid != self._own for lived in chain):
            yield msgspec.structs.replace(stir, who=who(pid, name, chain))

    def _opened(self, source: str, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except OSError as error:
            self.deaf.append(Deaf(source, str(error.strerror or error)))
            return None


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
