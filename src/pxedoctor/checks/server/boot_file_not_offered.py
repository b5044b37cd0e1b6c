"""The guest boots from the network alone, and the server that gives it an address names no boot file, or not where.

What it does
    For a guest that has nothing else to boot from: looks for the boot file in what its DHCP server is set to hand out
    (<bootp file> of a libvirt network, dhcp-boot and pxe-service of a dnsmasq, as its tags select them for this
    firmware). A probe sees it in the offers themselves, also in those of ProxyDHCP servers, and whether iPXE is told
    from which server to fetch the file.

Why the guest fails
    The lease comes, and then the firmware has nothing to fetch. libvirt's network hands out addresses without a boot
    file unless <bootp> names one; <tftp root> alone names none. ISC dhcpd no longer puts its own address into siaddr:
    a file without next-server leaves iPXE with a name and no server (option 66 does not help it).

What you see
    PXE-E53: No boot filename received; iPXE: "Nothing to boot" (ipxe.org/2d03e13b), or "Operation not supported"
    (ipxe.org/3c0920) where only the server is missing. In the server's log everything up to DHCPACK.

Fix
    Say which file: <bootp file='...'/> in the network's <dhcp>, dhcp-boot=FILE,,SERVER for a dnsmasq, `filename` and
    `next-server` for dhcpd, boot-file-name and next-server for Kea. libvirt's network takes it when it next starts.

Fix safety
    No plan: which file the guest should boot is for a person to say, and a network that restarts drops its guests.

References
    libvirt formatnetwork.html (bootp, tftp), dnsmasq(8) --dhcp-boot, --pxe-service, RFC 2131 table 1 (siaddr, file),
    RFC 2132 9.4, 9.5, ipxe src/usr/autoboot.c, kentonv/lanparty#4, ovn-org/ovn#37, apache/cloudstack#11578
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.observation import Probed, SeenOffer
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.boot_named import Named, named, server_settings, url6
from pxedoctor.road.boot_seen import boot_probes, names_file, names_server, silent_servers, taken
from pxedoctor.road.exchange import servers
from pxedoctor.road.netboot import Netboot, domain_of, netboot_of
from pxedoctor.road.serving6 import Serving6

META = Meta(
    code="DS009",
    name="boot-file-not-offered",
    stage=Stage.SERVER,
    needs=("bridges",),
    consults=("domains", "networks", "processes", "links", "sockets"),
    fix="never",
)
_ASK = "ask in the guest's name: pxedoctor diagnose --probe"


def check(facts: Facts, target: Target) -> Outcome:
    kind = netboot_of(facts.host, target)
    if kind is Netboot.NEVER:
        return NotApplicable("it is not known to boot from the network")
    if kind is not Netboot.ALONE:
        return NotApplicable("without a boot file it boots from another device")
    probes = [seen for seen in boot_probes(facts, target) if taken(seen)]
    if probes:
        return _by_probe(facts, target, probes)
    found = servers(facts, target)
    if found and found[0].six is not None:
        return _over_ipv6(facts, target, found[0].six)
    if len(found) != 1 or found[0].kind in {ServerKind.OUTSIDE, ServerKind.UNKNOWN}:
        return Unknown(missing="whether its DHCP server, which is not known, names a boot file", would_help=_ASK)
    return _by_settings(facts, target, found[0])


def _by_probe(facts: Facts, target: Target, probes: list[Probed]) -> Outcome:
    if any(silent_servers(seen) for seen in probes):
        return NotApplicable("the server that is to name its boot file was asked in vain (see proxydhcp-unreachable)")
    without = [seen for seen in probes if not names_file(seen)]
    if len(without) == len(probes):
        headline = "the lease is offered, and no server names a boot file; the guest has nothing else to boot from."
        return _broken(facts, target, headline, _offers(without, "an offer without a boot file"))
    for seen in probes:
        if seen.profile.startswith("ipxe") and _lacks_server(seen):
            headline = "a boot file is named, and no server to fetch it from: next-server (siaddr) is empty."
            return _broken(facts, target, headline, _offers([seen], "an offer with a file and without a server"))
    return Fine("a boot file is offered")


def _lacks_server(seen: Probed) -> bool:
    """Every file that this client was offered lacks its server; a boot server that named one is where to fetch it."""
    naming = [offer for offer in seen.offers if offer.file and not offer.refused]
    return bool(naming) and not any(names_server(offer) for offer in naming) and not seen.boot_servers


def _by_settings(facts: Facts, target: Target, server: Server) -> Outcome:
    file = named(facts.host, target, server)
    if isinstance(file, Missing):
        return Unknown(missing=file.why, would_help=_ASK)
    if isinstance(file, Named):
        return Fine(f"{server.program} names the boot file {file.file}")
    settings = server_settings(facts.host, server)
    serves_files = not isinstance(settings, Missing) and settings.has("enable-tftp")
    if not serves_files:
        return Unknown(
            missing="whether a ProxyDHCP server names the boot file that this server does not", would_help=_ASK
        )
    headline = f"{_who(server)} serves files by TFTP and names none of them: the guest has nothing to boot from."
    evidence = Evidence("it serves files, and its settings name no boot file for this guest", _origin(server))
    return _broken(facts, target, headline, (evidence,), proven=False)


def _over_ipv6(facts: Facts, target: Target, six: Serving6) -> Outcome:
    url = url6(facts.host, six)
    if isinstance(url, Missing):
        return Unknown(missing=url.why, would_help=_ASK)
    if url:
        return Fine(f"{six.why}, and names the boot file {url}")
    headline = f"{six.why}, and names no URL of a boot file (option 59): the guest has nothing to boot from."
    origin = six.network.origin if six.network is not None else f"/proc/{six.pid}/cmdline and its configuration files"
    evidence = Evidence("its settings have no line dhcp-option=option6:bootfile-url", origin)
    return _broken(facts, target, headline, (evidence,), proven=False)


def _who(server: Server) -> str:
    return (
        f"the network {server.network.name}" if server.network is not None else f"{server.program} (pid {server.pid})"
    )


def _origin(server: Server) -> str:
    if server.network is not None:
        return f"{server.network.origin}: ip/dhcp/bootp"
    return f"/proc/{server.pid}/cmdline and its configuration files"


def _broken(
    facts: Facts, target: Target, headline: str, evidence: tuple[Evidence, ...], *, proven: bool = True
) -> Broken:
    return Broken(
        headline=headline,
        subject=target.segment,
        scope=target.segment_scope,
        hop=Hop.CLIENT,
        certainty="proven" if proven else "likely",
        evidence=(*evidence, *_boots(facts, target)),
    )


def _boots(facts: Facts, target: Target) -> tuple[Evidence, ...]:
    domain = domain_of(facts.host, target)
    if domain is None:
        return ()
    return (Evidence("it boots from this NIC and nothing else", f"{domain.origin}: os/boot, devices/*/boot"),)


def _offers(probes: list[Probed], text: str) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            f"{text}, from {offer.source} ({offer.mac})", f"probe as {seen.profile}, {offer.at:.1f} s", _words(offer)
        )
        for seen in probes
        for offer in taken(seen)
    )


def _words(offer: SeenOffer) -> str:
    return f"file {offer.file or '(none)'}, next-server {offer.next_server or '(none)'}"


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    network = facts.host.network(finding.broken.subject)
    if network is None:
        return NoPlan(
            "which file the guest should boot is not for pxedoctor to say",
            (
                "dnsmasq: dhcp-boot=FILE in its configuration, then restart it",
                "ISC dhcpd: filename and next-server; Kea: boot-file-name and next-server",
            ),
        )
    return NoPlan(
        "which file the guest should boot is not for pxedoctor to say, and the network must restart to take it",
        (
            f"virsh net-edit {network.name}: <bootp file='FILE'/> in <dhcp>",
            f"with no guest on it: virsh net-destroy {network.name}; virsh net-start {network.name}",
        ),
    )
