"""What this host itself serves to the guests of a bridge: DHCP, and the boot files over TFTP."""

import re

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """`services` in firewalld's names (dhcp, tftp), and how that is known. `network`: libvirt's own, if it is one."""

    services: tuple[str, ...]
    text: str
    origin: str
    value: str
    network: Network | None = None


def serving(host: Host, bridge: str) -> Serving | None:
    """None where no server of this host is known on the bridge; a dnsmasq counts only if its command line says so."""
    network = host.network_on(bridge)
    if network is not None and network.active and network.forward != "bridge":
        return _by_libvirt(network)
    return _by_dnsmasq(host, bridge)


def _by_libvirt(network: Network) -> Serving | None:
    subnets = [subnet for subnet in network.subnets if subnet.family == "ipv4"]
    ranges = [f"{first} - {last}" for subnet in subnets for first, last in subnet.ranges]
    tftp = next((subnet.tftp_root for subnet in subnets if subnet.tftp_root), "")
    served = (("dhcp",) if any(subnet.serves_dhcp for subnet in subnets) else ()) + (("tftp",) if tftp else ())
    if not served:
        return None
    words = {"dhcp": "DHCP", "tftp": f"TFTP from {tftp}"}
    return Serving(
        services=served,
        text=f"network {network.name} serves {' and '.join(words[service] for service in served)} on {network.bridge}",
        origin=network.origin,
        value=", ".join(ranges) or "reservations only",
        network=network,
    )


def _by_dnsmasq(host: Host, bridge: str) -> Serving | None:
    """dnsmasq(8): --interface names the bridge, --dhcp-range makes it a DHCP server, --enable-tftp a TFTP server."""
    named = re.compile(rf"(?:^|\s)(?:--interface[=\s]|-i\s?)(?:\S+,)?{re.escape(bridge)}(?:,|\s|$)")
    for process in () if isinstance(host.processes, Missing) else host.processes:
        if process.name != "dnsmasq" or not process.alive or not named.search(process.command):
            continue
        if "--dhcp-range" in process.command or re.search(r"(?:^|\s)-F", process.command):
            tftp = ("tftp",) if "--enable-tftp" in process.command else ()
            text = f"dnsmasq (pid {process.pid}) serves {'DHCP and TFTP' if tftp else 'DHCP'} on {bridge}"
            origin = f"/proc/{process.pid}/cmdline"
            return Serving(services=("dhcp", *tftp), text=text, origin=origin, value=process.command)
    return None
