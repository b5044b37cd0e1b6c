"""Requests to the kernel by netlink, and the messages it answers with (include/uapi/linux/netlink.h)."""

import os
import socket
import struct
from collections.abc import Iterator

from pxedoctor.access.netlink_attribute import ATTRIBUTE

REQUEST, ACKNOWLEDGE, DUMP = 0x1, 0x4, 0x300
_ERROR, _DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
_SECONDS = 10
_BUFFER = 64 * 1024


def opened(protocol: int) -> socket.socket:
    """`protocol` is one of NETLINK_*."""
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
    link.settimeout(_SECONDS)
    return link


def asked(link: socket.socket, kind: int, flags: int, body: bytes, most: int) -> Iterator[bytes]:
    """The bodies of all messages that answer one request. `most` is in bytes; OSError where there are more."""
    link.send(_HEADER.pack(_HEADER.size + len(body), kind, REQUEST | flags, 1, 0) + body)
    taken = 0
    while taken < most:
        block = link.recv(_BUFFER)
        taken += len(block)
        at = 0
        while at + _HEADER.size <= len(block):
            length, kind, *_ = _HEADER.unpack_from(block, at)
            answer = block[at + _HEADER.size : at + length]
            if kind == _ERROR:
                _refuse(answer)
            if kind in {_DONE, _ERROR}:
                return
            yield answer
            at += max(_HEADER.size, length + 3 & ~3)
    raise OSError(f"the dump is larger than {most} bytes")


def _refuse(body: bytes) -> None:
    """OSError, unless it is an acknowledgement."""
    (status,) = struct.unpack_from("=i", body)
    if status:
        raise OSError(-status, os.strerror(-status))


def written(kind: int, content: bytes) -> bytes:
    """One attribute of a request."""
    return ATTRIBUTE.pack(ATTRIBUTE.size + len(content), kind) + content + b"\0" * (-len(content) % 4)


def text_of(attribute: bytes | None) -> str:
    return (attribute or b"").rstrip(b"\0").decode("utf-8", errors="backslashreplace")
