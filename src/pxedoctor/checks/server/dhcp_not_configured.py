"""Nobody is set to hand out addresses on the guest's bridge, or the one who is has no address there himself.

What it does
    Of a running libvirt network: is it set to hand out addresses (<dhcp> with a range or a host), and has its bridge
    still the address that its dnsmasq answers from? Of a dnsmasq of the host's own that names the bridge: does one of
    its ranges lie in a network of the bridge's addresses? Where another program, or somebody behind another port of
    the bridge, may serve, nothing is said.

Why the guest fails
    Without <dhcp> libvirt's dnsmasq answers DNS and no DISCOVER. With it, dnsmasq hands out a range only on a device
    that has an address in the range's network: it sends from there. An address that was flushed (by a script, by
    NetworkManager taking over the bridge) leaves a dnsmasq that runs and keeps silent; so does one set to /32.

What you see
    The guest's DISCOVERs arrive, no OFFER leaves. dnsmasq logs "no address range available for DHCP request via virbr0"
    or "DHCP packet received on virbr0 which has no address"; without <dhcp> it logs nothing at all.

Fix
    Give the bridge its address back: libvirt does so only when it starts the network, which unplugs every guest. Which
    addresses a network without <dhcp> may hand out is for a person to say: its guests may have set theirs by hand.

Fix safety
    SAFE: the address is the one that libvirt itself had given to that bridge, and no other device has it now. Undone by
    taking it away. No plan where it stands on another device, or where a range has to be chosen.

References
    libvirt docs/formatnetwork.rst (dhcp); src/network/bridge_driver.c (networkDnsmasqConfContents); dnsmasq src/dhcp.c
    (complete_context), src/rfc2131.c (dhcp_reply); metal3-io/baremetal-operator#2792
"""

from ipaddress import IPv4Network

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, MissingFactError, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.link import Link
from pxedoctor.model.observation import ProbeOutcome
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import ServerKind
from pxedoctor.road.dnsmasq import names_device, served_on, settings_of
from pxedoctor.road.exchange import servers
from pxedoctor.road.network import hidden_network, makes_bridge, network_of
from pxedoctor.road.subnet import has_address_in, ipv4_subnets, shown

META = Meta(
    code="DS004",
    name="dhcp-not-configured",
    stage=Stage.SERVER,
    needs=("links", "processes"),
    consults=("networks", "bridges", "sockets"),
    fix="sometimes",
    explains=("bridge-without-uplink",),
)


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    if isinstance(host.networks, Missing) and host.networks.status != "absent":
        raise MissingFactError(host.networks)
    hidden = hidden_network(host, target)
    if hidden is not None:
        missing = f"the network {hidden.name}: {hidden.why}"
        return Unknown(missing=missing, would_help="run it as root, or mend that file", on_road=True)
    link = host.link(target.bridge or "")
    if link is None:
        return NotApplicable("it is plugged into no bridge that exists now")
    network = network_of(host, target)
    if network is None or not network.active or not makes_bridge(network):
        return _own_dnsmasq(facts, target, link)
    if not network.serves_dhcp:
        return _without_dhcp(facts, target, network)
    without = _without_address(network, link)
    if not without:
        return Fine(f"the network {network.name} is set to hand out addresses, and {link.name} has its own")
    return _address_lost(network, link, without[0])


def _without_dhcp(facts: Facts, target: Target, network: Network) -> Outcome:
    found = servers(facts, target)
    if any(server.kind is not ServerKind.UNKNOWN for server in found):
        return NotApplicable(f"{network.name} is not set to hand out addresses, and {found[0].why}")
    if not found:
        return NotApplicable(f"the bridge of {network.name} is not known (see network-inactive)")
    six = found[0].six
    if six is not None and target.client is None:
        return Fine(f"{six.why}: its guests have what they need, if they are meant to have no IPv4 address")
    if six is not None and target.client is not None and six.tells and target.client.name.startswith("ipxe"):
        return Fine(f"{six.why}, and tells {target.client.title} of a boot file, if it names one")
    asks = target.client is not None or _was_silent(facts, target)
    who = f"{target.client.title} asks" if target.client else "a guest that asks"
    return Broken(
        headline=f"the network {network.name} is not set to hand out addresses, and nobody else is known to do so on "
        f"{network.bridge}: {who} {'and ' if target.client else ''}gets no answer.",
        subject=network.name,
        scope="network",
        hop=Hop.SERVER,
        severity="broken" if asks else "risk",
        evidence=(
            Evidence(_says_nothing(network), network.origin, _addresses(network)),
            Evidence("no DHCP server of this host is known on it", "/proc/*/cmdline"),
            Evidence("no port of it leads out or to another guest", f"/sys/class/net/{network.bridge}/brif"),
        ),
    )


def _was_silent(facts: Facts, target: Target) -> bool:
    return any(seen.whole and seen.outcome is ProbeOutcome.SILENT for seen in facts.probed(target.id))


