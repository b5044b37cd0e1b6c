"""A boot file fetched by HTTP in a guest's place: over the probe's own port, by a TCP that is not this host's.

HTTP needs TCP, and the kernel has a good one. `fetch` starts a child (http_child.py) in a network namespace of its own
whose only device is a second tap with the probe's MAC and the leased address; its frames are carried between that tap
and the probe's port on the bridge. So the server sees the guest's road: its ARP, its route, its DNS server, and nothing
of this host's. The namespace and the tap live as long as the child and this process, whatever ends them.
"""

import asyncio
import contextlib
import os
import socket
import struct
import sys
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import msgspec

from pxedoctor.dialogue.profile import HttpHabits
from pxedoctor.model.observation import SeenFetch
from pxedoctor.probe.asking import ProbeError

# Between the child's last moment to answer and its end from outside.
_GRACE_SECONDS = 3.0
# Until it has its namespace; starting Python on a busy machine is the most of it.
_READY_SECONDS = 20.0
_LARGEST_FRAME = 65536
# linux/virtio_net.h: struct virtio_net_hdr, and its flag of a sum that is still to be filled.
_VNET_HEADER = struct.Struct("=BBHHHH")
_NEEDS_CSUM = 1
_IPV4, _IPV6 = 0x0800, 0x86DD
_ETHERNET_SIZE, _IPV6_SIZE = 14, 40
# Protocol number and where its sum stands: TCP and UDP.
_SUM_AT = {6: 16, 17: 6}

# A whole frame from the bridge, untagged, and whether the kernel marked its sum as still to be filled.
Hear = Callable[[bytes, bool], None]


class Carry(Protocol):
    """The probe's port on the bridge, for as long as a fetch lasts. Frames are whole Ethernet frames without a tag."""

    def send(self, frame: bytes) -> None:
        """Puts a frame, whose source is the probe's MAC, onto the bridge."""

    def listen(self, hear: Hear | None) -> None:
        """From now on hands each frame that comes in to `hear` too; None: no more."""


class HttpFetch(msgspec.Struct, frozen=True, kw_only=True):
    """One file to be fetched, and the place of the client in the network.

    `mac`: the probe's own. `address` with `prefix`, `gateway` (or ""), `dns`: as leased, IPv4 or IPv6. `limit` bytes of
    the body and `seconds` in all are the most that it may take.
    """

    url: str
    habits: HttpHabits
    mac: str
    address: str
    prefix: int
    gateway: str = ""
    dns: tuple[str, ...] = ()
    domain: str = ""
    mtu: int = 1500
    limit: int = 64 * 1024 * 1024
    seconds: float = 20.0


async def fetch(asked: HttpFetch, carry: Carry, at: float) -> SeenFetch:
    """What came of it; `at` is now, in seconds after the probe's port came up. ProbeError: it could not be tried."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours:
        with theirs:
            child = await _start(theirs)
        try:
            tap = await _tap(child, ours, asked)
            async with _carrying(tap, carry, asked.mac):
                said = await asyncio.wait_for(_said(child), asked.seconds + _GRACE_SECONDS)
            return msgspec.structs.replace(msgspec.json.decode(said, type=SeenFetch), at=at)
        except TimeoutError:
            why = f"nothing came of it within {asked.seconds + _GRACE_SECONDS:g} s"
            return SeenFetch(at=at, seconds=asked.seconds, url=asked.url, outcome="stopped", why=why)
        except msgspec.DecodeError:
            raise ProbeError(f"the fetch of {asked.url} ended in between", "say so in an issue, with --json") from None
        finally:
            await _end(child)


async def _start(theirs: socket.socket) -> asyncio.subprocess.Process:
    # -P: the current directory is anybody's, and no place to import from.
    words = ["-P", "-m", "pxedoctor.probe.http_child", str(theirs.fileno()), str(os.getpid())]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        pass_fds=(theirs.fileno(),),
    )


async def _tap(child: asyncio.subprocess.Process, ours: socket.socket, asked: HttpFetch) -> int:
    """The tap in the child's namespace, once it is up and has its address."""
    if child.stdin is None or child.stderr is None:
        raise ProbeError("the child that fetches has no pipes", "say so in an issue")
    child.stdin.write(msgspec.json.encode(asked))
    child.stdin.close()
    try:
        await asyncio.wait_for(_readable(ours), _READY_SECONDS)
    except TimeoutError:
        raise ProbeError("no network of its own for the fetch came up in time", "try again on a calmer host") from None
    _, taps, _, _ = socket.recv_fds(ours, 1, 1)
    if not taps:
        why = (await child.stderr.read()).decode(errors="backslashreplace").strip().splitlines()
        raise ProbeError(
            f"no network of its own for the fetch: {why[-1] if why else 'the child said nothing'}",
            "it takes root, /dev/net/tun and the program ip",
        )
    return taps[0]


async def _readable(ours: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(ours, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(ours)


@contextlib.asynccontextmanager
async def _carrying(tap: int, carry: Carry, mac: str) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    source = bytes.fromhex(mac.replace(":", ""))
    os.set_blocking(tap, False)

    def outwards() -> None:
        with contextlib.suppress(OSError):
            frame = os.read(tap, _LARGEST_FRAME)[_VNET_HEADER.size :]
            if frame[6:12] == source:
                carry.send(frame)

    def inwards(frame: bytes, marked: bool) -> None:
        # A frame that this tap does not take is lost, as on any wire.
        with contextlib.suppress(OSError):
            os.write(tap, header(frame, marked) + frame)

    loop.add_reader(tap, outwards)
    carry.listen(inwards)
    try:
        yield
    finally:
        carry.listen(None)
        loop.remove_reader(tap)
        os.close(tap)


def header(frame: bytes, marked: bool) -> bytes:
    """The header before a frame on a tap: where `marked`, it tells the kernel where the unfilled sum is."""
    if marked and len(frame) > _ETHERNET_SIZE + _IPV6_SIZE:
        kind = int.from_bytes(frame[12:14])
        size = (frame[_ETHERNET_SIZE] & 0x0F) * 4 if kind == _IPV4 else _IPV6_SIZE
        protocol = {_IPV4: frame[23], _IPV6: frame[20]}.get(kind, 0)
        if protocol in _SUM_AT:
            return _VNET_HEADER.pack(_NEEDS_CSUM, 0, 0, 0, _ETHERNET_SIZE + size, _SUM_AT[protocol])
    return bytes(_VNET_HEADER.size)


async def _said(child: asyncio.subprocess.Process) -> bytes:
    return b"" if child.stdout is None else await child.stdout.read()


async def _end(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.kill()
    await child.wait()
