"""The probe's tap: opened as QEMU opens a guest's, and gone with the process that holds it, however that ends.

Before each frame there is a virtio_net_hdr of ten bytes (virtio 1.2 section 5.1.6). What the guest's driver takes is
said by TUNSETOFFLOAD: firmware takes nothing, so the kernel fills every sum for it; an operating system's virtio driver
takes open sums (GUEST_CSUM), and gets them with the mark NEEDS_CSUM in the header (linux drivers/net/tun.c).
"""

import errno
import fcntl
import os
import struct

import msgspec

from pxedoctor.probe.asking import ProbeError

_NODE = "/dev/net/tun"
_TUNSETIFF, _TUNSETOFFLOAD, _TUNSETVNETHDRSZ = 0x400454CA, 0x400454D0, 0x400454D8
_IFF_TAP, _IFF_NO_PI, _IFF_VNET_HDR, _IFF_TUN_EXCL = 0x0002, 0x1000, 0x4000, 0x8000
_TUN_F_CSUM = 0x01
_NEEDS_CSUM = 1
_HEADER = 10
_LARGEST = 65536 + _HEADER
_LONGEST_NAME = 15


class Received(msgspec.Struct, frozen=True):
    """A frame from the bridge; `marked`: the kernel says that its UDP or TCP sum is still to be filled."""

    content: bytes
    marked: bool


class Tap:
    """An open tap. Reading and writing never block. Raises OSError once the device has been taken away."""

    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self.descriptor = descriptor
        self._room = bytearray(_LARGEST)

    def read(self) -> Received | None:
        """The next frame; None where there is none now."""
        try:
            length = os.readv(self.descriptor, (self._room,))
        except BlockingIOError:
            return None
        return Received(bytes(self._room[_HEADER:length]), bool(self._room[0] & _NEEDS_CSUM))

    def write(self, frame: bytes) -> None:
        os.write(self.descriptor, bytes(_HEADER) + frame)

    def close(self) -> None:
        os.close(self.descriptor)


def open_tap(name: str, offload: bool) -> Tap:
    """A new tap of this name, down, in the thread's network namespace. Raises ProbeError."""
    if not 0 < len(os.fsencode(name)) <= _LONGEST_NAME or {"/", "%", " "} & set(name) or name in (".", ".."):
        raise ProbeError(f"{name!r} is no name for a network device", "choose one of 1 to 15 letters and digits")
    try:
        descriptor = os.open(_NODE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _not_opened(error) from error
    try:
        # Exclusive: without it a persistent tap of this name, somebody else's, would be taken over.
        flags = _IFF_TAP | _IFF_NO_PI | _IFF_VNET_HDR | _IFF_TUN_EXCL
        fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", os.fsencode(name), flags))
        fcntl.ioctl(descriptor, _TUNSETVNETHDRSZ, struct.pack("i", _HEADER))
        fcntl.ioctl(descriptor, _TUNSETOFFLOAD, _TUN_F_CSUM if offload else 0)
    except OSError as error:
        os.close(descriptor)
        raise _not_made(name, error) from error
    return Tap(name, descriptor)


def _not_opened(error: OSError) -> ProbeError:
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return ProbeError(f"{_NODE} is not there: {error.strerror}", "load the module: modprobe tun")
    if error.errno in (errno.EACCES, errno.EPERM):
        return ProbeError(f"{_NODE} may not be opened: {error.strerror}", "run it as root")
    return ProbeError(f"{_NODE} cannot be opened: {error.strerror}", "see what holds it: ls -l /dev/net/tun")


def _not_made(name: str, error: OSError) -> ProbeError:
    if error.errno in (errno.EPERM, errno.EACCES):
        return ProbeError("making a tap needs CAP_NET_ADMIN", "run it as root")
    if error.errno in (errno.EBUSY, errno.EEXIST, errno.EINVAL):
        return ProbeError(
            f"a network device named {name} exists already, and it is not the probe's",
            f"see whose it is: ip -d link show {name}",
        )
    return ProbeError(f"the tap {name} cannot be made: {error.strerror}", "see the kernel's log: dmesg")
