"""The guest is to fetch its boot file from a server that is named, and is told of no DNS server to ask for the name.

What it does
    Where the boot file is a URL with a name in it (http://deploy.example/ipxe.efi): does the server that hands out
    the address tell of a DNS server (option 6)? A libvirt network does unless its DNS is switched off
    (<dns enable='no'/>), a dnsmasq unless it has port=0 and no dhcp-option=6. A probe reads it in the offer itself.
    Whether that DNS server knows the name is not looked at here: a probe with --fetch asks it.

Why the guest fails
    A name has to be looked up, and firmware knows no DNS server but those of its lease. The same URL works on every
    machine that was set up by hand, and with an address in it. On an isolated network of libvirt's DNS is often
    switched off because nothing on it is to be resolved.

What you see
    iPXE: "DNS name does not exist" or "No DNS servers" (ipxe.org/err/3e1162, 440a6c). EDK2's HTTP boot: "Error: Could
    not retrieve NBP file size from HTTP server." at once, without a packet to the server.

Fix
    The address of the server in the URL instead of its name. Or a DNS server: take <dns enable='no'/> away (virsh
    net-edit), or dhcp-option=option:dns-server,ADDRESS for a dnsmasq; in a libvirt network as <dnsmasq:options>.

Fix safety
    No plan: what guests may resolve is for a person to say, and a libvirt network must restart to take it.

References
    RFC 2132 section 3.8, UEFI 2.10 section 24.7 (HTTP boot), dnsmasq(8) (--port, --dhcp-option), libvirt
    formatnetwork.html (dns)
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.observation import Probed, SeenOffer
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import Server
from pxedoctor.road.boot_named import Named, named, names_dns, server_settings, url_by_name
from pxedoctor.road.boot_seen import boot_probes, taken
from pxedoctor.road.boot_tags import asker
from pxedoctor.road.exchange import servers
from pxedoctor.road.netboot import Netboot, architecture_of, netboot_of

META = Meta(
    code="DS018",
    name="boot-name-unresolvable",
    stage=Stage.SERVER,
    needs=("bridges",),
    consults=("domains", "networks", "processes", "links", "sockets"),
    fix="never",
    explains=("boot-server-unreachable",),
)
_DNS = 6
_ASK = "pxedoctor diagnose --probe"


def check(facts: Facts, target: Target) -> Outcome:
    kind = netboot_of(facts.host, target)
    if kind is Netboot.NEVER or target.client is None:
        return NotApplicable("it is not known to boot from the network")
    for seen in boot_probes(facts, target):
        by_name = [offer for offer in taken(seen) if url_by_name(offer.file)]
        if by_name:
            return _by_probe(target, kind, seen, by_name)
    found = servers(facts, target)
    if len(found) != 1 or not found[0].here:
        return NotApplicable("its DHCP server is not known, and no probe was named a URL")
    file = named(facts.host, target, found[0])
    if isinstance(file, Missing):
        return Unknown(missing=file.why, would_help=file.would_help or _ASK)
    if file is None or not file.by_name:
        return NotApplicable("its boot file is not named by a URL with a name in it")
    return _by_settings(facts, target, kind, found[0], file)


def _by_probe(target: Target, kind: Netboot, seen: Probed, offers: list[SeenOffer]) -> Outcome:
    if any(code == _DNS and content for offer in taken(seen) for code, content in offer.options):
        return Fine("an offer tells of a DNS server that it may ask for the name")
    evidence = tuple(
        Evidence(
            f"an offer of {offer.source} without option 6", f"probe as {seen.profile}, {offer.at:.1f} s", offer.file
        )
        for offer in offers
    )
    return _broken(target, kind, url_by_name(offers[0].file), evidence)


def _by_settings(facts: Facts, target: Target, kind: Netboot, server: Server, file: Named) -> Outcome:
    settings = server_settings(facts.host, server)
    client = asker(target.client.name if target.client else "", architecture_of(facts.host, target))
    told = None if isinstance(settings, Missing) else names_dns(settings, client, target.bridge or "")
    if told is None:
        return Unknown(missing=f"whether it is told of a DNS server, to look up {file.by_name}", would_help=_ASK)
    if told:
        return Fine(f"it is told of a DNS server, which it may ask for {file.by_name}")
    evidence = (
        Evidence("the file is named by a URL with a name in it", file.origin, file.value),
        Evidence("no DNS server is told of: the server answers no DNS itself, and has no option 6", file.origin),
    )
    return _broken(target, kind, file.by_name, evidence)


def _broken(target: Target, kind: Netboot, name: str, evidence: tuple[Evidence, ...]) -> Broken:
    return Broken(
        headline=f"the guest is to fetch its boot file from {name}, and is told of no DNS server to ask for that name.",
        subject=target.segment,
        scope=target.segment_scope,
        hop=Hop.CLIENT,
        leg=Leg.FETCH,
        severity="risk" if kind is Netboot.LATER else "broken",
        evidence=evidence,
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    return NoPlan(
        "what guests may resolve is for a person to say",
        (
            "the server's address in the URL, in the place of its name",
            "a libvirt network: <dns enable='yes'/>, or <dnsmasq:option value='dhcp-option=6,ADDRESS'/>",
        ),
    )
