"""The DHCP server of the guests answers, and a rule of this host drops the answer on its way back.

What it does
    Walks the server's OFFER and ACK back to the guest, broadcast and unicast, through every base chain that the kernel
    asks on that way: OUTPUT and POSTROUTING for a server that answers through a UDP socket, the hooks of the bridge and
    of its devices for every server. Names the rule or policy that ends them, and whose it is.

Why the guest fails
    To conntrack an OFFER is a new connection: the DISCOVER was sent to everybody, and nobody answers from the address
    of everybody. So "established" lets no OFFER out where OUTPUT drops what it does not know: `ufw default deny
    outgoing`, or a filter of ebtables on the guests' ports. Whether a reply is for everybody or for one address, the
    client says in its DISCOVER: a rule that ends only one of the two kinds ends some clients.

What you see
    In the server's log DHCPDISCOVER and DHCPOFFER, again and again, and never a DHCPREQUEST. DISCOVERs on the tap in
    tcpdump, no OFFER. A server that sends through a socket may log "Operation not permitted" where OUTPUT refuses.

Fix
    One accept of the answers, from UDP port 67 to 68, out to this bridge: in the words of the program that refuses.

Fix safety
    SAFE: one service of this host towards one bridge of guests. Rules below IP are left to who wrote them for ports.

References
    Linux net/netfilter/nf_conntrack_proto_udp.c, RFC 2131 section 4.1 (the BROADCAST bit), ufw(8), ebtables-nft(8)
"""

from pxedoctor.checks.opened import opened
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, NotApplicable, Outcome, Severity, Unknown
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.ended import ACROSS, FROM_HOST
from pxedoctor.road.exchange import road_of, servers
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import Refused, first_unknown, refused, subject, told
from pxedoctor.road.witnessed import weighed

META = Meta(
    code="NF013",
    name="dhcp-reply-dropped",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges"),
    consults=("networks", "processes", "sockets", "links", "sysctls", "firewall_files"),
    fix="sometimes",
)

_BROADCAST = (PacketName.OFFER_BROADCAST, PacketName.ACK_BROADCAST)
_UNICAST = (PacketName.OFFER_UNICAST, PacketName.ACK_UNICAST)
# Clients that set the BROADCAST bit (edk2 Dhcp4Dxe), and that never do (iPXE net/udp/dhcp.c, busybox, ISC dhclient).
_ASKS_BROADCAST = frozenset({"ovmf", "ovmf-http"})
_ASKS_UNICAST = frozenset({"ipxe", "ipxe-rhel", "udhcpc", "udhcpc-n", "dhclient", "cloud-init"})


def check(facts: Facts, target: Target) -> Outcome:
    found = servers(facts, target)
    if not found or found[0].kind is ServerKind.UNKNOWN:
        return NotApplicable("who serves DHCP on its bridge is not known")
    hooks = ACROSS if found[0].kind is ServerKind.OUTSIDE else FROM_HOST
    broadcast, unicast = _first(facts, target, _BROADCAST, hooks), _first(facts, target, _UNICAST, hooks)
    ended = broadcast or unicast
    if ended is not None:
        severity = _severity(target, broadcast is not None, unicast is not None)
        if severity is not None:
            broken = _broken(target, found[0], _of_client(target, broadcast, unicast) or ended, severity)
            # A probe asks for answers to everybody.
            to_all = broadcast is not None and broadcast.packet is PacketName.OFFER_BROADCAST
            return weighed(broken, facts, target) if to_all else broken
    unknown = first_unknown(facts, target, (*_BROADCAST, *_UNICAST), hooks)
    if unknown is not None:
        show = f"see `{unknown.rule.origin}`" if unknown.rule else "run it as root"
        return Unknown(missing=f"what becomes of an OFFER at {unknown.hook}: {unknown.why}", would_help=show)
    return Fine("no rule of this host ends the server's replies")


def _first(facts: Facts, target: Target, names: tuple[PacketName, ...], hooks: tuple[str, ...]) -> Refused | None:
    ended = (refused(road_of(facts, target, name)) for name in names)
    return next((found for found in ended if found is not None and found.hop.hook in hooks), None)


def _severity(target: Target, broadcast: bool, unicast: bool) -> Severity | None:
    """Where only one kind of reply is ended, the client decides; None where it asks for the other."""
    if broadcast and unicast:
        return "broken"
    name = target.client.name if target.client else ""
    if name in _ASKS_BROADCAST:
        return "broken" if broadcast else None
    if name in _ASKS_UNICAST:
        return "broken" if unicast else None
    return "risk"


def _of_client(target: Target, broadcast: Refused | None, unicast: Refused | None) -> Refused | None:
    name = target.client.name if target.client else ""
    return unicast if name in _ASKS_UNICAST else broadcast


def _broken(target: Target, server: Server, ended: Refused, severity: Severity) -> Broken:
    bridge = target.bridge or ""
    what = "ACK" if ended.packet in {PacketName.ACK_BROADCAST, PacketName.ACK_UNICAST} else "OFFER"
    kind = "broadcast" if ended.packet in _BROADCAST else "unicast"
    only = f"{kind} " if severity == "risk" else ""
    return Broken(
        headline=f"{subject(ended.rule)} drops the {only}{what} to {bridge}'s guests: the server answers in vain.",
        subject=bridge,
        scope="network" if server.network else "bridge",
        hop=ended.hop.hop,
        leg=ended.packet.leg,
        severity=severity,
        evidence=(Evidence(server.why, "processes, sockets, libvirt's networks"), *told(ended)),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.firewall_opening import Opening

    wants = Opening(interface=finding.broken.subject, service="dhcp", direction="out")
    return opened(facts, finding.first, (*_BROADCAST, *_UNICAST), (*FROM_HOST, *ACROSS), wants)
