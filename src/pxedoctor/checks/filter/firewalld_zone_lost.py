"""firewalld runs, and the guests' bridge is in no zone, or in one that refuses DHCP (or TFTP) to this host.

What it does
    Where firewalld runs and this host serves DHCP on a bridge, follows firewalld's run-time configuration for a packet
    from that bridge to UDP port 67 (and 69, where the libvirt network has a tftp root): the zone of a source, else of
    the bridge, else the default zone; the policies towards HOST; rich rules, services, ports, target.

Why the guest fails
    libvirt binds its bridges to zone `libvirt` at run time only. A reload of firewalld forgets that
    (FlushAllOnReload=yes, the default), and libvirt repeats it only if its daemon runs and hears of it. A bridge
    without a zone falls into the default zone, most often `public`, which does not let DHCP in. libvirt's own ACCEPT in
    iptables does not help: firewalld's own base chain is asked after it, and what is dropped in one is dropped.

What you see
    DISCOVERs on the bridge in tcpdump, nothing in the server's log. `firewall-cmd --get-zone-of-interface=virbr0` says
    "no zone", or a zone in which `firewall-cmd --zone=Z --query-service=dhcp` says "no". PXE-E51, ipxe.org/040ee119.

Fix
    Put the bridge back into libvirt's zone, at run time, as libvirt itself does. Where it is in its own zone and that
    lost the service, or where no libvirt network stands behind the bridge, let the one service in through its zone.
    The old way, to stop and disable firewalld, opens every port of this host to everybody, ends at the next update that
    enables it again, and is not needed: one binding was lost. The same goes for zone `trusted`.

Fix safety
    SAFE where the zone that the bridge leaves lets nothing in that libvirt's zone does not, and where the service is
    let in for this bridge alone; else RISKY, naming what is lost or what else is opened. Undone by firewall-cmd itself,
    and by removing the file again. firewalld keeps the chains of a zone that was used once until its next reload:
    nothing leads to them, and `undo` names them.

References
    https://wiki.libvirt.org/PXE_boot_or_dhcp_on_guest_failed.html ("firewall rules"), libvirt
    src/network/bridge_driver_linux.c networkAddFirewallRules, firewalld.conf(5) FlushAllOnReload, firewalld.zone(5),
    firewalld.policies(5), nft(8) "Verdict statements"
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Severity, Unknown
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.firewalld import Firewalld, Opening, Zone
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.firewall import AddService, SetZone
from pxedoctor.plans.firewall_firewalld import old_ways
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Step
from pxedoctor.road.exchange import road_of
from pxedoctor.road.hop import Fate
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import refused
from pxedoctor.road.serving import Serving, serving
from pxedoctor.road.zone import PORTS, ZoneFate, in_zone

META = Meta(
    code="NF003",
    name="firewalld-zone-lost",
    stage=Stage.FILTER,
    needs=("firewalld",),
    consults=("networks", "processes", "links", "domains", "netfilter", "bridges", "sysctls"),
    fix="sometimes",
)

_WORDS = {"dhcp": "DHCP", "tftp": "TFTP"}
# A client of the host's own uplink (udp 546): nothing that guests ask of this host.
_NOT_FOR_GUESTS = frozenset({"dhcpv6-client"})
_LIBVIRTS = ("libvirt", "libvirt-routed")


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    firewalld = known(host.firewalld)
    if not firewalld.running:
        return NotApplicable("firewalld does not run")
    if isinstance(host.networks, Missing) and host.networks.status != "absent":
        # Where libvirt has no networks at all, the bridge may still be served by this host.
        known(host.networks)
    served = serving(host, target.bridge) if target.bridge else None
    if target.bridge is None or served is None:
        return NotApplicable("no DHCP or TFTP server of this host is known on its bridge")
    fates = {service: in_zone(host, firewalld, target.bridge, service) for service in served.services}
    for service, ruled in fates.items():
        if ruled.fate is Fate.DROP:
            return _broken(facts, target, served, service, ruled)
    for service, ruled in fates.items():
        if ruled.fate is Fate.UNKNOWN:
            return Unknown(
                missing=f"whether firewalld lets {_WORDS[service]} in: {ruled.why}",
                would_help=f"firewall-cmd --info-zone={ruled.zone}; nft list chain inet firewalld filter_INPUT_ZONES",
                on_road=True,
            )
    return Fine("; ".join(ruled.why for ruled in fates.values()))


def _broken(facts: Facts, target: Target, served: Serving, service: str, ruled: ZoneFate) -> Broken:
    firewalld = known(facts.host.firewalld)
    bridge = target.bridge or ""
    word = _WORDS[service]
    if ruled.bound:
        headline = f"firewalld has {bridge} in zone {ruled.zone}, where {word} to this host is refused."
    else:
        headline = f"{bridge} is in no zone of firewalld: the default zone {ruled.zone} decides, and refuses {word}."
    return Broken(
        headline=headline,
        subject=bridge,
        scope="network" if served.network else "bridge",
        hop=Hop.INPUT,
        severity=_severity(facts, target, service),
        evidence=(
            Evidence(served.text, served.origin, served.value),
            *_zone_evidence(firewalld, bridge, ruled),
            Evidence(f"UDP port {PORTS[service]}: {ruled.why}", f"firewall-cmd --info-zone={ruled.zone}", "refused"),
            _other_rules_evidence(firewalld),
        ),
    )


def _severity(facts: Facts, target: Target, service: str) -> Severity:
    if known(facts.host.firewalld).backend == "iptables" and not _dies(facts, target, service):
        return "risk"
    if service == "tftp" and target.client is not None and not target.client.firmware:
        return "risk"
    return "broken"


def _dies(facts: Facts, target: Target, service: str) -> bool:
    """In iptables' INPUT an accept that stands above firewalld's rules wins."""
    ended = refused(road_of(facts, target, PacketName.DISCOVER if service == "dhcp" else PacketName.TFTP_RRQ))
    return ended is not None and ended.rule.owner == "firewalld"


def _zone_evidence(firewalld: Firewalld, bridge: str, ruled: ZoneFate) -> tuple[Evidence, ...]:
    command = f"firewall-cmd --get-zone-of-interface={bridge}"
    if not ruled.bound:
        flush = {True: "yes", False: "no", None: "not known"}[firewalld.flush_all_on_reload]
        return (
            Evidence(f"{bridge} is bound to no zone", command, "no zone"),
            Evidence(f"the default zone is {ruled.zone}", "firewall-cmd --get-default-zone", ruled.zone),
            Evidence("whether a reload forgets bindings", "/etc/firewalld/firewalld.conf FlushAllOnReload", flush),
        )
    bound = Evidence(f"{bridge} is bound to zone {ruled.zone}", command, ruled.zone)
    zone = firewalld.zone(ruled.zone)
    if zone is None or not zone.by_a_person:
        return (bound,)
    services = " ".join(zone.stored_services or ()) or "none"
    text = f"an administrator's file defines zone {zone.name}, in place of the one that came with its package"
    return (bound, Evidence(text, zone.stored_in, f"services: {services}"))


def _other_rules_evidence(firewalld: Firewalld) -> Evidence:
    origin = "/etc/firewalld/firewalld.conf FirewallBackend"
    if firewalld.backend == "iptables":
        text = "its rules hang in iptables' INPUT: while libvirt's ACCEPT stands above them, packets still pass"
    else:
        text = "libvirt's ACCEPT in iptables does not help: firewalld's own base chain is asked after it"
    return Evidence(text, origin, firewalld.backend or "not known")


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    bridge = finding.broken.subject
    firewalld = facts.host.firewalld
    served = serving(facts.host, bridge)
    if isinstance(firewalld, Missing) or served is None:
        return NoPlan("firewalld's zones, or what this host serves, could not be read")
    own = firewalld.zone_of(bridge)
    here = own.name if own else firewalld.default_zone
    home = _zone_of_network(firewalld, served.network) or here
    if home not in firewalld.zone_names:
        again = f"put back the file of zone {home} (/usr/lib/firewalld/zones/{home}.xml), then firewall-cmd --reload"
        return NoPlan(f"firewalld has no zone {home}", (again,), old_ways(bridge))
    steps: list[Step] = []
    if home != here:
        steps.append(_set_zone(firewalld, bridge, here, home))
    steps += _openings(_after(facts.host, steps), bridge, served, home)
    refusing = _refusing(_after(facts.host, steps), bridge, served)
    if refusing:
        why = "; ".join(ruled.why for ruled in refusing.values())
        show = f"firewall-cmd --info-zone={home}; firewall-cmd --list-all-policies"
        because = f"a rule that somebody wrote refuses it, and is theirs to change: {why}"
        return NoPlan(because, (show,), old_ways(bridge))
    return Plan(steps=tuple(steps), other_ways=_other_ways(firewalld, steps, home), shown=old_ways(bridge))


def _zone_of_network(firewalld: Firewalld, network: Network | None) -> str:
    """Where libvirt binds the bridge of this network (networkAddFirewallRules); "" where it binds none."""
    if network is None or network.zone or network.forward == "open":
        return network.zone if network else ""
    routed = any(policy.name == "libvirt-routed-out" for policy in firewalld.policies)
    routed = routed and "libvirt-routed" in firewalld.zone_names
    return "libvirt-routed" if network.forward == "route" and routed else "libvirt"


def _after(host: Host, steps: list[Step]) -> Host:
    return simulate(Plan(steps=tuple(steps)), host)[0] if steps else host


def _refusing(host: Host, bridge: str, served: Serving) -> dict[str, ZoneFate]:
    """What is served and still not let in, and why."""
    firewalld = known(host.firewalld)
    fates = {service: in_zone(host, firewalld, bridge, service) for service in served.services}
    return {service: ruled for service, ruled in fates.items() if ruled.fate is not Fate.PASS}


def _set_zone(firewalld: Firewalld, bridge: str, here: str, home: str) -> SetZone:
    lost = sorted(_let_in(firewalld, here) - _let_in(firewalld, home) - _NOT_FOR_GUESTS)
    if not lost:
        return SetZone(interface=bridge, zone=home)
    words = f"zone {here} lets {', '.join(lost)} in from {bridge}, zone {home} does not: guests may use that now."
    return SetZone(interface=bridge, zone=home, safety=Safety.RISKY, may_lose=words)


def _let_in(firewalld: Firewalld, name: str) -> set[str]:
    """What a zone, with the policies from it to this host, may let in, in firewalld's own words."""
    zone = firewalld.zone(name)
    policies = (entry for entry in firewalld.policies if "HOST" in entry.egress and name in entry.ingress)
    openings: list[Opening] = [*([zone] if zone else []), *policies]
    words: set[str] = set()
    for opening in openings:
        words |= {*opening.services, *opening.protocols}
        words |= {f"{port}/{protocol}" for port, protocol in (*opening.ports, *opening.forward_ports)}
        words |= {f"source port {port}/{protocol}" for port, protocol in opening.source_ports}
        words |= {rule for rule in opening.rich_rules if rule.endswith("accept") or " accept " in rule}
    return words


