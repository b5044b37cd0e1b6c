"""An XDP program on a device of a site: run inside it as `python -m pxedoctor.lab.xdp DEVICE drop|off`.

The smallest program there is, one verdict for every frame, handed to the kernel by bpf(2) and attached by rtnetlink
as `ip link set dev DEVICE xdpgeneric obj` would be; no compiler and no libbpf is needed.
"""

import argparse
import ctypes
import errno
import os
import platform
import socket
import struct

# include/uapi/linux/bpf.h
_SYS_BPF = {"x86_64": 321, "aarch64": 280}
_BPF_PROG_LOAD, _BPF_PROG_TYPE_XDP = 5, 6
_XDP_DROP = 1
# BPF_ALU64 | BPF_MOV | BPF_K of r0, and BPF_EXIT.
_MOV_R0, _EXIT = 0xB7, 0x95
# include/uapi/linux/if_link.h, rtnetlink.h
_RTM_SETLINK, _NLM_F_REQUEST, _NLM_F_ACK = 19, 1, 4
_IFLA_XDP, _NLA_F_NESTED = 43, 0x8000
_IFLA_XDP_FD, _IFLA_XDP_FLAGS, _XDP_FLAGS_SKB_MODE = 1, 3, 2


def load() -> int:
    """The file descriptor of a program that drops everything. Raises OSError."""
    code = struct.pack("<BBhi", _MOV_R0, 0, 0, _XDP_DROP) + struct.pack("<BBhi", _EXIT, 0, 0, 0)
    program, licence = ctypes.create_string_buffer(code), ctypes.create_string_buffer(b"GPL")
    asked = struct.pack("<IIQQ", _BPF_PROG_TYPE_XDP, 2, ctypes.addressof(program), ctypes.addressof(licence))
    words = ctypes.create_string_buffer(asked.ljust(128, b"\0"))
    libc = ctypes.CDLL(None, use_errno=True)
    made: int = libc.syscall(_SYS_BPF[platform.machine()], _BPF_PROG_LOAD, words, len(words) - 1)
    if made < 0:
        raise OSError(ctypes.get_errno(), "bpf(BPF_PROG_LOAD)")
    return made


def attach(device: str, program: int) -> None:
    """`program` -1 takes off what is there. Raises OSError."""
    inner = struct.pack("<HHi", 8, _IFLA_XDP_FD, program) + struct.pack("<HHI", 8, _IFLA_XDP_FLAGS, _XDP_FLAGS_SKB_MODE)
    nested = struct.pack("<HH", 4 + len(inner), _IFLA_XDP | _NLA_F_NESTED) + inner
    body = struct.pack("<BxHiII", socket.AF_UNSPEC, 0, socket.if_nametoindex(device), 0, 0) + nested
    header = struct.pack("<IHHII", 16 + len(body), _RTM_SETLINK, _NLM_F_REQUEST | _NLM_F_ACK, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.send(header + body)
        (error,) = struct.unpack_from("<i", kernel.recv(4096), 16)
    if error:
        raise OSError(-error, f"{device}: {errno.errorcode.get(-error, '')} {os.strerror(-error)}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("device")
    parser.add_argument("verdict", choices=["drop", "off"])
    asked = parser.parse_args()
    attach(asked.device, -1 if asked.verdict == "off" else load())


if __name__ == "__main__":
    main()
