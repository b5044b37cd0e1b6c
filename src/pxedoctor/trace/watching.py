"""Watches one bridge: opens the witnesses that can be had, reads them as they speak, and takes everything away again.

A witness that cannot be had says why and stops no other. One loop reads them all: what the kernel tells wakes it.
"""

import select
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from pxedoctor.model.traced import (
    HeardFrame,
    HeardRule,
    PortMoment,
    Traced,
    Witness,
    WitnessName,
    WitnessStatus,
)
from pxedoctor.trace.began import Began, began
from pxedoctor.trace.frames import Frames
from pxedoctor.trace.http_ports import HttpPorts
from pxedoctor.trace.kept_events import KeptEvents
from pxedoctor.trace.kernel import Kernel
from pxedoctor.trace.link_words import LinkWords
from pxedoctor.trace.port_states import PortStates, is_bridge, is_tap, ports_of
from pxedoctor.trace.rested_words import rested_words
from pxedoctor.trace.resting import Restful, Resting
from pxedoctor.trace.rules import Rules
from pxedoctor.trace.wish import AbsentError, Tell, TraceError, Wish
from pxedoctor.wire.capture_filter import boot_packets
from pxedoctor.wire.mac import write_mac

T = TypeVar("T")

_TURN_SECONDS = 0.05
# Between two turns: what many packets wake fifty times a second costs little, and no line comes later for it.
_REST_SECONDS = 0.02
_TELLING_SHARE = 3
_MOST_PORTS = 60
# So long after the last packet the server's line or a late event may still come.
_SETTLE_SECONDS = 0.2


class _Counted(Protocol):
    kept: int
    missed: int

    def lost(self) -> int: ...


