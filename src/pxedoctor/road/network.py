"""What a libvirt network's state means for the road: whether its bridge must exist, and whether libvirt makes it."""

from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Target

# The other modes (bridge, private, vepa, passthrough, hostdev) use devices that somebody else made.
_MODES_WITH_OWN_BRIDGE = frozenset({"", "nat", "route", "open"})


def network_of(host: Host, target: Target) -> Network | None:
    """The network that the target names; for one on a bridge, the network whose bridge that is, an active one first."""
    if isinstance(host.networks, Missing):
        return None
    if target.network is not None:
        return host.network(target.network)
    found = [network for network in host.networks if target.bridge and network.bridge == target.bridge]
    return next((network for network in found if network.active), found[0] if found else None)


def serving_network(host: Host, target: Target) -> Network | None:
    """The running network whose dnsmasq, on this host, should answer the target's DISCOVER."""
    network = network_of(host, target)
    if network is None or not network.active:
        return None
    return network if any(subnet.family == "ipv4" and subnet.serves_dhcp for subnet in network.subnets) else None


def makes_bridge(network: Network) -> bool:
    """Whether libvirt itself makes the network's bridge when it starts it (networkStartNetworkVirtual)."""
    return network.forward in _MODES_WITH_OWN_BRIDGE and bool(network.bridge)


def bridge_is_gone(host: Host, network: Network) -> bool:
    """Its state file is there and its bridge is not: libvirt notices it at its next start only (networkUpdateState)."""
    if isinstance(host.bridges, Missing) or not (network.active and makes_bridge(network)):
        return False
    seen = host.bridge(network.bridge) or host.link(network.bridge) or host.not_understood("bridge", network.bridge)
    return seen is None


def starts_when_woken(host: Host, network: Network) -> bool:
    """It is set to start with its daemon, which sleeps behind a socket and has not started the networks since the boot.

    Whatever connects to libvirt, a guest's start above all, wakes the daemon, and it starts the network before it
    answers. Once it has done so since the boot, it never does again (virDriverShouldAutostart).
    """
    if isinstance(host.libvirt, Missing) or network.active or not network.autostart:
        return False
    owner = host.libvirt.network_owner
    return owner is not None and owner.asleep and not host.libvirt.networks_autostarted


def hidden_network(host: Host, target: Target) -> Unmodelled | None:
    """A network that could not be understood and may be the target's: the one it names or, for a bare bridge, any."""
    if target.network is not None:
        return host.not_understood("network", target.network)
    if target.kind == "nic":
        return None
    return next((entry for entry in host.unmodelled if entry.kind == "network"), None)
