"""DHCP clients of firmware and operating systems: how long they ask, and what they refuse.

Times are seconds after the client's first DISCOVER. `survives` is when its last DISCOVER leaves: a bridge port that is
silent longer loses them all. Sources: the clients' own code, named at each row; most rows were also seen on a wire.
"""

import msgspec


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """One client. `survives` None: it asks for ever. `honours_partial_sums` None: not known.

    `tftp_block`: bytes of a block that it asks a TFTP server for (RFC 2348), as its profile has it; 0: not known, or
    it fetches nothing so.
    """

    name: str
    title: str
    survives: float | None
    gives_up: float | None
    firmware: bool
    honours_partial_sums: bool | None
    source: str
    tftp_block: int = 0


def _firmware(name: str, title: str, survives: float, gives_up: float, source: str, tftp_block: int = 0) -> Client:
    # Firmware never negotiates GUEST_CSUM (ipxe virtio-net.c, edk2 VirtioNetDxe): it is never handed a partial sum.
    return Client(
        name=name,
        title=title,
        survives=survives,
        gives_up=gives_up,
        firmware=True,
        honours_partial_sums=True,
        source=source,
        tftp_block=tftp_block,
    )


def _system(
    name: str, title: str, survives: float | None, gives_up: float | None, honours: bool | None, source: str
) -> Client:
    return Client(
        name=name,
        title=title,
        survives=survives,
        gives_up=gives_up,
        firmware=False,
        honours_partial_sums=honours,
        source=source,
    )


CLIENTS: tuple[Client, ...] = (
    _firmware("ipxe", "iPXE", 7, 15, "ipxe src/config/dhcp.h DHCP_DISC_START 1, END 10; net/retry.c", 1432),
    _firmware("ipxe-rhel", "iPXE (Fedora/RHEL build)", 28, 60, "ipxe.spec Patch0002, RHBZ 1196352", 1432),
    _firmware("ovmf", "OVMF PXE", 28, 60, "edk2 UefiPxeBcDxe/PxeBcDhcp4.c mPxeDhcpTimeout {4,8,16,32}", 1468),
    _firmware("ovmf-http", "OVMF HTTP boot", 28, 60, "edk2 HttpBootDxe/HttpBootDhcp4.c"),
    _firmware("intel-pxe", "Intel PXE 2.1 ROM", 28, 60, "PXE 2.1 specification, as quoted by iPXE config/dhcp.h", 1456),
    _firmware("grub", "GRUB net_dhcp", 6, 12.4, "grub-core/net/bootp.c GRUB_DHCP_MAX_PACKET_TIMEOUT", 1024),
    _firmware("u-boot", "U-Boot", 15, 31, "u-boot net/bootp.c TIMEOUT_MS", 1468),
    _firmware("u-boot-2023", "U-Boot of 2023", 27, 29.75, "u-boot 2023.01 net/bootp.c bootp_timeout_handler", 1468),
    _firmware("u-boot-lwip", "U-Boot (lwIP)", 6, 10, "u-boot net/lwip/dhcp.c DHCP_TIMEOUT_MS"),
    _system("linux-ip", "Linux ip=dhcp", 41, 71, True, "linux net/ipv4/ipconfig.c"),
    _system("dhclient", "ISC dhclient", 38, 60, True, "dhcp client/clparse.c; common/lpf.c PACKET_AUXDATA"),
    _system("udhcpc", "busybox udhcpc", None, None, True, "busybox networking/udhcp/dhcpc.c -t 3 -T 3 -A 20"),
    _system("udhcpc-n", "busybox udhcpc -n", 6, 9, True, "busybox networking/udhcp/dhcpc.c, option -n"),
    _system("systemd-networkd", "systemd-networkd", None, None, True, "systemd sd-dhcp-client.c, from v210"),
    _system("networkmanager", "NetworkManager", 30, 45, True, "n-dhcp4-c-connection.c; ipv4.dhcp-timeout 45"),
    _system("dhcpcd", "dhcpcd", None, None, True, "dhcpcd dhcp.h DHCP_BASE 4, DHCP_MAX 64"),
    _system("cloud-init", "cloud-init (udhcpc)", 6, 9, True, "cloudinit/net/dhcp.py"),
    _system("windows", "Windows", 28, 60, None, "Microsoft KB Q190552; virtio-win issue 1630"),
    _system("freebsd", "FreeBSD dhclient", 38, 60, False, "FreeBSD PR 263229"),
    _system("dhclient-old", "ISC dhclient before 4.2", 38, 60, False, "iptables commit 9d1b11102b; RHEL 5"),
    _system("cirros", "CirrOS 0.3 udhcpc", 6, 9, False, "lxc/incus#1997"),
    _system("cumulus", "Cumulus dhclient", 38, 60, False, "lxc/incus#1997"),
)


def client_named(name: str) -> Client | None:
    return next((client for client in CLIENTS if client.name == name), None)


# Parts of libosinfo's ids, which are URLs such as http://freebsd.org/freebsd/13.1, of systems whose client is known.
_BY_OS_ID = (
    ("freebsd", "freebsd"),
    ("microsoft.com/win", "windows"),
    ("cirros", "cirros"),
    ("cumulus", "cumulus"),
)


def client_of_system(os_id: str) -> Client | None:
    """The client of the operating system that the domain's metadata names; None where it does not tell."""
    return next((client_named(name) for part, name in _BY_OS_ID if part in os_id), None)
