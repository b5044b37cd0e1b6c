"""This host has stopped to route for the guests of a libvirt network that leads out through it.

What it does
    For a running libvirt network whose guests reach others through this host (nat, route): reads the switches that let
    the kernel route what comes in from the network's bridge, and what comes back from the device that leads to the boot
    server. Where the boot file is on this host, or on the bridge, guests boot all the same, and it is a risk.

Why the guest fails
    libvirt turns routing on when it starts such a network (net.ipv4.ip_forward = 1), and never looks again. Whoever
    writes 0 there later turns it off for every device at once: a hardening script, a sysctl file of another package
    that systemd-sysctl or `sysctl --system` applies, somebody's VPN client on its way out. The guest gets its address
    from dnsmasq as before; what it sends to the boot server ends in the host's routing, without a word.

What you see
    An address, and then PXE-E32, "Connection timed out", or a system that is installed from nowhere. tcpdump shows the
    request on the bridge and not on the uplink. `sysctl net.ipv4.ip_forward` says 0. A restart of the network cures it.

Fix
    sysctl -w net/ipv4/conf/BRIDGE/forwarding=1, and the same for the uplink. For good: find who sets it to 0
    (grep -rs ip_forward /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d /run/sysctl.d), and let it be.

Fix safety
    RISKY: it may have been turned off on purpose, and only FORWARD's rules stand between the two networks then. Only
    the devices on the guests' way are changed: net.ipv4.ip_forward would set every device's switch, and its undo, too.

References
    Linux Documentation/networking/ip-sysctl.rst ip_forward, include/linux/inetdevice.h IN_DEV_FORWARD;
    libvirt src/network/bridge_driver.c networkEnableIPForwarding
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.road.exchange import boot_of_target
from pxedoctor.road.parties import Boot, BootFrom

META = Meta(
    code="UP003",
    name="ip-forwarding-off",
    stage=Stage.UPLINK,
    needs=("networks", "sysctls"),
    consults=("bridges", "links", "routes", "processes"),
    fix="sometimes",
    explains=("boot-server-unreachable", "forwarded-boot-traffic-dropped"),
)
_ROUTED = frozenset({"nat", "route"})
_HOST_WIDE = "net/ipv4/ip_forward"


def check(facts: Facts, target: Target) -> Outcome:
    network = facts.host.network(target.network) if target.network else None
    if network is None or network.forward not in _ROUTED or not network.bridge:
        return NotApplicable("its guests reach nobody through this host's routing")
    if not network.active or not any(subnet.family == "ipv4" for subnet in network.subnets):
        return NotApplicable(f"the network {network.name} does not route IPv4 now")
    boot = _routed_boot(facts, target)
    devices = _devices(network, boot)
    unread = next((name for name in devices if _switch(facts.host, name) is None), None)
    if unread is not None:
        return Unknown(missing=f"whether the kernel routes what comes in through {unread}", would_help="sysctl -a")
    closed = [name for name in devices if _switch(facts.host, name) == "0"]
    return _broken(facts.host, network, boot, closed) if closed else Fine(f"this host routes for {network.name}")


def _routed_boot(facts: Facts, target: Target) -> Boot | None:
    boot = boot_of_target(facts, target)
    return boot if boot is not None and boot.where is BootFrom.ROUTED else None


def _devices(network: Network, boot: Boot | None) -> list[str]:
    """Those through which packets come in that are to be routed: the guests' first."""
    return [network.bridge, *([boot.device] if boot is not None and boot.device else [])]


def _path(device: str) -> str:
    return f"net/ipv4/conf/{device}/forwarding"


def _switch(host: Host, device: str) -> str | None:
    return None if isinstance(host.sysctls, Missing) else host.sysctls.get(_path(device))


def _broken(host: Host, network: Network, boot: Boot | None, closed: list[str]) -> Broken:
    where = f"their boot server {boot.address}" if boot is not None else "others"
    what = "what comes in from" if closed[0] == network.bridge else "what comes back through"
    off = known(host.sysctls).get(_HOST_WIDE) == "0"
    host_wide = (Evidence("routing is off for the whole host", f"/proc/sys/{_HOST_WIDE}", "0"),) if off else ()
    return Broken(
        headline=f"This host does not route {what} {closed[0]}: the guests of {network.name} do not reach {where}.",
        subject=network.name,
        scope="network",
        hop=Hop.ROUTE,
        leg=Leg.FETCH,
        severity="broken" if boot is not None else "risk",
        evidence=(
            *(_needed(network, boot) if boot is not None else ()),
            *(
                Evidence(f"not routed: what comes in through {name}", f"/proc/sys/{_path(name)}", "0")
                for name in closed
            ),
            *host_wide,
        ),
    )


def _needed(network: Network, boot: Boot) -> tuple[Evidence, ...]:
    way = f"through {boot.device}" if boot.device else "by which way is not known"
    text = f"the guests of {network.name} fetch their boot file from {boot.address}"
    return (Evidence(text, f"virsh net-dumpxml {network.name}: <bootp>", way),)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.sysctl import SetSysctl

    target, network = finding.first, facts.host.network(finding.broken.subject)
    if target is None or network is None:
        return NoPlan(f"the network {finding.broken.subject} is not there any more")
    closed = [name for name in _devices(network, _routed_boot(facts, target)) if _switch(facts.host, name) == "0"]
    lose = f"Between {network.name} and what is behind this host only the rules of FORWARD stand then."
    steps = tuple(
        SetSysctl(
            name=_path(name),
            value="1",
            what=f"route what comes in through {name}",
            safety=Safety.RISKY,
            may_lose=lose,
        )
        for name in closed
    )
    return Plan(
        steps=steps,
        other_ways=(
            "For good: find who turns it off, else it will be again: grep -rs ip_forward /etc/sysctl.conf "
            "/etc/sysctl.d /usr/lib/sysctl.d /run/sysctl.d",
            f"As libvirt does at the network's start, for every device: sysctl -w {_HOST_WIDE.replace('/', '.')}=1",
        ),
    )
