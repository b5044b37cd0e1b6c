"""Which client will ask for an address on a NIC: from the domain's XML, the host's ROM build, or --client."""

from typing import TYPE_CHECKING

from pxedoctor.model.client import Client, client_named, client_of_system
from pxedoctor.model.fact import Missing
from pxedoctor.road.netboot import drives_itself

if TYPE_CHECKING:
    from pxedoctor.model.host import Host
    from pxedoctor.model.libvirt import Domain, Nic

# Machines that have SeaBIOS and its option ROMs; "" is a definition that does not say.
_WITH_BIOS = ("x86_64", "i686", "")


def client_of(host: "Host", domain: "Domain", nic: "Nic", named: Client | None) -> tuple[Client | None, str]:
    """The client and where that was read; None where neither the firmware nor the system tells."""
    if named is not None:
        return named, "--client"
    if domain.boots_from(nic) and (nic.rom_enabled or drives_itself(domain, nic)):
        return _firmware_client(host, domain, nic)
    system = client_of_system(domain.os_id)
    return system, f"{domain.origin}: libosinfo {domain.os_id}" if system else ""


def _firmware_client(host: "Host", domain: "Domain", nic: "Nic") -> tuple[Client | None, str]:
    boot = f"boot order {nic.boot_order}" if nic.boot_order else "os/boot dev='network'"
    where = f"{domain.origin}: {domain.firmware} firmware, {boot}, NIC model {nic.model or 'default'}"
    if "u-boot" in domain.loader.lower():
        return client_named("u-boot"), f"{where}, loader {domain.loader}"
    if domain.firmware == "efi":
        # QEMU's iPXE ROMs drive the NIC but leave DHCP to the EDK2 client (ipxe config/qemu/general.h).
        return client_named("ovmf"), where
    if domain.arch not in _WITH_BIOS:
        # SLOF, s390's own loader, a kernel of the host's: what they ask with is not known here.
        return None, ""
    spec = not isinstance(host.system, Missing) and host.system.ipxe_with_spec_timeouts
    return client_named("ipxe-rhel" if spec else "ipxe"), where
