"""The DHCP server does not admit this guest: it serves only those that it knows, or is told to ignore this one.

What it does
    Of a libvirt network that has reservations and no range: is one for this guest's MAC? Of a dnsmasq of the host's
    own: is every range of the bridge's network `static`, or are unknown machines ignored (dhcp-ignore=tag:!known), and
    is this MAC in no dhcp-host; or is it one that a dhcp-host says to ignore? Where reservations stand in further files
    that pxedoctor does not read, it says so. Where another server may be behind a port of the bridge, nothing is said.

Why the guest fails
    A network of reservations alone is how one keeps strangers out. A guest that was cloned, or whose NIC was made anew,
    has another MAC than the one that is written down, and is a stranger.

What you see
    The DISCOVER arrives, no OFFER leaves. dnsmasq logs "DHCPDISCOVER(virbr0) 52:54:... no address available", or the
    same with "ignored"; `virsh net-dumpxml` shows <host> elements and no <range>.

Fix
    Reserve an address for the guest, or correct the MAC in the reservation that was meant for it.

Fix safety
    No plan: who is admitted, and to which address, is for a person to say. The report has the command.

References
    dnsmasq(8), --dhcp-range (static), --dhcp-ignore, --dhcp-host; dnsmasq src/rfc2131.c (dhcp_reply);
    libvirt docs/formatnetwork.rst (host)
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, MissingFactError
from pxedoctor.model.libvirt import Network, Reservation
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.dnsmasq import Settings, ignored, reservations, settings_of
from pxedoctor.road.exchange import servers
from pxedoctor.road.network import serving_network
from pxedoctor.road.subnet import ipv4_subnets
from pxedoctor.road.tree import outward_ports

META = Meta(
    code="DS016",
    name="client-not-admitted",
    stage=Stage.SERVER,
    needs=(),
    consults=("networks", "processes", "links", "bridges", "sockets"),
    fix="never",
)

# dnsmasq reads reservations from there too, and pxedoctor does not.
_MORE_RESERVATIONS = ("dhcp-hostsfile", "dhcp-hostsdir", "read-ethers")
# The tag of those that have a reservation, and dnsmasq's older word for a tag.
_STRANGERS = frozenset({"tag:!known", "net:#known", "#known", "!known"})
_MOST_SHOWN = 3


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    if isinstance(host.networks, Missing) and host.networks.status != "absent":
        raise MissingFactError(host.networks)
    if not target.mac:
        return NotApplicable("no guest is known here that a server could refuse to know")
    found = _judged(facts, target, target.mac.lower())
    elsewhere = _answered_elsewhere(facts, target) if isinstance(found, Broken) else ""
    return NotApplicable(elsewhere) if elsewhere else found


def _answered_elsewhere(facts: Facts, target: Target) -> str:
    """Why it does not matter, or may not, that a server of this host does not admit it; "" where it does."""
    if any(not offer.proxy for seen in facts.probed(target.id) for offer in seen.offers):
        return "a probe in this guest's name was offered an address"
    bridge = facts.host.bridge(target.bridge or "")
    outward = outward_ports(facts.host, bridge) if bridge is not None else ()
    return f"the server of this host does not admit it, and another may be behind {outward[0]}" if outward else ""


def _judged(facts: Facts, target: Target, mac: str) -> Outcome:
    host = facts.host
    network = serving_network(host, target)
    if network is not None:
        return _by_libvirt(network, mac)
    pids = {server.pid for server in servers(facts, target) if server.here}
    for process in () if isinstance(host.processes, Missing) else host.processes:
        settings = settings_of(process) if "dnsmasq" in process.name and process.pid in pids else None
        if settings is not None:
            return _by_dnsmasq(process, settings, target)
    return NotApplicable("no server of this host, whose reservations pxedoctor understands, is known to serve it")


def _by_libvirt(network: Network, mac: str) -> Outcome:
    subnets = [subnet for subnet, _ in ipv4_subnets(network)]
    if any(subnet.ranges for subnet in subnets):
        return Fine(f"the network {network.name} has a range for whoever asks")
    reserved = tuple(entry for subnet in subnets for entry in subnet.reserved)
    if any(entry.mac == mac for entry in reserved):
        return Fine(f"the network {network.name} has a reservation for {mac}")
    return Broken(
        headline=f"the network {network.name} has no address for {mac}: it has reservations alone, and none for it.",
        # The guest is what is at fault, or its reservation: two such guests are two findings.
        subject=f"{network.name}/{mac}",
        hop=Hop.SERVER,
        certainty="proven" if all(entry.mac for entry in reserved) else "likely",
        evidence=(
            Evidence("it hands out no range", f"{network.origin}: ip/dhcp/range", "none"),
            Evidence("those that it has an address for", f"{network.origin}: ip/dhcp/host", _shown(reserved)),
        ),
    )


def _shown(reserved: tuple[Reservation, ...]) -> str:
    names = [entry.mac or entry.name or "a client id" for entry in reserved]
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return f"{', '.join(names[:_MOST_SHOWN])}{more}" if names else "nobody"


def _by_dnsmasq(process: Process, settings: Settings, target: Target) -> Outcome:
    mac = (target.mac or "").lower()
    if mac in ignored(settings):
        return _refused(process, target, "is told to ignore it", f"dhcp-host={mac},ignore")
    why = _only_the_known(settings)
    if not why:
        return Fine(f"dnsmasq (pid {process.pid}) serves whoever asks")
    reserved = reservations(settings)
    if any(_fits(entry.mac, mac) for entry in reserved):
        return Fine(f"dnsmasq (pid {process.pid}) has a reservation for {mac}")
    more = [name for name in _MORE_RESERVATIONS if settings.has(name)]
    if more:
        return Unknown(
            missing=f"whether dnsmasq (pid {process.pid}) knows {mac}: it has reservations by {more[0]} too",
            would_help="look for the MAC in those files",
        )
    return _refused(process, target, "serves only those that it knows, and not this one", why)


def _only_the_known(settings: Settings) -> str:
    """The setting by which a stranger gets no address; "" where there is none."""
    for value in settings.values("dhcp-ignore"):
        if set(value.replace(" ", "").split(",")) <= _STRANGERS:
            return f"dhcp-ignore={value}"
    ranges = [value for value in settings.values("dhcp-range") if "::" not in value]
    return f"dhcp-range={ranges[0]}" if ranges and all(_is_static(value) for value in ranges) else ""


def _is_static(value: str) -> bool:
    return "static" in value.replace(" ", "").split(",")


def _fits(known: str, mac: str) -> bool:
    """A reservation may have stars for bytes (dnsmasq(8), --dhcp-host)."""
    pairs = list(zip(known.split(":"), mac.split(":"), strict=False))
    return len(pairs) == mac.count(":") + 1 and all(ours in {"*", theirs} for ours, theirs in pairs)


def _refused(process: Process, target: Target, why: str, setting: str) -> Broken:
    return Broken(
        headline=f"dnsmasq (pid {process.pid}) {why}: {target.mac} gets no answer on {target.bridge}.",
        subject=f"{target.bridge}/{target.mac}",
        hop=Hop.SERVER,
        evidence=(
            Evidence("its setting", f"/proc/{process.pid}/cmdline and its configuration files", setting),
            Evidence("the MAC that asks", target.id, target.mac or ""),
        ),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    name, _, mac = finding.broken.subject.partition("/")
    because = "who is admitted, and to which address, is for a person to say"
    if facts.host.network(name) is None:
        return NoPlan(because, (f"dhcp-host={mac},ADDRESS in dnsmasq's settings, and restart it",))
    xml = f"<host mac='{mac}' ip='ADDRESS'/>"
    return NoPlan(because, (f'virsh net-update {name} add ip-dhcp-host "{xml}" --live --config',))
