"""libvirt refuses to start a network with IPv6: this host has routes that the start would have the kernel flush.

What it does
    For a network that is not active, reaches others through this host (nat, route) and has an IPv6 address: looks for
    routes that the kernel took from a router's advertisements on devices whose accept_ra is 1. Routes that
    NetworkManager or systemd-networkd take from advertisements are their own (they set accept_ra to 0), and stay.

Why the guest fails
    To route for its guests libvirt turns IPv6 forwarding on. A host that forwards is a router, and a router takes no
    advertisements unless accept_ra is 2: the kernel drops the routes that it has from them, often the host's only
    default route. So libvirt looks first, and does not start the network: no bridge, no DHCP server, IPv4 neither.

What you see
    "Check the host setup: interface eno1 has kernel autoconfigured IPv6 routes and enabling forwarding without
    accept_ra set to 2 will cause the kernel to flush them, breaking networking" at virsh net-start, or in libvirt's log
    after a boot. `sysctl net.ipv6.conf.eno1.accept_ra` says 1. `ip -6 route show dev eno1` shows a default route of
    `proto ra`, or at least the prefix that the router announced.

Fix
    sysctl -w net/ipv6/conf/eno1/accept_ra=2, then virsh net-start NETWORK; for good: net.ipv6.conf.eno1.accept_ra = 2
    in a file below /etc/sysctl.d. Or take the <ip family='ipv6'> out of the network.

Fix safety
    SAFE: with accept_ra at 2 the host takes advertisements as before, forwarding or not.

References
    libvirt src/util/virnetdevip.c virNetDevIPCheckIPv6Forwarding; Linux Documentation/networking/ip-sysctl.rst
    accept_ra; corpus of reports: autotest/tp-libvirt#4745, SUSE-Cloud/automation#1837, lago-project/lago#749
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.road.network import network_of

META = Meta(
    code="UP005",
    name="ra-routes-block-network",
    stage=Stage.UPLINK,
    needs=("networks",),
    consults=("routes", "sysctls"),
    fix="sometimes",
    explains=("network-inactive", "tap-without-bridge"),
)
_ROUTED = frozenset({"nat", "route"})
_SURVIVES = "2"
# libvirt reads the same.
_FLAGS = "/proc/net/ipv6_route"


def check(facts: Facts, target: Target) -> Outcome:
    network = network_of(facts.host, target)
    if network is None or network.forward not in _ROUTED:
        return NotApplicable("it is on no network of libvirt's for which this host routes")
    if not any(subnet.family == "ipv6" for subnet in network.subnets):
        return NotApplicable(f"the network {network.name} has no IPv6")
    if network.active:
        return Fine(f"the network {network.name} is active")
    if isinstance(facts.host.routes, Missing):
        return Unknown(missing=facts.host.routes.why, would_help=facts.host.routes.would_help)
    devices = _advertised(facts.host)
    if devices is None:
        return Unknown(missing="whose routes come from a router's advertisements", would_help=f"cat {_FLAGS}")
    unread = next((name for name in devices if _accepts(facts.host, name) is None), None)
    if unread is not None:
        help_words = f"sysctl net.ipv6.conf.{unread}.accept_ra"
        return Unknown(missing=f"whether {unread} keeps its routes when the host forwards", would_help=help_words)
    flushed = _flushed(facts.host)
    if flushed and _accepts(facts.host, "all") != _SURVIVES:
        return _broken(network, flushed)
    return Fine("this host has no route that the network's start would have the kernel flush")


def _advertised(host: Host) -> tuple[str, ...] | None:
    """Devices with routes that the kernel took from advertisements; None where that is not known."""
    routes = [route for route in known(host.routes) if route.family == "inet6"]
    if any(route.advertised is None for route in routes):
        return None
    return tuple(dict.fromkeys(route.device for route in routes if route.advertised and route.device))


def _path(device: str) -> str:
    return f"net/ipv6/conf/{device}/accept_ra"


def _accepts(host: Host, device: str) -> str | None:
    return None if isinstance(host.sysctls, Missing) else host.sysctls.get(_path(device))


def _flushed(host: Host) -> tuple[str, ...]:
    """The devices whose routes the kernel itself took from advertisements, and drops once the host forwards."""
    return tuple(name for name in _advertised(host) or () if _accepts(host, name) == "1")


def _broken(network: Network, devices: tuple[str, ...]) -> Broken:
    names = ", ".join(devices)
    return Broken(
        headline=f"libvirt does not start the network {network.name}: turning IPv6 forwarding on would cost this host "
        f"the routes that {names} learned from a router.",
        subject=network.name,
        scope="network",
        hop=Hop.BRIDGE,
        evidence=(
            Evidence(f"the network {network.name} is not active, and has IPv6", network.origin, network.forward),
            *(entry for name in devices for entry in _of_device(name)),
        ),
    )


def _of_device(name: str) -> tuple[Evidence, ...]:
    return (
        Evidence(f"{name} has routes that the kernel took from a router's advertisements", _FLAGS, "RTF_ADDRCONF"),
        Evidence("and gives them up once the host forwards", f"/proc/sys/{_path(name)}", "1"),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    network, devices = facts.host.network(finding.broken.subject), _flushed(facts.host)
    if network is None or not devices:
        return NoPlan("nothing keeps libvirt from starting it any more")
    from pxedoctor.plans.network import StartNetwork
    from pxedoctor.plans.sysctl import SetSysctl

    kept = tuple(
        SetSysctl(
            name=_path(name),
            value=_SURVIVES,
            what=f"have {name} take a router's advertisements although the host forwards",
            safety=Safety.SAFE,
            stays=f"libvirt leaves forwarding on, and {name} would lose the routes that a router advertised",
        )
        for name in devices
    )
    settings = ", ".join(f"{_path(name)} = {_SURVIVES}" for name in devices)
    return Plan(
        steps=(*kept, StartNetwork(network=network.name, bridge=network.bridge)),
        other_ways=(
            f"For good: {settings} in a file below /etc/sysctl.d.",
            f"Instead, where guests need no IPv6: virsh net-edit {network.name}, without <ip family='ipv6'>.",
        ),
    )
