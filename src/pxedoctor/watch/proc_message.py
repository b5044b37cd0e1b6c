"""What the kernel's process connector says: every fork, exec, change of user and exit on the host, as it happens.

A datagram is a netlink header, a cn_msg and one proc_event. Sources: include/uapi/linux/cn_proc.h, connector.h;
drivers/connector/cn_proc.c. Pids are those of the initial pid namespace; `tgid` is what people call a pid.
"""

import struct

import msgspec

# CN_IDX_PROC, CN_VAL_PROC; PROC_CN_MCAST_LISTEN (cn_proc.h).
INDEX, VALUE = 1, 1
_LISTEN = 1
_NETLINK = struct.Struct("=IHHII")
_CONNECTOR = struct.Struct("=IIIIHH")
_EVENT = struct.Struct("=IIQ")
_DATA = _NETLINK.size + _CONNECTOR.size + _EVENT.size
_FOUR = struct.Struct("=iiii")
_TWO = struct.Struct("=ii")
_NAME_BYTES = 16
_DONE = 3

# PROC_EVENT_*.
_FORK, _EXEC, _COMM, _EXIT = 0x1, 0x2, 0x200, 0x80000000


class Forked(msgspec.Struct, frozen=True):
    """A new process. Threads of a process are passed over."""

    pid: int
    parent: int


class Executed(msgspec.Struct, frozen=True):
    """The process runs another program from now on."""

    pid: int


class Renamed(msgspec.Struct, frozen=True):
    pid: int
    name: str


class Exited(msgspec.Struct, frozen=True):
    pid: int


Message = Forked | Executed | Renamed | Exited


def subscription(port: int) -> bytes:
    """The request to hear everything; `port` is the socket's own netlink address."""
    asked = struct.pack("=I", _LISTEN)
    body = _CONNECTOR.pack(INDEX, VALUE, 0, 0, len(asked), 0) + asked
    return _NETLINK.pack(_NETLINK.size + len(body), _DONE, 0, 0, port) + body


def parse(datagram: bytes) -> Message | None:
    """None for what nobody needs to know, and for what breaks off."""
    if len(datagram) < _DATA:
        return None
    index, value, *_ = _CONNECTOR.unpack_from(datagram, _NETLINK.size)
    what, _, _ = _EVENT.unpack_from(datagram, _NETLINK.size + _CONNECTOR.size)
    if (index, value) != (INDEX, VALUE):
        return None
    try:
        return _event(what, datagram)
    except struct.error:
        return None


def _event(what: int, datagram: bytes) -> Message | None:
    """struct.error where the event is shorter than its kind."""
    first, group = _TWO.unpack_from(datagram, _DATA)
    if what == _FORK:
        _, parent, thread, child = _FOUR.unpack_from(datagram, _DATA)
        return Forked(pid=child, parent=parent) if thread == child else None
    if first != group:
        return None
    if what == _EXEC:
        return Executed(group)
    if what == _COMM:
        name = datagram[_DATA + _TWO.size : _DATA + _TWO.size + _NAME_BYTES].partition(b"\0")[0]
        return Renamed(group, name.decode(errors="backslashreplace"))
    return Exited(group) if what == _EXIT else None
