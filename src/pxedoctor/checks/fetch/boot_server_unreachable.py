"""The server that the boot file is to come from cannot be reached from the guest's segment, or serves no files.

What it does
    Takes the address from <bootp server>, a URL or the third word of dnsmasq's dhcp-boot. On this host: does anything
    listen on that port? Outside of the guest's subnet: is the guest told a router, and has this host a route? A probe
    with --fetch asks for the address, or for its router's, by ARP from the guest's own place, and then for the file.
    Where IPv6 alone is served dnsmasq's option 59 names it: if that is this host, does anything listen over IPv6?

Why the guest fails
    <bootp file> alone makes this host the next server, and without <tftp root> or a server of one's own nobody answers
    on port 69. A libvirt network without <forward> tells its guests no router, so what is outside stays outside. An
    address of another network (a container's, the old server's) is on no road from here.

What you see
    PXE-E11: ARP timeout, PXE-E32: TFTP open timeout, PXE-E18: Server response timeout; iPXE: "Connection timed out"
    (ipxe.org/4c0a6035), or "Network unreachable" (ipxe.org/280a6090). The lease itself comes.

Fix
    Name a server that is there: serve the files on the network itself (<tftp root>), or give an address that its guests
    reach; for a server outside a network with <forward mode='nat'/>, or a second NIC on that server's segment.

Fix safety
    No plan: where the files are, and which networks may meet, is for a person to say.

References
    libvirt formatnetwork.html (bootp server, forward), src/network/bridge_driver.c (an isolated network's
    dhcp-option=3), dnsmasq(8) --dhcp-boot, RFC 2131 (siaddr), metal3-io/metal3-docs#522
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import (
    Broken,
    Certainty,
    Evidence,
    Fine,
    Hop,
    Leg,
    NotApplicable,
    Outcome,
    Severity,
    Unknown,
)
from pxedoctor.model.fact import Missing
from pxedoctor.model.observation import Probed, SeenArp, SeenFetch
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.boot_seen import boot_probes
from pxedoctor.road.boot_server import boot_server, why_unreachable
from pxedoctor.road.exchange import boot_of_target, road_of, servers
from pxedoctor.road.hop import Fate
from pxedoctor.road.netboot import Netboot, netboot_of
from pxedoctor.road.packet_name import PacketName

META = Meta(
    code="TF003",
    name="boot-server-unreachable",
    stage=Stage.FETCH,
    needs=("bridges",),
    consults=("domains", "networks", "processes", "links", "sockets", "routes", "netfilter"),
    fix="never",
    explains=("forwarded-boot-traffic-dropped",),
)
_FETCH = (
    *(PacketName.TFTP_RRQ, PacketName.TFTP_DATA, PacketName.TFTP_ACK),
    *(PacketName.HTTP_SYN, PacketName.HTTP_SYN_ACK),
)


def check(facts: Facts, target: Target) -> Outcome:
    kind = netboot_of(facts.host, target)
    if kind is Netboot.NEVER:
        return NotApplicable("it is not known to boot from the network")
    severity: Severity = "risk" if kind is Netboot.LATER else "broken"
    for seen in boot_probes(facts, target):
        found = _by_probe(facts, target, seen, severity)
        if found is not None:
            return found
    server = boot_server(facts, target)
    if server is None:
        return _over_ipv6(facts, target, severity) or NotApplicable("no server is known to be named for its boot file")
    if isinstance(server, Missing):
        return Unknown(missing=server.why, would_help=server.would_help)
    why = why_unreachable(facts.host, target, server)
    if isinstance(why, Missing):
        return Unknown(missing=why.why, would_help="fetch it: pxedoctor diagnose --probe --fetch")
    if why is None:
        return Fine(f"nothing says that {server.address} cannot be reached")
    told = Evidence("the guest is told to fetch its boot file there", server.named.origin, server.named.value)
    return _broken(
        target, f"{server.address}, where the boot file is to come from, {why.text}", (told, why.evidence), severity
    )


def _over_ipv6(facts: Facts, target: Target, severity: Severity) -> Outcome | None:
    """On a network of IPv6 alone, where dnsmasq's option 59 names this host; None where nothing is fetched so."""
    six = next((server.six for server in servers(facts, target) if server.only_ipv6), None)
    boot = boot_of_target(facts, target)
    if six is None or boot is None:
        return None
    road = road_of(facts, target, PacketName.HTTP_SYN if boot.http else PacketName.TFTP_RRQ)
    end = road.decisive if road is not None else None
    if end is None or end.hop is not Hop.SERVER or end.predicted is not Fate.DROP:
        return Fine(f"nothing says that {boot.address} cannot be reached")
    serves, file = ("HTTP", "/proc/net/tcp6") if boot.http else ("TFTP", "/proc/net/udp6")
    text = (
        f"{boot.address}, where the boot file is to come from, is this host, and nobody here serves {serves} over IPv6."
    )
    told = Evidence("the guest is told to fetch its boot file there", "dnsmasq's option6:bootfile-url", six.boot_url)
    return _broken(target, text, (told, Evidence(end.why, file)), severity)


def _by_probe(facts: Facts, target: Target, seen: Probed, severity: Severity) -> Outcome | None:
    """None where this probe tells nothing of it."""
    lost = [arp for arp in seen.arps if arp.asked in {"boot-server", "gateway"} and not arp.mac]
    if lost:
        return _no_answer(target, seen, lost[-1], severity)
    last = seen.fetches[-1] if seen.fetches else None
    if last is None:
        return None
    if last.outcome == "fetched" or last.received:
        return Fine(f"a probe fetched from it: {last.url}")
    nobody = last.outcome in {"silent", "refused"} and last.status is None and not last.block_size
    if nobody and not _is_dropped_here(facts, target):
        return _silent(target, seen, last, severity)
    return None


def _is_dropped_here(facts: Facts, target: Target) -> bool:
    """A rule of this host ends the fetch: other causes say which."""
    roads = (road_of(facts, target, name) for name in _FETCH)
    return any(road is not None and road.fate is Fate.DROP for road in roads)


def _no_answer(target: Target, seen: Probed, arp: SeenArp, severity: Severity) -> Broken:
    what = "the boot server" if arp.asked == "boot-server" else "the router on the way to the boot server"
    evidence = Evidence(f"a probe asked for {what}, and nobody answered", f"probe as {seen.profile}: ARP", arp.address)
    return _broken(
        target, f"nobody on the guest's segment has the address of {what}, {arp.address}.", (evidence,), severity
    )


def _silent(target: Target, seen: Probed, fetch: SeenFetch, severity: Severity) -> Broken:
    evidence = Evidence(f"a probe as {seen.profile} asked for it", f"probe: {fetch.url}", fetch.why)
    headline = f"the boot server does not serve {fetch.url} to the guest's segment: no answer to the request for it."
    return _broken(target, headline, (evidence,), severity, certainty="likely")


def _broken(
    target: Target,
    headline: str,
    evidence: tuple[Evidence, ...],
    severity: Severity,
    *,
    certainty: Certainty = "proven",
) -> Broken:
    return Broken(
        headline=headline,
        subject=target.segment,
        scope=target.segment_scope,
        hop=Hop.CLIENT,
        leg=Leg.FETCH,
        severity=severity,
        certainty=certainty,
        evidence=evidence,
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    return NoPlan(
        "where the boot files are, and which networks may meet, is for a person to say",
        (
            "files on this host: <tftp root='/srv/tftp'/> in the network's <ip>, or enable-tftp for a dnsmasq",
            "files elsewhere: <bootp file='FILE' server='ADDRESS'/> with an address that the guests reach",
        ),
    )
