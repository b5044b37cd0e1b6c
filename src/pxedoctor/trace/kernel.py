"""The witness of the kernel: an instance of tracefs of our own, with filters, so that nobody else's tracing is touched.

1. The instance is held by a lock on its folder. Whoever ends by kill -9 leaves a folder without a lock: the next trace
   removes it. Until then it costs nothing: `disable_on_free` stops it when its `free_buffer` file is closed.
2. tracefs knows no network namespaces: events are of the whole machine. Filters of the kernel leave only our devices,
   and of what is given up only IPv4, IPv6, ARP and 802.2.
3. The buffers have a fixed size; what they had no room for the kernel counts, and so is it told.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pxedoctor.model.traced import HeardEvent
from pxedoctor.trace import event_line
from pxedoctor.trace.began import Began
from pxedoctor.trace.wish import AbsentError

_PLACES = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
_PREFIX = "pxedoctor-"
_BUFFER_KB = "512"
_PIECE = 64 * 1024
_MOST = 20000
_MOST_AT_ONCE = 16
_DEVICE_EVENTS = ("net/netif_receive_skb", "net/net_dev_queue", "net/net_dev_start_xmit")
_FREE_EVENT = "skb/kfree_skb"
# As the event has them: IPv4, IPv6, ARP, 802.2 (linux/if_ether.h).
_PROTOCOLS = (0x0800, 0x86DD, 0x0806, 0x0004)


class Kernel:
    """Raises AbsentError where there is no tracefs, or it is not ours to use."""

    def __init__(self, devices: Sequence[str], began: Began, length: int | None = None) -> None:
        self._began = began
        self._rest = ""
        self._handles = contextlib.ExitStack()
        self.kept = 0
        self._lost = 0
        root = _found()
        try:
            _sweep(root)
            self._folder = self._made(root)
            self.with_reasons = self._set(devices, length)
        except OSError as error:
            self.close()
            raise AbsentError(
                f"an instance of {root} cannot be made: {error.strerror}", "run it as root", True
            ) from error

    def fileno(self) -> int:
        return self._pipe

    def drain(self) -> list[HeardEvent]:
        heard: list[HeardEvent] = []
        for line in self._lines():
            event = event_line.parse(line, self._began.of_mono)
            if event is None:
                self._lost += event_line.lost(line)
            elif self.kept < _MOST:
                self.kept += 1
                heard.append(event)
            else:
                self._lost += 1
        return heard

    def lost(self) -> int:
        return self._lost + sum(_overrun(path) for path in self._folder.glob("per_cpu/cpu*/stats"))

    def close(self) -> None:
        """Everything of it is gone afterwards."""
        folder = getattr(self, "_folder", None)
        self._handles.close()
        if folder is not None:
            with contextlib.suppress(OSError):
                os.rmdir(folder)

    def _made(self, root: str) -> Path:
        folder = Path(root, "instances", f"{_PREFIX}{os.getpid()}-{os.urandom(4).hex()}")
        os.mkdir(folder)
        self._folder = folder
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._handles.callback(os.close, held)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return folder

    def _set(self, devices: Sequence[str], length: int | None) -> bool:
        folder = self._folder
        _write(folder / "buffer_size_kb", _BUFFER_KB)
        _write(folder / "trace_clock", "mono")
        # Of older kernels none has all of these: a hashed address is as good a name of a buffer.
        for option, value in (("hash-ptr", "0"), ("disable_on_free", "1"), ("sym-offset", "0")):
            with contextlib.suppress(OSError):
                _write(folder / "options" / option, value)
        with contextlib.suppress(OSError):
            _write(folder / "buffer_percent", "0")
        freeing = os.open(folder / "free_buffer", os.O_WRONLY | os.O_CLOEXEC)
        self._handles.callback(os.close, freeing)
        self._pipe = os.open(folder / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._handles.callback(os.close, self._pipe)
        for event in _DEVICE_EVENTS:
            self._enable(event, device_filter(devices, length))
        self._enable(_FREE_EVENT, " || ".join(f"protocol == {number}" for number in _PROTOCOLS))
        return "reason" in (folder / "events" / _FREE_EVENT / "format").read_text(encoding="ascii", errors="replace")

    def watch(self, devices: Sequence[str], length: int | None = None) -> None:
        """Other devices from now on: a guest has come."""
        for event in _DEVICE_EVENTS:
            with contextlib.suppress(OSError):
                _write(self._folder / "events" / event / "filter", device_filter(devices, length))

    def _enable(self, event: str, condition: str) -> None:
        folder = self._folder / "events" / event
        _write(folder / "filter", condition)
        _write(folder / "enable", "1")

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


def device_filter(devices: Sequence[str], length: int | None) -> str:
    """A filter of the kernel's (Documentation/trace/events.rst); a name that it could not hold leaves all devices."""
    if not devices or any(set(name) & set('"\\') for name in devices):
        return "0" if not length else f"len == {length}"
    names = " || ".join(f'name == "{name}"' for name in devices)
    return f"({names}) && ({' || '.join(f'len == {n}' for n in (length, length - 14))})" if length else names


def _found() -> str:
    for place in _PLACES:
        if os.path.isdir(f"{place}/instances"):
            if not os.access(f"{place}/instances", os.W_OK):
                raise AbsentError(f"{place} may not be written by this user", "run it as root", True)
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
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    finally:
        os.close(held)
    os.rmdir(folder)


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)


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
