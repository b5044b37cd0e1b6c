"""A real guest with UEFI firmware in a site: QEMU with OVMF, whose own PXE client (EDK2) asks for an address.

The NIC's ROM is off: iPXE would ask first. OVMF asks at 0, 4, 12 and 28 s (edk2 UefiPxeBcDxe/PxeBcDhcp4.c)
for broadcast replies, which it takes from port 67 alone (edk2 Dhcp4Dxe/Dhcp4Impl.c, RemotePort).
"""

import time

from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import GUEST, MAC, NETWORK, define_guest, restart_network, start_libvirt
from pxedoctor.lab.qemu_guest import boot_network_xml, power_off
from pxedoctor.lab.site import Site, SiteError
from pxedoctor.trace.typed_text import as_seen

# iPXE of Debian's package ipxe: a real EFI program for x86-64. FILE is its name in the network.
IPXE = "/usr/lib/ipxe/snponly.efi"
FILE = "snponly.efi"
# A first stage that is no iPXE, which would be handed to itself for ever: package shim-unsigned.
_SHIM, _SHIM_FILE = "/usr/lib/shim/shimx64.efi", "shimx64.efi"
_TFTP = "/srv/tftp"
_SERIAL = "/var/log/libvirt/qemu/serial.log"
_CODE, _VARS = "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"
# The same variables with Microsoft's keys enrolled: this firmware then does Secure Boot (package ovmf).
ENROLLED = "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"
NVRAM = f"/var/lib/libvirt/qemu/nvram/{GUEST}.fd"

ASKING = "Start PXE over IPv4"
_FETCHED = "NBP file downloaded"
_GIVES_UP = ("PXE-E16", "PXE-E18")
# The firmware starts asking after about 9 s and gives up 60 s later; a busy machine is slower.
_DEADLINE_SECONDS = 180
_POLL_SECONDS = 0.2

_GUEST = f"""\
<domain type='qemu'>
  <name>{GUEST}</name>
  <uuid>6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d02</uuid>
  <memory unit='MiB'>192</memory>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <loader readonly='yes' type='pflash'>{_CODE}</loader>
    <nvram template='{_VARS}'>{NVRAM}</nvram>
    <boot dev='network'/>
  </os>
  <features><acpi/></features>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <interface type='network'>
      <source network='{NETWORK}'/><mac address='{MAC}'/><model type='virtio'/><rom enabled='no'/>
    </interface>
    <serial type='file'><source path='{_SERIAL}'/></serial>
    <memballoon model='none'/>
  </devices>
</domain>
"""


def uefi_site(site: Site) -> None:
    """The healthy site: a nat network with STP off that names a boot file and serves it, and a guest, shut off."""
    start_libvirt(site)
    site.run("mkdir", "-p", _TFTP)
    site.run("cp", _SHIM, f"{_TFTP}/{_SHIM_FILE}")
    restart_network(site, boot_network_xml(site, stp="off", file=_SHIM_FILE))
    site.run("virsh", "net-autostart", NETWORK)
    define_uefi_guest(site)


def define_uefi_guest(
    site: Site, bridge: str = "", variables: str = _VARS, code: str = _CODE, devices: str = ""
) -> None:
    """The guest alone, shut off, for a network that is there, or for a bridge; its variables are made anew."""
    site.run("mkdir", "-p", "/var/lib/libvirt/qemu/nvram")
    xml = _GUEST.replace("type='network'", "type='bridge'").replace(f"network='{NETWORK}'", f"bridge='{bridge}'")
    site.run("cp", variables, NVRAM)
    define_guest(site, _with((xml if bridge else _GUEST), variables, code, devices))


def _with(xml: str, variables: str, code: str, devices: str) -> str:
    xml = xml.replace(_VARS, variables).replace(_CODE, code)
    return xml.replace("<memballoon", f"{devices}<memballoon")


def boot(site: Site) -> Attempt:
    """A cold start, until the boot file is here or the firmware has given up on IPv4."""
    said = said_at_start(site, (_FETCHED, *_GIVES_UP))
    if ASKING not in said:
        raise SiteError(f"the guest's firmware did not get as far as asking for an address: {said!r}")
    return Attempt(ok=_FETCHED in said, said=said)


def said_at_start(site: Site, ends: tuple[str, ...]) -> str:
    """What it says from a cold start on until one of the ends, or until it has had time enough."""
    power_off(site)
    site.path(_SERIAL).unlink(missing_ok=True)
    site.run("virsh", "start", GUEST)
    try:
        return _listen(site, ends)
    finally:
        power_off(site)


def _listen(site: Site, ends: tuple[str, ...]) -> str:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    said = ""
    while time.monotonic() < deadline and not any(word in said for word in ends):
        time.sleep(_POLL_SECONDS)
        if site.exists(_SERIAL):
            said = as_seen(site.path(_SERIAL).read_bytes())
    return said
