"""Network devices of one network namespace, by ioctl and sysfs: only what it takes to plug a tap into a bridge.

No netlink library: importing one takes longer than the whole probe of a healthy bridge (docs/adr/0006). The numbers are
linux/sockios.h and linux/if.h, the structure is ifreq (netdevice(7)).
"""

import fcntl
import os
import socket
import struct

_SIOCGIFFLAGS, _SIOCSIFFLAGS = 0x8913, 0x8914
_SIOCSIFMTU, _SIOCSIFHWADDR = 0x8922, 0x8924
_SIOCGIFINDEX, _SIOCBRADDIF = 0x8933, 0x89A2
_IFF_UP = 1
_ETHERNET = 1
_SYSFS = "/sys/class/net"
_NAME = 16


class Devices:
    """The devices of the network namespace that the thread is in when this is made. Raises OSError, as the kernel does.

    `sysfs`: a folder that shows this namespace's devices, as /sys/class/net does.
    """

    def __init__(self, sysfs: str = _SYSFS) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._sysfs = os.open(sysfs, os.O_PATH | os.O_DIRECTORY)
        except OSError:
            self._socket.close()
            raise

    def close(self) -> None:
        self._socket.close()
        os.close(self._sysfs)

    def exists(self, path: str) -> bool:
        try:
            os.stat(path, dir_fd=self._sysfs)
        except FileNotFoundError:
            return False
        return True

    def read(self, path: str) -> str:
        """A file under /sys/class/net, e.g. "br0/address"."""
        with open(self.open(path), encoding="ascii", errors="backslashreplace") as file:
            return file.read().strip()

    def open(self, path: str) -> int:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._sysfs)

    def list(self, path: str) -> tuple[str, ...]:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self._sysfs)
        try:
            return tuple(sorted(os.listdir(folder)))
        finally:
            os.close(folder)

    def set_mac(self, name: str, mac: bytes) -> None:
        self._set(_SIOCSIFHWADDR, name, struct.pack("H6s", _ETHERNET, mac))

    def set_mtu(self, name: str, mtu: int) -> None:
        self._set(_SIOCSIFMTU, name, struct.pack("i", mtu))

    def forbid_ipv6(self, name: str) -> None:
        """A port of a bridge needs no addresses, and its neighbour discovery would be heard by everybody."""
        path = f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6"
        # There is no IPv6 at all where it is missing.
        if os.path.exists(path):
            with open(path, "w", encoding="ascii") as file:
                file.write("1")

    def join(self, bridge: str, port: str) -> None:
        index = struct.unpack_from("i", self._ask(_SIOCGIFINDEX, port), _NAME)[0]
        self._set(_SIOCBRADDIF, bridge, struct.pack("i", index))

    def set_up(self, name: str) -> None:
        flags = struct.unpack_from("h", self._ask(_SIOCGIFFLAGS, name), _NAME)[0]
        self._set(_SIOCSIFFLAGS, name, struct.pack("h", flags | _IFF_UP))

    def _ask(self, number: int, name: str) -> bytes:
        return fcntl.ioctl(self._socket, number, _request(name, b""))

    def _set(self, number: int, name: str, value: bytes) -> None:
        fcntl.ioctl(self._socket, number, _request(name, value))


def _request(name: str, value: bytes) -> bytes:
    """An ifreq: the name in 16 bytes, then a union of 24."""
    return struct.pack("16s24s", os.fsencode(name), value)
