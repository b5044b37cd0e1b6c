"""br_netfilter has bridged frames pass this host's IP rules, and FORWARD drops the guests' DHCP.

What it does
    Where the DHCP server is behind another port of the guests' bridge, and br_netfilter is on for IPv4 (for the whole
    host, or for this bridge: one of the two is enough), walks DISCOVER, OFFER, REQUEST and ACK through the IP hooks
    that a bridged frame then passes, and names the rule or policy that ends one of them, and whose it is.

Why the guest fails
    A frame from one port of a bridge to another is not routed, and no IP rule has to see it. The module br_netfilter
    shows it to iptables all the same, as if this host forwarded it. Docker and ufw set FORWARD's policy to DROP, for
    what is routed; a guest's DISCOVER to the server in the LAN dies of it. The module is loaded by others (Docker, a
    rule with -m physdev), and its loading sets the switches to 1, later than sysctl.conf was read.

What you see
    ARP works, the switch learns the guest's MAC, and no IP packet comes through. DISCOVERs on the tap and on the bridge
    in tcpdump, none on the uplink. PXE-E51 since "apt install docker.io".

Fix
    An accept of frames from port to port of this bridge, in the words of the program whose rule refuses: DOCKER-USER,
    `ufw route allow in on br0 out on br0`. Docker keeps nothing of its chain over a reboot: where systemd runs dockerd,
    a file beside its unit sets the rule again whenever it has started. Or no IP rules for bridged frames at all:
    net.bridge.bridge-nf-call-iptables = 0, for every bridge of the host but Docker's, which get the switch of their own
    first (nf_call_iptables = 1); for good by a rule of udev's for when br_netfilter is loaded. The switch of one bridge
    alone (nf_call_iptables = 0) does nothing while that of the host is 1: the kernel asks for either.

Fix safety
    RISKY: whoever rests on FORWARD to keep guests of one bridge apart loses it. The switch is RISKY too, and refused
    where nwfilter's IP rules, Proxmox VE's firewall, Kubernetes or OpenStack rest on it: they make bridges as they
    need them, so that no switch of single bridges would be enough.

References
    Linux net/bridge/br_netfilter_hooks.c, Documentation/networking/ip-sysctl.rst (bridge-nf-call-iptables),
    https://wiki.libvirt.org/Net.bridge.bridge-nf-call_and_sysctl.conf.html, moby/moby#31245, docker/for-linux#949
"""

import msgspec

from pxedoctor.checks.opened import opened
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import known
from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.exchange import servers
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import Refused, first_refused, first_unknown, subject, told

META = Meta(
    code="NF006",
    name="bridged-frames-hit-forward",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges", "sysctls"),
    consults=("networks", "processes", "sockets", "links", "firewall_files"),
    fix="sometimes",
)

_SWITCH = "net/bridge/bridge-nf-call-iptables"
_EXCHANGE = (
    PacketName.DISCOVER,
    PacketName.OFFER_BROADCAST,
    PacketName.OFFER_UNICAST,
    PacketName.REQUEST,
    PacketName.ACK_BROADCAST,
    PacketName.ACK_UNICAST,
)
_HOOKS = ("ip prerouting", "ip forward", "ip postrouting")
# What asks for the way back belongs to another cause (xt_rpfilter, nft's fib).
_WAY_BACK = ("rpfilter", "fib ")


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    bridge = host.bridge(target.bridge or "")
    outside = [server for server in servers(facts, target) if server.kind is ServerKind.OUTSIDE]
    if bridge is None or not outside:
        return NotApplicable("no DHCP server is behind another port of its bridge")
    sysctls = known(host.sysctls)
    if sysctls.get(_SWITCH) != "1" and bridge.nf_call_iptables is False:
        return Fine(f"frames that {bridge.name} carries from port to port pass no rules of IP")
    refused = first_refused(facts, target, _EXCHANGE)
    if refused is not None and _is_bridged(refused):
        return _broken(host, bridge.name, outside[0], refused)
    unknown = first_unknown(facts, target, _EXCHANGE, _HOOKS)
    if unknown is not None:
        show = f"see `{unknown.rule.origin}`" if unknown.rule else "run it as root"
        return Unknown(missing=f"what becomes of bridged DHCP at {unknown.hook}: {unknown.why}", would_help=show)
    return Fine(f"frames that {bridge.name} carries pass the rules of IP, and none of those ends DHCP")


def _is_bridged(refused: Refused) -> bool:
    return refused.hop.hook in _HOOKS and not any(word in refused.rule.text for word in _WAY_BACK)


def _broken(host: Host, bridge: str, server: Server, refused: Refused) -> Broken:
    return Broken(
        headline=f"{subject(refused.rule)} drops the {refused.packet} of {bridge}'s guests: br_netfilter has frames "
        "that are only bridged pass it.",
        subject=bridge,
        scope="bridge",
        hop=refused.hop.hop,
        leg=refused.packet.leg,
        evidence=(
            *_switches(host, bridge),
            Evidence(f"the DHCP server: {server.why}", "the bridge's ports"),
            *told(refused),
        ),
    )


def _switches(host: Host, bridge: str) -> tuple[Evidence, ...]:
    text = "br_netfilter shows bridged frames to the rules of IP"
    if known(host.sysctls).get(_SWITCH) == "1":
        return (Evidence(text, f"/proc/sys/{_SWITCH}", "1"),)
    return (Evidence(text, f"/sys/class/net/{bridge}/bridge/nf_call_iptables", "1"),)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    """An accept where it is refused; where its owner takes none, no rules of IP for bridged frames at all."""
    from pxedoctor.plans.firewall_bridge_nf import switched_off
    from pxedoctor.plans.firewall_opening import Opening

    wants = Opening(interface=finding.broken.subject, service="dhcp", direction="bridged")
    made = opened(facts, finding.first, _EXCHANGE, _HOOKS, wants)
    if isinstance(made, Plan):
        return made
    off = switched_off(facts.host, "iptables", finding.broken.subject)
    because = f"An accept in FORWARD is not pxedoctor's to write: {made.because}"
    if isinstance(off, NoPlan):
        return NoPlan(f"{because}; and {off.because}", made.instead)
    return msgspec.structs.replace(off, other_ways=(f"{because}.", *made.instead, *off.other_ways))
