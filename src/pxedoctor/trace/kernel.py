"""The witness of the kernel: an instance of tracefs of our own, with filters, so that nobody else's tracing is touched.

1. The instance is held by a lock on its folder. Whoever ends by kill -9 leaves a folder without a lock: the next trace
   removes it. Until then it records nothing: `disable_on_free` stops it when its `free_buffer` file is closed.
2. tracefs knows no network namespaces: events are of the whole machine. Filters of the kernel leave only our devices,
   and of what is given up only IPv4, IPv6, ARP and 802.2.
3. Where others' traffic makes more events than a boot ever does, the filters become narrower (`event_filter`): then a
   packet whose length nobody has seen before is told by its retransmission. Drops are then told around the guest's own
   packets alone (`drops_on_call`), and of those that are told the ones go on that can be joined.
4. An event costs each packet of everybody's, wanted or not: it is compared after it was written down. So all of them
   are off while nobody is heard of who could be meant, and on again with the next word (`rest`, `wake`).
5. The buffers have a fixed size; what they had no room for the kernel counts, and so is it told.
"""

import contextlib
import errno
import fcntl
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from pxedoctor.model.traced import HeardEvent
from pxedoctor.trace import event_line
from pxedoctor.trace.began import Began
from pxedoctor.trace.denied import would_help
from pxedoctor.trace.drop_format import NEITHER, NO_PLACE, lacking
from pxedoctor.trace.drops_on_call import DropsOnCall
from pxedoctor.trace.event_filter import Width, device_filter, drop_filter
from pxedoctor.trace.kernel_symbols import KernelSymbols, of_this_kernel
from pxedoctor.trace.near_drops import NearDrops
from pxedoctor.trace.tracefs_file import write
from pxedoctor.trace.wish import AbsentError

_PLACES = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
_PREFIX = "pxedoctor-"
_BUFFER_KB = "1024"
_PIECE = 64 * 1024
_MOST_AT_ONCE = 16
_TRIES = 5
_DEVICE_EVENTS = ("net/netif_receive_skb", "net/net_dev_queue", "net/net_dev_start_xmit")
_FREE_EVENT = "skb/kfree_skb"
# What is sent is queued just before: one look at each packet less.
_CALLING_EVENTS = ("net/netif_receive_skb", "net/net_dev_queue")
# More than twenty guests that boot at once make; and for how long it must be so.
_MANY_A_SECOND = 1500
_WINDOW_SECONDS = 0.25
# A boot has some ten.
_MOST_LENGTHS = 24
_NARROW = "others' traffic is heavy: only what is as long as the guest's frames was followed"


