"""Cases of cloned-identity: two guests under real libvirt, a real dnsmasq and its log, and real clients in their names.

The guests themselves are QEMUs without anything to boot; who asks in their names is a light guest each.
"""

import re

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import NETWORK, cold_start, network_xml, restart_network, start_libvirt
from pxedoctor.lab.parts_log import start_syslog
from pxedoctor.lab.site import Site, SiteError

_MACS = {"app01": "52:54:00:0d:0d:11", "app02": "52:54:00:0d:0d:12"}
# RFC 4361: type 255, an IAID, and a DUID of vendor 43793, which systemd makes of the machine-id.
_CLONED = {"app01": "ff00000001000200aad10d0d0d0d0d0d0d01", "app02": "ff00000001000200aad10d0d0d0d0d0d0d01"}
_OWN = _CLONED | {"app02": "ff00000001000200aad10d0d0d0d0d0d0d02"}
_STATE = "/var/lib/clones"

_GUEST = """\
<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/></os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <interface type='network'>
      <source network='{network}'/><mac address='{mac}'/><model type='virtio'/><rom enabled='no'/>
    </interface>
    <memballoon model='none'/>
  </devices>
</domain>
"""


def _two_guests(site: Site) -> None:
    start_syslog(site)
    start_libvirt(site)
    restart_network(site, network_xml(site, stp="off"))
    site.run("virsh", "net-autostart", NETWORK)
    for name, mac in _MACS.items():
        site.write(f"/tmp/{name}.xml", _GUEST.format(name=name, mac=mac, network=NETWORK))
        site.run("virsh", "define", f"/tmp/{name}.xml")
        site.run("virsh", "start", name)
    _reset_machine_id(site)


def _clone(site: Site) -> None:
    site.write(_STATE, "cloned")
    _ask(site)


def _reset_machine_id(site: Site) -> None:
    site.write(_STATE, "own")
    if not _ask(site).ok:
        raise SiteError("two guests with identities of their own got one address")


def _clone_and_reset(site: Site) -> None:
    _clone(site)
    _reset_machine_id(site)


def _ask(site: Site) -> Attempt:
    """Both ask, one after the other; well where each has an address of its own."""
    identities = _CLONED if site.path(_STATE).read_text() == "cloned" else _OWN
    said = ""
    for name, mac in _MACS.items():
        attempt = cold_start(site, None, "udhcpc", "--mac", mac, "--identity", identities[name])
        if not attempt.ok:
            return attempt
        said += attempt.said
    addresses = re.findall(r"lease of (\S+) obtained", said)
    return Attempt(ok=len(set(addresses)) == len(_MACS), said=said)


CASES: tuple[Case, ...] = (
    Case(
        name="cloned-identity",
        expect=Breaks("cloned-identity"),
        story="A guest was cloned with its machine-id: dnsmasq takes the copy for the same client (corpus GO01).",
        build=_two_guests,
        inject=_clone,
        heal=_reset_machine_id,
        attempt=_ask,
        mended=False,
    ),
    Case(
        name="cloned-and-made-its-own",
        expect=Passes(),
        story="A clone asked once with the machine-id of its original; then it was given one of its own.",
        build=_two_guests,
        inject=_clone_and_reset,
        attempt=_ask,
    ),
)
