"""Asks procfs for the UDP sockets on the ports of a boot, for TCP sockets that listen, and for packet sockets.

Files, and not ss(8): ss makes the kernel load its diagnosis modules.
"""

from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask.system import KERNEL

UDP = "/proc/net/udp"
UDP6 = "/proc/net/udp6"
TCP = "/proc/net/tcp"
TCP6 = "/proc/net/tcp6"
PACKET = "/proc/net/packet"

# DNS, DHCP server and client, TFTP, DHCPv6 client and server, proxyDHCP (RFC 1035, 2131, 1350, 8415; PXE 2.1).
PORTS = (53, 67, 68, 69, 546, 547, 4011)


def ask(host: Notebook) -> None:
    # Tells the machine's byte order, in which the addresses are printed.
    host.read(KERNEL)
    for path in (UDP, UDP6):
        host.read(path, cut=only_ports_of_a_boot)
    for path in (TCP, TCP6):
        host.read(path, cut=only_listening)
    host.read(PACKET)


def only_ports_of_a_boot(table: str) -> str:
    """The heading and the lines whose local port matters: whom else this host talks to is not our business."""
    heading, *lines = table.splitlines() or [""]
    return "\n".join([heading, *(line for line in lines if local_port(line) in PORTS)])


def only_listening(table: str) -> str:
    """The heading and the sockets in state LISTEN (0A, include/net/tcp_states.h): a boot file may be on any port."""
    heading, *lines = table.splitlines() or [""]
    return "\n".join([heading, *(line for line in lines if line.split()[3:4] == ["0A"])])


def local_port(line: str) -> int | None:
    """`sl: local_address:port ...`, both hexadecimal (proc(5)); None for a line that is not so."""
    words = line.split()
    port = words[1].rpartition(":")[2] if len(words) > 1 else ""
    try:
        return int(port, 16)
    except ValueError:
        return None