class Watching:
    """Open it in a `with` block: inside, all witnesses look; afterwards nothing of them is left.

    Raises TraceError where there is no such bridge, or no witness at all can be had.
    """

    def __init__(self, wish: Wish) -> None:
        if not is_bridge(wish.bridge):
            raise TraceError(f"{wish.bridge} is no Linux bridge of this host", "bridges: ip link show type bridge")
        self._wish = wish
        self.began: Began = began()
        self._stop = threading.Event()
        self._refused: dict[WitnessName, Witness] = {}
        self._frames: Frames | None = None
        self._rules: Rules | None = None
        self._kernel: Kernel | None = None
        self._links: LinkWords | None = None
        self._states = PortStates(self.began)
        self._ports: tuple[str, ...] = ()
        self._own = wish.tap
        self._resting = Resting(())
        self._http = HttpPorts(wish.http)
        self._gone = ""
        self._heard_frames: list[HeardFrame] = []
        self._events = KeptEvents()
        self._heard_rules: list[HeardRule] = []
        self._moments: list[PortMoment] = []

    def __enter__(self) -> "Watching":
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def stop(self) -> None:
        """From any thread: `run` ends with its next turn."""
        self._stop.set()

    def run(self, tell: Tell | None) -> Traced:
        """Until its seconds are over, `stop` is called, or the bridge is gone.

        Listening goes before telling: what it takes to tell is waited for a few times as long before it is told again.
        """
        untold, not_before = False, 0.0
        while not self._stop.is_set() and self.began.now() < self._wish.seconds:
            untold = self._turn() or untold
            if tell is not None and untold and self.began.now() >= not_before:
                started = self.began.now()
                tell(self.traced())
                ended = self.began.now()
                untold, not_before = False, ended + _TELLING_SHARE * (ended - started)
            if not is_bridge(self._wish.bridge):
                self._gone = f"{self._wish.bridge} went while it was watched"
                break
        self._listen(_SETTLE_SECONDS)
        if self._rules is not None:
            self._rules.settle()
        return self.traced()

    def traced(self) -> Traced:
        wish = self._wish
        return Traced(
            target=wish.target,
            bridge=wish.bridge,
            mac=wish.mac,
            tap=wish.tap,
            seconds=round(self.began.now(), 3),
            ports=self._ports,
            outward=self._outward(),
            witnesses=self._witnesses(),
            frames=tuple(self._heard_frames),
            events=tuple(self._events.events),
            rules=self._rules.worded(self._heard_rules) if self._rules is not None else (),
            states=tuple(self._moments),
            blind=self._rules.blinded() if self._rules is not None else (),
            http=self._http.named,
        )

    def _open(self) -> None:
        self._links = _link_words()
        self._ports = ports_of(self._wish.bridge)
        self._moments += self._states.look(self._watched_ports())
        wish, devices, now, http = self._wish, self._devices(), self.began, self._http.all
        self._kernel = self._opened(WitnessName.KERNEL, lambda: Kernel(devices, wish.tap, now, wish.lengths))
        self._rules = self._opened(WitnessName.RULES, lambda: Rules(wish.mac, wish.bridge, now, http))
        # Last: whoever waits for a trace to look sees its packet sockets.
        program = boot_packets(wish.mac, http)
        self._frames = self._opened(WitnessName.FRAMES, lambda: Frames(wish.bridge, program, now, wish.tap))
        by_answers = self._frames is not None and wish.length is None
        self._resting = Resting(self._restful(), wish.mac, by_answers)
        self._know_own(self._own)
        if self._frames is None and self._kernel is None and self._rules is None:
            reasons = [entry for entry in self._refused.values() if entry.why]
            reasons.sort(key=lambda entry: entry.status != "forbidden")
            why = "; ".join(entry.why for entry in reasons) or "every witness was left out"
            raise TraceError(f"nobody can watch {self._wish.bridge}: {why}", reasons[0].would_help if reasons else "")

    def _opened(self, name: WitnessName, make: Callable[[], T]) -> T | None:
        left_out = next((entry for entry in self._wish.without if entry.name is name), None)
        if left_out is not None:
            self._refused[name] = left_out
            return None
        try:
            return make()
        except AbsentError as refused:
            status: WitnessStatus = "forbidden" if refused.forbidden else "absent"
            self._refused[name] = Witness(name=name, status=status, why=refused.why, would_help=refused.would_help)
            return None

    def _close(self) -> None:
        for witness in (self._rules, self._kernel, self._frames, self._links):
            if witness is not None:
                witness.close()
        self._rules = self._kernel = self._frames = self._links = None

    def _devices(self) -> tuple[str, ...]:
        """The bridge, and its ports: of very many only the guest's and those that are no tap's."""
        return (self._wish.bridge, *self._watched_ports())

    def _outward(self) -> tuple[str, ...]:
        return tuple(port for port in self._ports if port != self._wish.tap and not is_tap(port))

    def _watched_ports(self) -> tuple[str, ...]:
        own = self._wish.tap
        first = [port for port in self._ports if port == own]
        return (*first, *(port for port in self._ports if port != own))[:_MOST_PORTS]

    def _turn(self) -> bool:
        """One wait and one reading; True where something was heard."""
        began = self.began.now()
        heard = self._listen(_TURN_SECONDS)
        came = self._follow_ports()
        moments = self._states.look(self._watched_ports())
        self._moments += moments
        if any(moment.state != "gone" and self._known_own() in {None, moment.device} for moment in moments):
            self._resting.expect(self.began.now())
        self._stop.wait(max(0.0, _REST_SECONDS - (self.began.now() - began)))
        return heard or came or bool(moments)

    def _listen(self, seconds: float) -> bool:
        poll = select.poll()
        for handle in self._handles():
            poll.register(handle, select.POLLIN)
        poll.poll(int(seconds * 1000))
        links = self._links.read() if self._links is not None else None
        if self._frames is not None and links:
            self._frames.meet(links)
        frames = self._frames.drain() if self._frames is not None else []
        events = self._kernel.drain() if self._kernel is not None else []
        rules = self._rules.drain() if self._rules is not None else []
        self._heard_frames += frames
        self._heard_rules += rules
        self._learn_own(frames)
        if self._wish.mac is not None and self._http.learn(frames):
            self._follow_http()
        if self._kernel is not None:
            self._kernel.learn({frame.length for frame in frames})
        moments = [frame.at for frame in self._heard_frames] if self._frames is not None else None
        self._events.add(events, moments, self.began.now())
        if links is not None:
            self._follow_ports()
        self._resting.hear(frames, bool(rules), self._known_own(), self.began.now())
        return bool(frames or events or rules)

    def _restful(self) -> list[Restful]:
        """Whom frames can wake, who still look at the guest's port; without them rules wake the kernel's."""
        who: tuple[Restful | None, ...] = (self._frames, self._rules, self._kernel)
        if self._frames is None:
            who = (self._kernel,) if self._rules is not None else ()
        return [witness for witness in who if witness is not None]

    def _learn_own(self, frames: Sequence[HeardFrame]) -> None:
        """Of a guest whose port nobody named: by which its first frame came."""
        if self._own is None and self._wish.mac is not None:
            mac, bridge = write_mac(self._wish.mac), self._wish.bridge
            came = (seen.device for seen in frames if seen.direction == "in" and seen.content[6:12] == mac)
            self._know_own(next((device for device in came if device != bridge), None))

    def _known_own(self) -> str | None:
        return self._own if self._own in self._ports else None

    def _follow_http(self) -> None:
        if self._frames is not None:
            self._frames.filter_by(boot_packets(self._wish.mac, self._http.all))
        if self._rules is not None:
            self._rules.fetched_by(self._http.all)

    def _know_own(self, port: str | None) -> None:
        """None, and a port that has gone: what leaves by any port may be for the guest."""
        self._own = port
        if self._frames is not None:
            outward = () if port not in self._ports else (self._wish.bridge, port, *self._outward())
            self._frames.look_at_leaving(outward)
        if self._rules is not None:
            self._rules.mark_at(port if port in self._ports else None)

    def _handles(self) -> list[int]:
        sources = (self._frames, self._kernel, self._rules, self._links)
        return [source.fileno() for source in sources if source is not None]

    def _follow_ports(self) -> bool:
        """A guest that starts while we watch gets a new port."""
        ports = ports_of(self._wish.bridge)
        if ports == self._ports:
            return False
        before, came = self._known_own(), set(ports) - set(self._ports)
        self._ports = ports
        self._know_own(self._known_own())
        if self._kernel is not None:
            self._kernel.watch(self._devices(), self._wish.tap)
        if came and before is None:
            self._resting.expect(self.began.now())
        return True

    def _witnesses(self) -> tuple[Witness, ...]:
        looking: tuple[tuple[WitnessName, _Counted | None], ...] = (
            (WitnessName.FRAMES, self._frames),
            (WitnessName.RULES, self._rules),
            (WitnessName.KERNEL, self._kernel),
        )
        return tuple(self._said(name, who) if who is not None else self._refused[name] for name, who in looking)

    def _said(self, name: WitnessName, who: _Counted) -> Witness:
        of_kernel = name is WitnessName.KERNEL
        lost = who.lost() + (self._events.lost if of_kernel else 0)
        partly = self._kernel.partly if of_kernel and self._kernel is not None else ""
        lost_some = f"{lost} could not be kept" if lost else ""
        rested = rested_words(name, who.missed, self._resting.unwatched)
        told = "; ".join(filter(None, (self._gone, lost_some, partly, rested)))
        partial = told != rested or who.missed > 0
        return Witness(name=name, status="partial" if partial else "ok", why=told, heard=who.kept, lost=lost)


def _link_words() -> LinkWords | None:
    """Without them the next turn sees a port that came, if it is still there."""
    try:
        return LinkWords()
    except OSError:
        return None