def _says_nothing(network: Network) -> str:
    if any(subnet.family == "ipv4" for subnet in network.subnets):
        return "its <ip> has no <dhcp> with a range or a host"
    return "it has no IPv4 address, and so nothing to hand out"


def _addresses(network: Network) -> str:
    return ", ".join(f"{subnet.address}/{subnet.prefix}" for subnet in network.subnets)


def _without_address(network: Network, link: Link) -> list[Subnet]:
    """What it hands out on a bridge that has no address in that network.

    One address in it is enough, whatever its prefix: libvirt tells dnsmasq the mask with the range.
    """
    return [s for s, net in ipv4_subnets(network) if s.serves_dhcp and not has_address_in(link, net)]


def _address_lost(network: Network, link: Link, subnet: Subnet) -> Broken:
    return Broken(
        headline=f"{link.name} has lost the address {subnet.address}: the dnsmasq of the network {network.name} "
        "answers nobody.",
        subject=network.name,
        scope="network",
        hop=Hop.SERVER,
        evidence=(
            Evidence("the address that its bridge should have", f"{network.origin}: ip/@address", subnet.address),
            Evidence("the addresses that it has", f"ip address show dev {link.name}", shown(link)),
            Evidence("what dnsmasq hands out, from an address of that network alone", network.origin, _handed(subnet)),
        ),
    )


def _handed(subnet: Subnet) -> str:
    return ", ".join(f"{first} - {last}" for first, last in subnet.ranges) or "reservations only"


def _own_dnsmasq(facts: Facts, target: Target, link: Link) -> Outcome:
    """A dnsmasq that is not libvirt's, told to serve this bridge, none of whose ranges fits the bridge's addresses."""
    astray = [process for process in known(facts.host.processes) if _names_and_serves_not(process, link)]
    if not astray:
        return NotApplicable(f"no DHCP server that pxedoctor can read the settings of is set to serve {link.name}")
    others = [server for server in servers(facts, target) if server.kind is not ServerKind.UNKNOWN]
    settings = settings_of(astray[0])
    ranges = "; ".join(settings.values("dhcp-range")) if settings else ""
    return Broken(
        headline=f"dnsmasq is set to serve {link.name}, and no range of it lies in a network of {link.name}: "
        f"it answers nobody there{'; another server may' if others else ''}.",
        subject=link.name,
        scope="bridge",
        hop=Hop.SERVER,
        severity="risk" if others else "broken",
        evidence=(
            Evidence(f"dnsmasq, pid {astray[0].pid}, names {link.name}", f"/proc/{astray[0].pid}/cmdline"),
            Evidence("what it hands out", "its arguments and configuration files: dhcp-range", ranges),
            Evidence("the addresses of the bridge", f"ip address show dev {link.name}", shown(link)),
            *(Evidence(f"another server: {server.why}", "the processes and ports of this host") for server in others),
        ),
    )


def _names_and_serves_not(process: Process, link: Link) -> bool:
    if "dnsmasq" not in process.name or not process.alive or process.elsewhere:
        return False
    settings = settings_of(process)
    if settings is None or settings.has("shared-network") or not names_device(settings, link.name):
        return False
    return any(":" not in value for value in settings.values("dhcp-range")) and not served_on(settings, link.name, link)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.address import AddAddress

    host = facts.host
    network = host.network(finding.broken.subject)
    if network is None:
        return NoPlan(
            "which of the two is meant, the range or the bridge's address, is not written anywhere",
            (f"give {finding.broken.subject} an address in the range's network, or dnsmasq a range in the bridge's",),
        )
    if not network.serves_dhcp:
        return NoPlan("which addresses may be handed out is not written anywhere", _ways_to_serve(network))
    link = host.link(network.bridge)
    lost = _without_address(network, link) if link is not None else []
    holder = _who_has(host, [net for subnet, net in ipv4_subnets(network) if subnet in lost])
    if holder:
        return NoPlan(
            f"{holder} has an address of that network now: two devices with one network help nobody",
            (f"take it from {holder}, if it should not be there, and run this again",),
        )
    return Plan(steps=tuple(AddAddress(device=network.bridge, address=s.address, prefix=s.prefix) for s in lost))


def _who_has(host: Host, nets: list[IPv4Network]) -> str:
    links = () if isinstance(host.links, Missing) else host.links
    return next((link.name for link in links if any(has_address_in(link, net) for net in nets)), "")


def _ways_to_serve(network: Network) -> tuple[str, ...]:
    own = next((net for _, net in ipv4_subnets(network)), None)
    if own is None:
        return (f"virsh net-edit {network.name}: give it an <ip> with a <dhcp>; then net-destroy and net-start",)
    command = f"virsh net-update {network.name} add ip-dhcp-range \"<range start='A' end='B'/>\" --live --config"
    return (
        f"{command}, with the ends of an unused stretch of {own} for A and B",
        "or serve it yourself: a dnsmasq, Kea or dhcpd on its bridge",
    )
