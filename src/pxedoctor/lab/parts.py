"""Parts from which sites are built: libvirt with a network and a guest, and the guest's cold start."""

import json
import secrets

from pxedoctor.lab import known_emulators
from pxedoctor.lab.case import Attempt
from pxedoctor.lab.site import Site, SiteError

GUEST = "web01"
MAC = "52:54:00:0d:0d:01"
NETWORK = "lab"
_UNIT = "libvirtd.service"

_QEMU_CONF = """\
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
security_driver = "none"
user = "root"
group = "root"
"""


def start_libvirt(site: Site) -> None:
    """libvirtd with no network and no guest but ours, its state in the site."""
    site.write("/etc/libvirt/qemu.conf", _QEMU_CONF)
    site.run("rm", "-rf", "/etc/libvirt/qemu", "/var/lib/libvirt/dnsmasq")
    site.run("mkdir", "-p", "/var/log/libvirt/qemu", "/var/lib/libvirt/dnsmasq", "/var/lib/libvirt/images")
    known_emulators.lend(site)
    if site.is_machine:
        # Its unit has it end when nobody asked for two minutes.
        site.write("/etc/default/libvirtd", "LIBVIRTD_ARGS=\n")
        site.run("systemctl", "start", _UNIT)
    else:
        site.run("libvirtd", "-d")


def restart_daemon(site: Site) -> None:
    """libvirtd ends, and is started again. It puts up its chains at its start, and not when it starts a network."""
    if site.is_machine:
        site.run("systemctl", "restart", _UNIT)
        return
    wait = "while kill -0 $pid 2>/dev/null && ! grep -q '^State:.Z' /proc/$pid/status; do sleep 0.05; done"
    site.run("sh", "-ec", f"pid=$(cat /run/libvirtd.pid); kill $pid; {wait}; libvirtd -d")


def restart_libvirt(site: Site) -> None:
    """As `restart_daemon`, until its running network's rules are there: it writes them after it has forked."""
    restart_daemon(site)
    again = "iptables -C LIBVIRT_INP -i $0 -p tcp --dport 67 -j ACCEPT 2>/dev/null && iptables -C INPUT -j LIBVIRT_INP"
    site.run(
        "timeout", "30", "sh", "-c", f"until {again}; do sleep 0.1; done; sleep 0.5; virsh list >/dev/null", site.bridge
    )


# For network_xml(beside=): addresses by DHCPv6 and routers' advertisements beside IPv4.
DHCPV6 = """\
<ip family='ipv6' address='fd00:d0d::1' prefix='64'>
    <dhcp><range start='fd00:d0d::10' end='fd00:d0d::ff'/></dhcp>
  </ip>"""


def network_xml(
    site: Site, delay: int = 0, stp: str = "on", mode: str = "nat", extra: str = "", beside: str = ""
) -> str:
    """The network's definition; `extra` goes into its <ip>, `beside` into <network>."""
    forward = f"<forward mode='{mode}'/>" if mode else ""
    return f"""\
<network>
  <name>{NETWORK}</name>
  <uuid>6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d01</uuid>
  {forward}
  <bridge name='{site.bridge}' stp='{stp}' delay='{delay}'/>
  <mac address='52:54:00:0d:0d:fe'/>
  <ip address='192.168.150.1' netmask='255.255.255.0'>
    {extra}
    <dhcp>
      <range start='192.168.150.10' end='192.168.150.99'/>
      <host mac='{MAC}' ip='192.168.150.5'/>
    </dhcp>
  </ip>
  {beside}
</network>
"""


def guest_xml(interface: str, boot: str = "network,hd", extra: str = "") -> str:
    """`boot`: the devices in their order. As is usual for a guest that was installed over the network, its disk is one
    of them, so that it does not need a boot file for ever.
    """
    order = "".join(f"<boot dev='{device}'/>" for device in boot.split(","))
    return f"""\
<domain type='qemu'>
  <name>{GUEST}</name>
  <uuid>6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d02</uuid>
  <memory unit='MiB'>64</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type>{order}{extra}</os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    {interface}
    <memballoon model='none'/>
  </devices>
</domain>
"""


def network_interface() -> str:
    source = f"<source network='{NETWORK}'/>"
    return f"<interface type='network'>{source}<mac address='{MAC}'/><model type='virtio'/></interface>"


def bridge_interface(bridge: str) -> str:
    return (
        f"<interface type='bridge'><source bridge='{bridge}'/><mac address='{MAC}'/><model type='virtio'/></interface>"
    )


def define_network(site: Site, xml: str) -> None:
    site.write("/tmp/network.xml", xml)
    site.run("virsh", "net-define", "/tmp/network.xml")


def virsh(site: Site, *commands: str) -> None:
    """Several commands by one virsh, which needs 40 ms of processor time to start. Raises SiteError where one fails.

    It goes on after a command that fails, and its exit status is the last one's: its words tell.
    """
    done = site.ask("virsh", "; ".join(commands))
    if done.returncode != 0 or "error:" in done.stderr:
        raise SiteError(f"virsh {'; '.join(commands)} ended with {done.returncode}: {done.stderr.strip()}")


def restart_network(site: Site, xml: str, *more: str) -> None:
    """Defines the network anew and starts it from that definition; `more`: what virsh does then."""
    # libvirt's note of a network that is active (src/conf/virnetworkobj.c, virNetworkObjSaveStatus).
    if site.exists(f"/run/libvirt/network/{NETWORK}.xml"):
        site.ask("virsh", "net-destroy", NETWORK)
    site.write("/tmp/network.xml", xml)
    virsh(site, "net-define /tmp/network.xml", f"net-start {NETWORK}", *more)


def define_guest(site: Site, xml: str) -> None:
    site.write("/tmp/guest.xml", xml)
    site.run("virsh", "define", "/tmp/guest.xml")
    known_emulators.keep(site)


def network_and_guest(site: Site, network: str, guest: str) -> None:
    """A network that runs and that libvirt starts, and a guest that is defined: by one virsh."""
    site.write("/tmp/guest.xml", guest)
    restart_network(site, network, f"net-autostart {NETWORK}", "define /tmp/guest.xml")
    known_emulators.keep(site)


def libvirt_site(site: Site) -> None:
    """The healthy site of most cases: one nat network with STP off, and one guest, shut off, that boots from it."""
    start_libvirt(site)
    network_and_guest(site, network_xml(site, stp="off"), guest_xml(network_interface()))


def cold_start(site: Site, bridge: str | None = None, client: str = "udhcpc", *flags: str) -> Attempt:
    """A guest with a new tap asks for an address on the bridge.

    `client` is one of light_client.NAMES. `flags` are light_guest's: --strip, --firmware, --fetch URL.
    """
    tap = f"lt{site.tag}{secrets.token_hex(1)}"
    words = ["--tap", tap, "--bridge", bridge or site.bridge, "--mac", MAC, "--client", client]
    done = site.fork("pxedoctor.lab.light_guest", *words, *flags)
    if done.returncode != 0:
        return Attempt(ok=False, said=done.stderr)
    told = json.loads(done.stdout)
    return Attempt(ok=told["ok"], said=told["said"])


def start_by_libvirt(site: Site) -> Attempt:
    """A start that libvirt or QEMU may refuse before there is any client to ask; then a cold start as ever."""
    started = site.ask("virsh", "start", "--paused", GUEST)
    site.ask("virsh", "destroy", GUEST)
    return cold_start(site) if started.returncode == 0 else Attempt(ok=False, said=started.stderr)