class Kernel:
    """`own`: the guest's port, where it is known. `lengths`: of frames that a probe pads to a length of their own.

    Raises AbsentError where there is no tracefs, or it is not ours to use.
    """

    def __init__(self, devices: Sequence[str], own: str | None, began: Began, lengths: Collection[int] = ()) -> None:
        self._began = began
        self._devices, self._own, self._lengths = tuple(devices), own, tuple(lengths)
        self._rest = ""
        self._window = (0.0, 0)
        self._narrowed = 0.0
        self._near = NearDrops()
        self.width = Width.ALL
        self.was_narrow = False
        self._resting = False
        # How often something was heard while it rested, so that nothing was told of that.
        self.missed = 0
        self._handles = contextlib.ExitStack()
        self.kept = 0
        self._lost = 0
        self._symbols = KernelSymbols("")
        root = _found()
        try:
            _sweep(root)
            self._folder = self._made(root)
            self._drops = DropsOnCall(self._folder, _FREE_EVENT, _CALLING_EVENTS)
            # What it never tells, in words.
            self.lacks = self._set()
        except OSError as error:
            self.close()
            raise AbsentError(f"an instance of {root} cannot be made: {error.strerror}", would_help(), True) from error

    def fileno(self) -> int:
        return self._pipe

    def drain(self) -> list[HeardEvent]:
        heard: list[HeardEvent] = []
        lines = list(self._lines())
        for line in lines:
            if self.width is not Width.ALL and self._is_anothers_drop(line):
                continue
            event = event_line.parse(line, self._began.of_mono)
            if event is None:
                self._lost += event_line.lost(line)
                continue
            if event.event == "free":
                event = msgspec.structs.replace(event, location=self._symbols.named(event.location))
            else:
                self._near.saw(event)
                self._drops.called(self._began.now())
            heard.append(event)
        self.kept += len(heard)
        self._narrow_where_there_are_many(len(lines) if self.width is Width.ALL else self._since_narrow(heard))
        if not self._resting:
            self._drops.rest(self._began.now())
        return heard

    def lost(self) -> int:
        return self._lost + sum(_overrun(path) for path in self._folder.glob("per_cpu/cpu*/stats"))

    @property
    def partly(self) -> str:
        """What this kernel never tells, and what was left out meanwhile; "" for nothing."""
        return "; ".join(filter(None, (self.lacks, _NARROW if self.was_narrow else "")))

    def close(self) -> None:
        """Everything of it is gone afterwards."""
        folder = getattr(self, "_folder", None)
        self._handles.close()
        if folder is not None:
            with contextlib.suppress(OSError):
                os.rmdir(folder)

    def _made(self, root: str) -> Path:
        """Another trace that begins in this moment may take what is not locked yet for left behind, and remove it."""
        for _ in range(_TRIES):
            folder = Path(root, "instances", f"{_PREFIX}{os.getpid()}-{os.urandom(4).hex()}")
            os.mkdir(folder)
            with contextlib.suppress(FileNotFoundError, BlockingIOError):
                held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                self._handles.callback(os.close, held)
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if folder.exists():
                    return folder
        raise FileNotFoundError(errno.ENOENT, "others remove it each time")

    def _set(self) -> str:
        folder = self._folder
        write(folder / "buffer_size_kb", _BUFFER_KB)
        write(folder / "trace_clock", "mono")
        # Of older kernels none has all of these. Addresses stay hashed, as good a name of a buffer as any: where
        # hash-ptr is off, Linux 6.1 prints neither a device nor a reason.
        for option, value in (("disable_on_free", "1"), ("sym-offset", "0")):
            with contextlib.suppress(OSError):
                write(folder / "options" / option, value)
        with contextlib.suppress(OSError):
            write(folder / "buffer_percent", "0")
        freeing = os.open(folder / "free_buffer", os.O_WRONLY | os.O_CLOEXEC)
        self._handles.callback(os.close, freeing)
        self._pipe = os.open(folder / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._handles.callback(os.close, self._pipe)
        for event in _DEVICE_EVENTS:
            self._enable(event, self._filter())
        self._enable(_FREE_EVENT, drop_filter())
        text = (folder / "events" / _FREE_EVENT / "format").read_text(encoding="ascii", errors="replace")
        # Since Linux 5.12 there is the option, and without it an address comes out as it is.
        if lacking(text) in {NEITHER, NO_PLACE} and not (folder / "options" / "hash-ptr").exists():
            self._symbols = of_this_kernel()
        return lacking(text, named=bool(self._symbols))

    def watch(self, devices: Sequence[str], own: str | None) -> None:
        """Other devices from now on: a guest has come."""
        self._devices, self._own = tuple(devices), own
        self._filter_anew()

    def learn(self, lengths: Collection[int]) -> None:
        """How long the guest's frames are that were seen, with Ethernet's header."""
        if not set(lengths) <= set(self._lengths):
            self._lengths = tuple(dict.fromkeys((*self._lengths, *lengths)))[-_MOST_LENGTHS:]
            if self.width is not Width.ALL:
                self._filter_anew()

    def rest(self) -> None:
        """Nothing is told until `wake`; a packet costs nobody anything meanwhile."""
        if not self._resting:
            self._resting = True
            self._drops.disarm()
            for event in (*_DEVICE_EVENTS, _FREE_EVENT):
                self._switch(event, on=False)

    def wake(self) -> None:
        """Somebody is heard of. With all there is to tell again, until that is too much."""
        if self._resting:
            self._resting = False
            self.missed += 1
            self.width = Width.ALL
            for event in _DEVICE_EVENTS:
                self._filter_anew_of(event)
            for event in (*_DEVICE_EVENTS, _FREE_EVENT):
                self._switch(event, on=True)

    def _switch(self, event: str, on: bool) -> None:
        with contextlib.suppress(OSError):
            write(self._folder / "events" / event / "enable", str(int(on)))

    def _is_anothers_drop(self, line: str) -> bool:
        drop = event_line.drop_in(line)
        return drop is not None and not self._near.can_tell(drop[0], drop[1], self._began.of_mono(drop[2]))

    def _since_narrow(self, heard: Sequence[HeardEvent]) -> int:
        """What the filter of now lets through; what waited in the buffers before it was set, it did not."""
        return sum(event.event != "free" and event.at > self._narrowed for event in heard)

    def _narrow_where_there_are_many(self, heard: int) -> None:
        """As soon as there are more than a window may have: what is told beyond that is for nothing."""
        began, before = self._window
        now = self._began.now()
        many = (before + heard) / max(now - began, _WINDOW_SECONDS) > _MANY_A_SECOND
        self._window = (began, before + heard) if now - began < _WINDOW_SECONDS and not many else (now, 0)
        if many and self.width < max(Width):
            self.width, self.was_narrow = Width(self.width + 1), True
            self._filter_anew()
            self._narrowed = self._began.now()

    def _filter(self) -> str:
        return device_filter(self._devices, self._own, self.width, self._lengths)

    def _filter_anew(self) -> None:
        for event in _DEVICE_EVENTS:
            self._filter_anew_of(event)
        if self.width is not Width.ALL and not self._resting:
            # Without triggers all drops are told, which is dearer and no less true.
            with contextlib.suppress(OSError):
                self._drops.arm(self._filter(), self._began.now())

    def _filter_anew_of(self, event: str) -> None:
        with contextlib.suppress(OSError):
            write(self._folder / "events" / event / "filter", self._filter())

    def _enable(self, event: str, condition: str) -> None:
        folder = self._folder / "events" / event
        write(folder / "filter", condition)
        write(folder / "enable", "1")

    def _lines(self) -> Iterator[str]:
        for _ in range(_MOST_AT_ONCE):
            try:
                piece = os.read(self._pipe, _PIECE)
            except (BlockingIOError, InterruptedError):
                return
            if not piece:
                return
            *whole, self._rest = (self._rest + piece.decode("utf-8", errors="backslashreplace")).split("\n")
            yield from whole


def _found() -> str:
    for place in _PLACES:
        if os.path.isdir(f"{place}/instances"):
            if not os.access(f"{place}/instances", os.W_OK):
                raise AbsentError(f"{place} may not be written by this process", would_help(), True)
            return place
    raise AbsentError(
        "there is no tracefs here (a container, or a kernel that was built without it)",
        "on the host itself: mount -t tracefs tracefs /sys/kernel/tracing",
    )


def _sweep(root: str) -> None:
    """Removes what a killed trace left: its folder, which nobody holds any more."""
    for name in os.listdir(f"{root}/instances"):
        if name.startswith(_PREFIX):
            with contextlib.suppress(OSError):
                _remove_if_free(Path(root, "instances", name))


def _remove_if_free(folder: Path) -> None:
    """Removed while it is held: whoever has just made it holds it only afterwards, and sees that it is gone."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.rmdir(folder)
    except BlockingIOError:
        return
    finally:
        os.close(held)


def _overrun(path: Path) -> int:
    """per_cpu/cpuN/stats: how many events were overwritten before they were read."""
    try:
        for line in path.read_text(encoding="ascii").splitlines():
            name, _, value = line.partition(": ")
            if name == "overrun":
                return int(value)
    except (OSError, ValueError):
        return 0
    return 0
