"""The probe's port in an event loop: frames in and out, its STP state as it changes, and its end.

Times are seconds since the port came up. A frame is handed to whoever listens, one after the other, as it is read; what
is for another station, and came only because the bridge floods it, is not looked at and not recorded.
"""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Literal

from pxedoctor.model.observation import SeenState
from pxedoctor.probe import carrying
from pxedoctor.probe.asking import Frame, ProbeError, Record
from pxedoctor.probe.carrying import Carried
from pxedoctor.probe.plug import Plugged
from pxedoctor.probe.tap import Received
from pxedoctor.wire.reassembly import Reassembly

Listener = Callable[[Received], None]
PortState = Literal["disabled", "listening", "learning", "forwarding", "blocking", "unknown"]
FORWARDING: PortState = "forwarding"

# br_private.h, BR_STATE_*.
_STATES: tuple[PortState, ...] = ("disabled", "listening", "learning", FORWARDING, "blocking")
_POLL_SECONDS, _CALM_SECONDS = 0.02, 0.25
# In one turn of the loop: a flood must not starve the timers.
_MOST_FRAMES = 64
_MOST_STATES = 64
_GROUP_BIT = 0x01


class Port:
    """A plugged-in tap. `hears`: MACs, as bytes, whose frames it takes in besides broadcast and multicast."""

    def __init__(self, plugged: Plugged, record: Record | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._plugged = plugged
        self._record = record
        self._listeners: list[Listener] = []
        self._understood: dict[int | None, Carried | None] = {}
        self._reassembly = Reassembly()
        self._whole: bytes | None = None
        self.name = plugged.tap.name
        self.ground = plugged.ground
        self.hears: set[bytes] = set()
        self.began = self._loop.time()
        self.states: list[SeenState] = []
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self.forwards = asyncio.Event()
        self.state()
        self._loop.add_reader(plugged.tap.descriptor, self._readable)
        self._watching = self._loop.create_task(self._watch())

    @property
    def now(self) -> float:
        return self._loop.time() - self.began

    def clock(self, at: float) -> float:
        """A time of this port as one of the event loop's."""
        return self.began + at

    def state(self) -> PortState:
        """The port's state at this moment, in the kernel's words; "unknown" once it is no port any more."""
        try:
            number = int(os.pread(self._plugged.state, 8, 0))
        except (OSError, ValueError):
            self._lost()
            return "unknown"
        state = _STATES[number] if number < len(_STATES) else "unknown"
        if (not self.states or self.states[-1].state != state) and len(self.states) < _MOST_STATES:
            self.states.append(SeenState(at=round(self.now, 3), state=state))
        if state == FORWARDING:
            self.forwards.set()
        else:
            self.forwards.clear()
        return state

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls it with every frame from now on, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def understand(self, received: Received, tag: int | None) -> Carried | None:
        """What stations of VLAN `tag` hear in the frame that is being handed out; found once for all of them."""
        if tag not in self._understood:
            self._understood[tag] = carrying.read(self._whole, received.marked, tag) if self._whole else None
        return self._understood[tag]

    def send(self, frame: bytes, comment: str = "") -> None:
        """Hands a whole Ethernet frame to the bridge. A port that is gone is told by `gone`, not here."""
        try:
            self._plugged.tap.write(frame)
        except BlockingIOError:
            # The queue of a port that the kernel does not drain: the frame is lost, as a guest's would be.
            return
        except OSError:
            self._lost()
            return
        self._keep("out", frame, False, comment)

    def close(self) -> None:
        self._watching.cancel()
        self._loop.remove_reader(self._plugged.tap.descriptor)
        self._plugged.close()
        # Nobody may be waiting for it any more; an exception that nobody fetches would be told as one.
        if self.gone.done():
            self.gone.exception()
        else:
            self.gone.cancel()

    def _readable(self) -> None:
        for _ in range(_MOST_FRAMES):
            try:
                received = self._plugged.tap.read()
            except OSError:
                self._lost()
                return
            if received is None:
                return
            target = received.content[:6]
            if len(target) == 6 and (target[0] & _GROUP_BIT or target in self.hears):
                self._keep("in", received.content, received.marked, "")
                self._understood.clear()
                self._whole = self._reassembly.whole(received.content, self.now)
                self._hand_out(received)

    def fail(self, error: Exception) -> None:
        """A fault of the probe itself, in a callback where nobody would hear of it: it ends what waits at this port."""
        if not self.gone.done():
            self.gone.set_exception(error)

    def _hand_out(self, received: Received) -> None:
        try:
            for listener in tuple(self._listeners):
                listener(received)
        except Exception as error:
            self.fail(error)

    def _keep(self, direction: Literal["in", "out"], content: bytes, marked: bool, comment: str) -> None:
        if self._record is None:
            return
        frame = Frame(
            when=time.time(),
            direction=direction,
            content=content,
            marked=marked,
            comment=comment,
            port=self.name,
            bridge=self.ground.bridge,
        )
        self._record(frame)

    async def _watch(self) -> None:
        while not self.gone.done():
            await asyncio.sleep(_CALM_SECONDS if self.state() == FORWARDING else _POLL_SECONDS)

    def _lost(self) -> None:
        if self.gone.done():
            return
        self._loop.remove_reader(self._plugged.tap.descriptor)
        bridge = self.ground.bridge
        self.gone.set_exception(
            ProbeError(
                f"the probe's port was taken away while it probed: {bridge}, or its tap, was removed",
                f"see whether {bridge} is there: ip link show {bridge}; somebody may have restarted its network",
            )
        )
