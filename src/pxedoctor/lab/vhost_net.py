"""The other end of a tap as QEMU makes it with vhost-net: the kernel's own thread carries the frames.

What a guest's driver would do is done here: two split virtqueues (virtio 1.2, 2.7) in this process's memory, handed to
/dev/vhost-net (linux/vhost.h). The kernel reads frames off the tap and writes them, with their virtio_net_hdr, into the
receive queue, and QEMU, which would put an open sum right for an old client, never sees them.

No feature is negotiated, so a header has 10 bytes and each frame one buffer. What the guest's driver takes is said to
the tap (TUNSETOFFLOAD), as QEMU does.
"""

import contextlib
import ctypes
import fcntl
import mmap
import os
import select
import socket
import struct
import threading

_DEVICE = "/dev/vhost-net"
_SIZE = 64
_BUFFER = 2048
_WRITABLE = 2
_RECEIVE, _TRANSMIT = 0, 1


def _request(number: int, size: int) -> int:
    """_IOW(0xAF, number, size) of asm-generic/ioctl.h; size 0 is _IO."""
    direction = 1 if size else 0
    return direction << 30 | size << 16 | 0xAF << 8 | number


_SET_FEATURES = _request(0x00, 8)
_SET_OWNER = _request(0x01, 0)
_SET_MEM_TABLE = _request(0x03, 8)
_SET_VRING_NUM = _request(0x10, 8)
_SET_VRING_ADDR = _request(0x11, 40)
_SET_VRING_BASE = _request(0x12, 8)
_SET_VRING_KICK = _request(0x20, 8)
_SET_VRING_CALL = _request(0x21, 8)
_SET_BACKEND = _request(0x30, 8)

# A queue's parts from its start: descriptors, what is offered to the kernel, what it gave back, and the buffers.
_AVAIL = 16 * _SIZE
_USED = 2048
_BUFFERS = 4096
_QUEUE_BYTES = _BUFFERS + _SIZE * _BUFFER


class _Queue:
    """One split virtqueue at `start` of the shared memory; descriptor N is always buffer N."""

    def __init__(self, memory: mmap.mmap, start: int, flags: int) -> None:
        self.kick, self.call = os.eventfd(0), os.eventfd(0)
        self.start = start
        self._memory = memory
        self._seen = 0
        self._offered = 0
        for number in range(_SIZE):
            entry = struct.pack("<QIHH", self._buffer(number), _BUFFER, flags, 0)
            memory[start + 16 * number : start + 16 * (number + 1)] = entry

    def _buffer(self, number: int) -> int:
        return self.start + _BUFFERS + number * _BUFFER

    def offer(self, number: int) -> None:
        self._put(_AVAIL + 4 + 2 * (self._offered % _SIZE), "<H", number)
        self._offered += 1
        # The index last: what it counts must be there (virtio 1.2, 2.7.13).
        self._put(_AVAIL + 2, "<H", self._offered & 0xFFFF)

    def send(self, content: bytes) -> None:
        number = self._offered % _SIZE
        place = self._buffer(number)
        self._memory[place : place + len(content)] = content
        self._put(16 * number + 8, "<I", len(content))
        self.offer(number)
        os.eventfd_write(self.kick, 1)

    def received(self) -> list[bytes]:
        """What the kernel has filled since the last time; the buffers are offered anew."""
        filled = struct.unpack_from("<H", self._memory, self.start + _USED + 2)[0]
        contents: list[bytes] = []
        while self._seen & 0xFFFF != filled:
            number, length = struct.unpack_from("<II", self._memory, self.start + _USED + 4 + 8 * (self._seen % _SIZE))
            place = self._buffer(number)
            contents.append(self._memory[place : place + length])
            self._seen += 1
            self.offer(number)
        if contents:
            os.eventfd_write(self.kick, 1)
        return contents

    def _put(self, place: int, form: str, value: int) -> None:
        struct.pack_into(form, self._memory, self.start + place, value)


def attach(tap: int) -> int:
    """Gives the tap to vhost-net. A handle on which a read gives a header and a frame, and a write takes them.

    OSError where the kernel has no vhost-net. It is carried until this process ends.
    """
    vhost = os.open(_DEVICE, os.O_RDWR | os.O_CLOEXEC)
    memory = mmap.mmap(-1, 2 * _QUEUE_BYTES)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    fcntl.ioctl(vhost, _SET_OWNER)
    fcntl.ioctl(vhost, _SET_FEATURES, struct.pack("Q", 0))
    region = struct.pack("QQQQ", 0, len(memory), address, 0)
    fcntl.ioctl(vhost, _SET_MEM_TABLE, struct.pack("II", 1, 0) + region)
    queues = (_Queue(memory, 0, _WRITABLE), _Queue(memory, _QUEUE_BYTES, 0))
    for index, queue in enumerate(queues):
        at = address + queue.start
        fcntl.ioctl(vhost, _SET_VRING_NUM, struct.pack("II", index, _SIZE))
        fcntl.ioctl(vhost, _SET_VRING_BASE, struct.pack("II", index, 0))
        fcntl.ioctl(vhost, _SET_VRING_ADDR, struct.pack("IIQQQQ", index, 0, at, at + _USED, at + _AVAIL, 0))
        fcntl.ioctl(vhost, _SET_VRING_KICK, struct.pack("Ii", index, queue.kick))
        fcntl.ioctl(vhost, _SET_VRING_CALL, struct.pack("Ii", index, queue.call))
    for number in range(_SIZE):
        queues[_RECEIVE].offer(number)
    for index in range(len(queues)):
        fcntl.ioctl(vhost, _SET_BACKEND, struct.pack("Ii", index, tap))
    os.eventfd_write(queues[_RECEIVE].kick, 1)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    threading.Thread(target=_carry, args=(queues, ours), daemon=True).start()
    return theirs.detach()


def _carry(queues: tuple[_Queue, _Queue], ours: socket.socket) -> None:
    receive, transmit = queues
    with contextlib.suppress(OSError):
        while True:
            ready = select.select([receive.call, ours.fileno()], [], [])[0]
            if receive.call in ready:
                os.eventfd_read(receive.call)
                for content in receive.received():
                    ours.send(content)
            if ours.fileno() in ready:
                transmit.send(ours.recv(_BUFFER))
