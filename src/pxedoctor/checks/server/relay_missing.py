"""The DHCP server is behind this host's routing, and the relay that should hand on the guests' requests is not theirs.

What it does
    For a running libvirt network that hands out no addresses itself, and on whose bridge no DHCP server of this host
    is known: is there a sign that its server is elsewhere? A relay on this host (dhcrelay, dhcp-helper, a dnsmasq with
    dhcp-relay) that listens on other devices alone, or a dnsmasq with a range of this very network that does not
    listen here. Without such a sign it is dhcp-not-configured that speaks. A relay on the bridge is fine.

Why the guest fails
    A DISCOVER is a broadcast, and no router hands on broadcasts. On a routed network the server on another segment
    hears of a guest only through a relay agent with an address on the guests' bridge, which asks in their name
    (giaddr). A network that was added after the relay was set up is not in the relay's list.

What you see
    The guest's DISCOVERs arrive on the bridge, and nothing goes on from there; the server's log knows nothing of them.
    The guests of the older networks get their addresses.

Fix
    Add the bridge to the relay: -i BRIDGE for dhcrelay (INTERFACES in /etc/default/isc-dhcp-relay), dhcp-relay=ADDRESS
    of the bridge,SERVER for dnsmasq; and restart it. The server needs a range of that network, and a route back to it.

Fix safety
    No plan: which server is meant for which network is for a person to say, and the relay's configuration is theirs.

References
    RFC 2131 section 4.1 and RFC 1542 (relay agents), dnsmasq(8) (--dhcp-relay), dhcrelay(8), libvirt formatnetwork.html
    (routed networks)
"""

from ipaddress import IPv4Network

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.fact import known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.answering import ServerKind
from pxedoctor.road.dnsmasq import settings_of, spans
from pxedoctor.road.exchange import servers
from pxedoctor.road.network import makes_bridge, network_of
from pxedoctor.road.subnet import ipv4_subnets

META = Meta(
    code="DS017",
    name="relay-missing",
    stage=Stage.SERVER,
    needs=("networks", "processes"),
    consults=("links", "bridges", "sockets"),
    fix="never",
    explains=("dhcp-not-configured",),
)
_RELAYS = ("dhcrelay", "dhcp-helper")


def check(facts: Facts, target: Target) -> Outcome:
    network = network_of(facts.host, target)
    if network is None or not network.active or not makes_bridge(network):
        return NotApplicable("it is on no running network whose bridge libvirt made")
    if network.serves_dhcp:
        return NotApplicable(f"the network {network.name} hands out addresses itself")
    found = servers(facts, target)
    if not found:
        return NotApplicable(f"the bridge of {network.name} is not known (see network-inactive)")
    if any(server.kind is not ServerKind.UNKNOWN for server in found):
        return Fine(f"somebody may serve it: {found[0].why}")
    signs = _signs(facts.host, network)
    if not signs:
        return NotApplicable("nothing on this host says that its server is elsewhere (see dhcp-not-configured)")
    return Broken(
        headline=f"the network {network.name} hands out no addresses, and no relay listens on {network.bridge}: a "
        "server elsewhere never hears of its guests.",
        subject=network.name,
        scope="network",
        hop=Hop.SERVER,
        severity="broken" if target.client is not None else "risk",
        certainty="likely",
        evidence=(Evidence("its <ip> has no <dhcp> with a range or a host", network.origin), *signs),
    )


def _signs(host: Host, network: Network) -> tuple[Evidence, ...]:
    nets = [net for _, net in ipv4_subnets(network)]
    here = [process for process in known(host.processes) if process.alive and not process.elsewhere]
    return tuple(evidence for process in here if (evidence := _sign(process, nets)) is not None)


def _sign(process: Process, nets: list[IPv4Network]) -> Evidence | None:
    """A relay for other devices, or a server with a range of this network that listens on others."""
    origin = f"/proc/{process.pid}/cmdline"
    settings = settings_of(process) if "dnsmasq" in process.name and "/libvirt/" not in process.command else None
    if process.name in _RELAYS or (settings is not None and settings.has("dhcp-relay")):
        return Evidence(
            f"a relay, {process.name} (pid {process.pid}), and not for this bridge", origin, process.command
        )
    ranges = spans(settings) if settings is not None else ()
    if any(_is_in(first, net) for first, _ in ranges for net in nets):
        text = f"{process.name} (pid {process.pid}) has a range of this network, and does not listen on its bridge"
        return Evidence(text, origin, process.command)
    return None


def _is_in(address: str, net: IPv4Network) -> bool:
    return IPv4Network(address).subnet_of(net)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    network = facts.host.network(finding.broken.subject)
    bridge = network.bridge if network else "BRIDGE"
    own = next((subnet.address for subnet in network.subnets), "ADDRESS") if network else "ADDRESS"
    return NoPlan(
        "which server is meant for which network is for a person to say",
        (f"dhcrelay: -i {bridge} besides its other devices", f"dnsmasq: dhcp-relay={own},SERVER besides its others"),
    )
