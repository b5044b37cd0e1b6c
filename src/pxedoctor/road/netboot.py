"""Whether a target boots over the network, and what else its firmware would boot: the domain's XML tells."""

from enum import StrEnum
from typing import TYPE_CHECKING

from pxedoctor.model.target import Target

if TYPE_CHECKING:
    from pxedoctor.model.host import Host
    from pxedoctor.model.libvirt import Domain, Nic

# Architectures as libvirt writes them, and what UEFI says of itself there in option 93 (RFC 4578; IANA's registry).
_UEFI = {
    "x86_64": (7, 16),
    "i686": (6, 15),
    "aarch64": (11, 19),
    "armv7l": (10, 18),
    "riscv64": (27, 28),
    "loongarch64": (39, 40),
}
_BIOS = 0


class Netboot(StrEnum):
    """NEVER: not known to. LATER: after another device. FIRST: before others. ALONE: from this NIC or not at all."""

    NEVER = "never"
    LATER = "after another device"
    FIRST = "before other devices"
    ALONE = "from this NIC alone"


def netboot_of(host: "Host", target: Target) -> Netboot:
    """A target without a domain boots over the network where a person named a firmware as its client."""
    if target.client is None or not target.client.firmware:
        return Netboot.NEVER
    domain, nic = domain_of(host, target), nic_of(host, target)
    if domain is None or nic is None:
        return Netboot.ALONE
    return place_in_order(domain, nic)


def place_in_order(domain: "Domain", nic: "Nic") -> Netboot:
    """Where a NIC is among what a guest's firmware tries, whether the firmware can drive it or not."""
    if not domain.boots_from(nic):
        return Netboot.NEVER
    return _by_order(domain, nic.boot_order) if nic.boot_order is not None else _by_list(domain)


def boots_as_pc(domain: "Domain") -> bool:
    """Whether it has SeaBIOS or OVMF, to which boot ROMs of QEMU's are known; "" is a definition that does not say."""
    return domain.arch in {"x86_64", "i686", ""} and "u-boot" not in domain.loader.lower()


def drives_itself(domain: "Domain", nic: "Nic") -> bool:
    """OVMF has a driver of its own for virtio NICs, and for no other model (edk2 OvmfPkg/VirtioNetDxe)."""
    return domain.firmware == "efi" and nic.model.startswith("virtio")


def _by_order(domain: "Domain", own: int) -> Netboot:
    nics = (nic.boot_order for nic in domain.nics if nic.boot_order is not None)
    orders = sorted([*domain.other_boot_orders, *nics])
    if len(orders) == 1:
        return Netboot.ALONE
    return Netboot.FIRST if own == orders[0] else Netboot.LATER


def _by_list(domain: "Domain") -> Netboot:
    """<os><boot/>, of which a NIC has a place that boots from it."""
    if domain.boot[0] != "network":
        return Netboot.LATER
    return Netboot.ALONE if set(domain.boot) == {"network"} else Netboot.FIRST


def domain_of(host: "Host", target: Target) -> "Domain | None":
    return host.domain(target.guest) if target.guest is not None else None


def nic_of(host: "Host", target: Target) -> "Nic | None":
    domain = domain_of(host, target)
    return next((nic for nic in domain.nics if nic.mac == target.mac), None) if domain else None


def architecture_of(host: "Host", target: Target) -> int | None:
    """What its firmware says of itself in DHCP option 93; None where that is not known."""
    client, domain = target.client, domain_of(host, target)
    if client is None or not client.firmware:
        return None
    if client.name.startswith("ovmf"):
        plain, http = _UEFI.get(domain.arch or "x86_64" if domain else "x86_64", (None, None))
        return http if client.name == "ovmf-http" else plain
    return _BIOS if client.name in {"ipxe", "ipxe-rhel", "intel-pxe"} else None


def http_architecture_of(host: "Host", target: Target) -> int | None:
    """What its UEFI says of itself in option 93 when it boots over HTTP."""
    domain = domain_of(host, target)
    return _UEFI.get(domain.arch or "x86_64" if domain else "x86_64", (None, None))[1]
