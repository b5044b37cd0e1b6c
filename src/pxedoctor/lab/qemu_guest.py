"""A real guest in a site: QEMU under libvirt, SeaBIOS, and iPXE from its virtio NIC's ROM, booting over the network.

It runs under TCG (domain type 'qemu'): emulation is quick enough for firmware, and needs nothing of the machine. Serial
line and graphics=off (`<bios useserial='yes'/>`) make SeaBIOS and iPXE speak on COM1, which libvirt writes to a file.
"""

import time

from pxedoctor.lab import loader
from pxedoctor.lab.case import Attempt
from pxedoctor.lab.parts import GUEST, MAC, NETWORK, define_guest, guest_xml, network_interface, start_libvirt
from pxedoctor.lab.parts import restart_network as restart
from pxedoctor.lab.site import Site, SiteError
from pxedoctor.trace.typed_text import as_seen

ROOT = "/srv/tftp"
SERIAL = "/var/log/libvirt/qemu/serial.log"

# SeaBIOS' last word comes 18 to 22 s after the start, when iPXE has given up; on a busy machine it may take twice that.
_DEADLINE_SECONDS = 60
_POLL_SECONDS = 0.1
_ENDS = (loader.WORD, "No bootable device.")
_ASKING = "Configuring (net0"
# It runs what it has fetched. A program that its processor cannot run says nothing more; iPXE begins anew.
_RUNS_IT = "[PXE-NBP"
_HANGS_SECONDS, _ROUNDS = 8, 3

# A router's advertisement spares iPXE 15 s: it waits for IPv6 though IPv4 has succeeded (ipxe net/ndp.c).
ROUTER = "<ip family='ipv6' address='fd00:d0d::1' prefix='64'/>"


def boot_network_xml(site: Site, delay: int = 0, stp: str = "on", extra: str = "", file: str = loader.FILE) -> str:
    """A nat network that serves the loader, or another file of its root, by TFTP; `extra` goes into <network>."""
    return f"""\
<network>
  <name>{NETWORK}</name>
  <uuid>6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d01</uuid>
  <forward mode='nat'/>
  <bridge name='{site.bridge}' stp='{stp}' delay='{delay}'/>
  <mac address='52:54:00:0d:0d:fe'/>
  <ip address='192.168.150.1' netmask='255.255.255.0'>
    <tftp root='{ROOT}'/>
    <dhcp>
      <range start='192.168.150.10' end='192.168.150.99'/>
      <host mac='{MAC}' ip='192.168.150.5'/>
      <bootp file='{file}'/>
    </dhcp>
  </ip>
  {extra}
</network>
"""


def firmware_site(site: Site, extra: str = ROUTER) -> None:
    """The healthy site of the firmware cases: a network with STP off that serves the loader, and a guest, shut off."""
    start_libvirt(site)
    site.path(ROOT).mkdir(parents=True, exist_ok=True)
    site.path(f"{ROOT}/{loader.FILE}").write_bytes(loader.program())
    restart(site, boot_network_xml(site, stp="off", extra=extra))
    site.run("virsh", "net-autostart", NETWORK)
    define_firmware_guest(site, network_interface())


def define_firmware_guest(site: Site, interface: str) -> None:
    """The guest alone, shut off, whose words are heard."""
    serial = f"<serial type='file'><source path='{SERIAL}'/></serial>"
    define_guest(site, guest_xml(interface + serial, extra="<bios useserial='yes'/>"))


def boot(site: Site) -> Attempt:
    """A cold start: what the guest says on its serial line, until the loader's word or the firmware's last one."""
    return judged(_said_at_start(site))


def boots_the_loader(site: Site) -> Attempt:
    """The same, where a guest that does not even ask for an address is what is looked for."""
    said = _said_at_start(site)
    return Attempt(ok=loader.WORD in said, said=said)


def _said_at_start(site: Site) -> str:
    power_off(site)
    site.path(SERIAL).unlink(missing_ok=True)
    site.run("virsh", "start", GUEST)
    try:
        return listen(site)
    finally:
        power_off(site)


def judged(said: str) -> Attempt:
    """SiteError where the guest did not get as far as asking for an address: that proves nothing."""
    if _ASKING not in said:
        raise SiteError(f"the guest's firmware did not get as far as asking for an address: {said!r}")
    return Attempt(ok=loader.WORD in said, said=said)


def power_off(site: Site) -> None:
    site.ask("virsh", "destroy", GUEST)


def spoken(site: Site) -> int:
    """How many bytes the running guest has written on its serial line so far."""
    return site.path(SERIAL).stat().st_size


def listen(site: Site, since: int = 0) -> str:
    """What the guest says from byte `since` on, until its last word, round or sign of life, or the deadline."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    said, spoke_at = "", time.monotonic()
    while time.monotonic() < deadline and not _is_over(said, time.monotonic() - spoke_at):
        time.sleep(_POLL_SECONDS)
        if site.exists(SERIAL):
            before, said = said, as_seen(site.path(SERIAL).read_bytes()[since:])
            spoke_at = spoke_at if said == before else time.monotonic()
    return said


def _is_over(said: str, quiet: float) -> bool:
    """`quiet`: seconds since it said something."""
    if any(word in said for word in _ENDS):
        return True
    return said.count(_RUNS_IT) >= _ROUNDS or (_RUNS_IT in said and quiet > _HANGS_SECONDS)
