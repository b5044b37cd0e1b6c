"""What this host itself serves to the guests of a bridge: DHCP, and the boot files over TFTP."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.road.dnsmasq import served_on, settings_of


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """`services` in firewalld's names (dhcp, tftp), and how that is known. `network`: libvirt's own, if it is one."""

    services: tuple[str, ...]
    text: str
    origin: str
    value: str
    network: Network | None = None


def serving(host: Host, bridge: str) -> Serving | None:
    """None where no server of this host is known on the bridge; a dnsmasq counts only if its settings say so."""
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
    link = host.link(bridge)
    for process in () if isinstance(host.processes, Missing) else host.processes:
        if process.name != "dnsmasq" or not process.alive or process.elsewhere:
            continue
        settings = settings_of(process)
        served = served_on(settings, bridge, link) if settings is not None else None
        if served is not None:
            tftp = ("tftp",) if served.tftp else ()
            text = f"dnsmasq (pid {process.pid}) serves {'DHCP and TFTP' if tftp else 'DHCP'} on {bridge}"
            origin = f"/proc/{process.pid}/cmdline{' and its configuration files' if process.settings else ''}"
            return Serving(services=("dhcp", *tftp), text=text, origin=origin, value=process.command)
    return None