def _openings(host: Host, bridge: str, served: Serving, home: str) -> list[Step]:
    """Let in what the zone itself does not: now, and for good where that rewrites no file of a person's."""
    from pxedoctor.plans.zone_file import stored

    zone = known(host.firewalld).zone(home)
    refusing = _refusing(host, bridge, served)
    if zone is None:
        return []
    others = _others(known(host.firewalld), zone, bridge)
    safety = Safety.RISKY if others else Safety.SAFE
    services = tuple(service for service, ruled in refusing.items() if ruled.decided_by == home)
    words = f"zone {home} is also that of {others}: {', '.join(services)} is let in from there too." if others else ""
    now = (AddService(zone=home, service=service, safety=safety, may_lose=words) for service in services)
    return [*now, *stored(zone, services, safety, words)]


def _others(firewalld: Firewalld, zone: Zone, bridge: str) -> str:
    """In words, who else is in the zone. In libvirt's zones there are only bridges like this one."""
    if zone.name in _LIBVIRTS:
        return ""
    words = [name for name in (*zone.interfaces, *zone.sources) if name != bridge]
    if zone.name == firewalld.default_zone:
        words.append("every interface without a zone of its own")
    return ", ".join(words)


def _other_ways(firewalld: Firewalld, steps: list[Step], home: str) -> tuple[str, ...]:
    ways: list[str] = []
    zone = firewalld.zone(home)
    for step in steps:
        if isinstance(step, SetZone):
            ways.append(
                "Restart virtnetworkd (or libvirtd): it binds its bridges itself, and writes all its rules anew."
            )
        elif isinstance(step, AddService) and zone and zone.by_a_person and not zone.stores(step.service):
            good = f"For good: <service name='{step.service}'/> in {zone.stored_in}"
            ways.append(f"{good}; pxedoctor leaves a person's file alone, and the next reload ends its own change.")
    return tuple(ways)
