"""The guest's UEFI could boot from a URL, and drops the offers that name one: they do not say HTTPClient back.

What it does
    For a UEFI guest that is given a URL as its boot file: reads whether the server's settings send option 60,
    HTTPClient, to a client that asks as HTTP boot does, and whether what they name for it is a URL at all. A probe as
    ovmf-http sees the offers themselves.

Why the guest fails
    UEFI has two network boots. PXE asks as PXEClient and takes a file by TFTP; a URL means nothing to it. HTTP boot
    asks as HTTPClient, and takes only offers that are marked for it: option 60 must begin with HTTPClient, and the boot
    file must be a URL. A server that names the URL and sends no option 60 answers neither. <bootp file='http://...'/>
    of a libvirt network is such a server; iPXE, in guests with a BIOS, needs no mark.

What you see
    ">>Start HTTP Boot over IPv4" and, a minute later, "Error: Server response timeout" (PXE-E18); before, "PXE-E23" or
    "PXE-E99" from PXE. In the server's log DISCOVER and OFFER, and no REQUEST.

Fix
    Mark the answer: dnsmasq dhcp-vendorclass=set:http,HTTPClient with dhcp-option-force=tag:http,60,HTTPClient and
    dhcp-boot=tag:http,http://SERVER/FILE; the same lines in <dnsmasq:options> of a libvirt network; for dhcpd a class
    of HTTPClient with `option vendor-class-identifier "HTTPClient"`. Not over DHCPv6, where that option confuses EDK2.

Fix safety
    No plan: it is a line of the server's own configuration, and a libvirt network restarts to take it.

References
    UEFI 2.10 section 24.7, edk2 NetworkPkg/HttpBootDxe/HttpBootDhcp4.c (HttpBootParseDhcp4Packet), dnsmasq(8)
    --dhcp-option-force, libvirt formatnetwork.html, xcat2/xcat-core#7743, cobbler/cobbler#3806, tianocore/edk2#10114
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.observation import Probed, SeenOffer
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import Server
from pxedoctor.road.boot_named import Named, marks_for_http, named, named_for
from pxedoctor.road.boot_seen import boot_probes
from pxedoctor.road.boot_tags import asker
from pxedoctor.road.exchange import servers
from pxedoctor.road.netboot import Netboot, http_architecture_of, netboot_of

META = Meta(
    code="DS011",
    name="http-boot-not-echoed",
    stage=Stage.SERVER,
    needs=("bridges",),
    consults=("domains", "networks", "processes", "links", "sockets"),
    fix="never",
)
_HTTP = "ovmf-http"
_CLASS = "HTTPClient"
_ASK = "pxedoctor diagnose --probe --client ovmf-http"


def check(facts: Facts, target: Target) -> Outcome:
    kind = netboot_of(facts.host, target)
    client = target.client
    if kind is Netboot.NEVER or client is None or not client.name.startswith("ovmf"):
        return NotApplicable("it is not known to boot from the network by UEFI")
    for seen in boot_probes(facts, target):
        if seen.profile == _HTTP and (offers := _of_http(seen)):
            return _by_probe(target, kind, offers)
    found = servers(facts, target)
    if len(found) != 1 or not found[0].here:
        return NotApplicable("its DHCP server is not known, and no probe asked as HTTP boot does")
    return _by_settings(facts, target, kind, found[0])


def _of_http(seen: Probed) -> list[SeenOffer]:
    return [offer for offer in seen.offers if offer.address and offer.asked_for in {"", seen.asked_for}]


def _by_probe(target: Target, kind: Netboot, offers: list[SeenOffer]) -> Outcome:
    marked = [offer for offer in offers if offer.vendor_class.startswith(_CLASS)]
    if any(offer.file.startswith("http") for offer in marked):
        return Fine("an offer is marked for HTTP boot, and names a URL")
    evidence = tuple(
        Evidence(
            f"an offer of {offer.source} ({offer.mac})",
            f"probe as {_HTTP}, {offer.at:.1f} s",
            f"option 60: {offer.vendor_class or '(none)'}, file: {offer.file or '(none)'}",
        )
        for offer in offers
    )
    why = _NO_URL if marked else _NOT_MARKED
    return _broken(target, kind, why, evidence)


_NOT_MARKED = "offers reach the guest's HTTP boot and none of them says HTTPClient back (option 60): it drops them all."
_NO_URL = "the offers are marked for HTTP boot, and what they name is no URL: it drops them."


def _by_settings(facts: Facts, target: Target, kind: Netboot, server: Server) -> Outcome:
    own = named(facts.host, target, server)
    http = named_for(facts.host, target, server, asker(_HTTP, http_architecture_of(facts.host, target)))
    if isinstance(own, Missing) or isinstance(http, Missing):
        missing = own if isinstance(own, Missing) else http
        return Unknown(missing=missing.why if isinstance(missing, Missing) else "", would_help=_ASK)
    by_pxe = own is not None and not own.is_url
    if http is None:
        return NotApplicable("no URL is named for it")
    if by_pxe and target.client is not None and target.client.name != _HTTP:
        return NotApplicable("it boots by PXE, and is named a file for it")
    marks = marks_for_http(facts.host, target, server, asker(_HTTP, http_architecture_of(facts.host, target)))
    if marks is None:
        return Unknown(missing="whether option 60 is sent to a client that asks as HTTP boot does", would_help=_ASK)
    if marks and http.is_url:
        return Fine(f"{http.file} is named, and the offer is marked for HTTP boot")
    return _broken(target, kind, _NO_URL if marks else _NOT_MARKED, _told(http, marks=marks))


def _told(http: Named, *, marks: bool) -> tuple[Evidence, ...]:
    told = Evidence("what is named for HTTP boot", http.origin, http.value)
    return (told,) if marks else (told, Evidence("no line sends option 60, HTTPClient, to it", http.origin))


def _broken(target: Target, kind: Netboot, headline: str, evidence: tuple[Evidence, ...]) -> Broken:
    return Broken(
        headline=headline,
        subject=target.segment,
        scope=target.segment_scope,
        hop=Hop.CLIENT,
        severity="risk" if kind is Netboot.LATER else "broken",
        evidence=evidence,
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    return NoPlan(
        "it is a line of the server's own configuration, and a libvirt network must restart to take it",
        (
            "dnsmasq: dhcp-vendorclass=set:http,HTTPClient and dhcp-option-force=tag:http,60,HTTPClient",
            "and dhcp-boot=tag:http,http://SERVER/FILE; a libvirt network: these lines in <dnsmasq:options>",
        ),
    )
