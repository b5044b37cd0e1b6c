"""The boot file is named by a ProxyDHCP or boot server that is to be asked on port 4011, and does not answer there.

What it does
    Reads what a probe with --fetch saw: an answer of a ProxyDHCP server (PXE's class, no address), in which there is no
    file but only the word to ask further, or a menu; the question to port 4011; and no answer to it. Where another
    server names a file, nothing is said. Of a server of this host, it says which rule drops the question.

Why the guest fails
    Addresses come from one server, boot files from another. Its offers are broadcast and need only port 67; what comes
    next is asked by unicast of port 4011, which a firewall at the proxy, between two networks, or in a rule that knows
    DHCP's ports alone does not let in. UEFI on x86-64 is sent there by dnsmasq where pxe-service is used.

What you see
    PXE-E55: ProxyDHCP service did not reply to request on port 4011; iPXE: "PXEBS (net0 type ...)... Connection timed
    out" (ipxe.org/4c106035); OVMF: PXE-E16 or PXE-E18. The lease itself is there.

Fix
    Let UDP port 4011 in at the proxy, and its answers back. Or do without: a proxy whose offer carries server and file
    is asked nothing (dnsmasq: dhcp-boot beside pxe-service for UEFI), and a DHCP server that names the file itself
    needs no proxy.

Fix safety
    No plan: the proxy and its firewall are another machine's, or another program's.

References
    PXE specification 2.1 sections 2.2 and 2.4, RFC 4578, dnsmasq(8) --pxe-service, tianocore/edk2#8149, ipxe/ipxe#954
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, NotApplicable, Outcome
from pxedoctor.model.observation import Probed, SeenBootServer
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.boot_seen import boot_probes, named_a_file, silent_servers
from pxedoctor.road.netboot import Netboot, netboot_of
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import first_refused, told

META = Meta(
    code="DS012",
    name="proxydhcp-unreachable",
    stage=Stage.SERVER,
    needs=("bridges",),
    consults=("domains", "networks", "processes", "links", "sockets", "netfilter"),
    fix="never",
)


def check(facts: Facts, target: Target) -> Outcome:
    kind = netboot_of(facts.host, target)
    if kind is Netboot.NEVER:
        return NotApplicable("it is not known to boot from the network")
    asked = [seen for seen in boot_probes(facts, target) if seen.boot_servers]
    if not asked:
        return NotApplicable("no probe has asked a ProxyDHCP or boot server")
    for seen in asked:
        silent = silent_servers(seen)
        if silent and not named_a_file(seen):
            return _broken(facts, target, kind, seen, silent)
    return Fine("the boot server that was asked answered, or another named the file")


def _broken(facts: Facts, target: Target, kind: Netboot, seen: Probed, silent: tuple[SeenBootServer, ...]) -> Broken:
    first = silent[0]
    return Broken(
        headline=f"{first.server}, which is to name the boot file, does not answer on port {first.port}.",
        subject=target.segment,
        scope=target.segment_scope,
        hop=Hop.CLIENT,
        leg=Leg.FETCH,
        severity="risk" if kind is Netboot.LATER else "broken",
        evidence=(*_offers(seen), *_asked(seen, silent), *_by_rule(facts, target, first)),
    )


def _offers(seen: Probed) -> tuple[Evidence, ...]:
    """The first answer of each proxy."""
    proxies = {offer.source: offer for offer in reversed(seen.offers) if offer.proxy}
    text = "an answer of a ProxyDHCP server that names no file itself"
    return tuple(
        Evidence(text, f"probe as {seen.profile}, {offer.at:.1f} s", f"{source} ({offer.mac})")
        for source, offer in sorted(proxies.items())
    )


def _asked(seen: Probed, silent: tuple[SeenBootServer, ...]) -> tuple[Evidence, ...]:
    text = "it was asked, and kept silent"
    where = f"probe as {seen.profile}"
    return tuple(Evidence(text, f"{where}, {entry.at:.1f} s", f"{entry.server}:{entry.port}") for entry in silent)


def _by_rule(facts: Facts, target: Target, server: SeenBootServer) -> tuple[Evidence, ...]:
    links = facts.host.links if isinstance(facts.host.links, tuple) else ()
    if server.server not in {entry.address for link in links for entry in link.addresses}:
        return ()
    refused = first_refused(facts, target, (PacketName.PROXY_REQUEST, PacketName.PROXY_REPLY))
    return () if refused is None else told(refused)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    return NoPlan(
        "the server that keeps silent, and the firewall before it, are for whoever runs them",
        (
            "at the server: let UDP port 4011 in, e.g. ufw allow 4011/udp, and see that it listens: ss -lun",
            "or have its offer carry the file: dnsmasq's dhcp-boot=FILE beside pxe-service",
        ),
    )
