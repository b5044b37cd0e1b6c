"""A port of the bridge still has the host's address; where the host's DHCP server sits on it, the guests have none.

What it does
    Looks for IPv4 addresses on ports of the bridge that are no taps. Where a dnsmasq of this host serves that port, and
    nothing serves the bridge, the guests are not served: broken. Else it is the host's own trouble, and a risk.

Why the guest fails
    What comes in through a port of a bridge belongs to the bridge: the kernel hands it to br0, and eno1 sees none of
    it. A server that is bound to eno1, or that serves the network of eno1's address alone, hears no guest. The host's
    own connections fail too: answers to its ARP requests from eno1 come in at br0, and its DHCP client on eno1 gets no
    address. Guests whose server is elsewhere do not notice.

What you see
    "no address range available for DHCP request via br0" in dnsmasq's log, or nothing at all. `ip -br address` shows
    the address at eno1 and none at br0. The host loses its network soon after the bridge was made.

Fix
    The address, and whatever is bound to it, belongs to the bridge: ip address add ADDRESS/PREFIX dev br0; ip address
    del ADDRESS/PREFIX dev eno1; interface=br0 in dnsmasq's configuration. For good where the bridge is configured:
    the address in the bridge's section, none in the NIC's.

Fix safety
    There is no repair: the host's own connections go over that address, its routes go with it, and the server's
    configuration is changed in the same breath.

References
    Linux net/bridge/br_input.c br_handle_frame (rx handler), net/core/dev.c __netif_receive_skb_core; dnsmasq(8)
    --interface; corpus of reports: systemd/systemd#4674
"""

from ipaddress import IPv4Address

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Outcome
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.host import Host
from pxedoctor.model.link import Address, Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.serving import Serving, serving
from pxedoctor.road.tree import bridge_behind, outward_ports

META = Meta(
    code="BR010",
    name="address-on-enslaved-nic",
    stage=Stage.BRIDGE,
    needs=("links", "bridges", "processes"),
    consults=("networks",),
    fix="never",
)


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    found = next(iter(_addressed(facts.host, bridge)), None)
    if found is None:
        return Fine(f"no port of {bridge.name} has an address of the host's")
    nobody = serving(facts.host, bridge.name) is None
    for link, address in _addressed(facts.host, bridge) if nobody else ():
        server = serving(facts.host, link.name)
        if server is not None:
            return _unheard(bridge, link, address, server)
    return _of_the_host(bridge, *found)


def _addressed(host: Host, bridge: Bridge) -> list[tuple[Link, Address]]:
    links = (link for name in outward_ports(host, bridge) if (link := host.link(name)) is not None)
    return [(link, entry) for link in links for entry in link.addresses if _counts(entry)]


def _counts(entry: Address) -> bool:
    """An address that a device gave itself for want of one (RFC 3927) is nobody's plan."""
    return entry.family == "inet" and not IPv4Address(entry.address).is_link_local


def _unheard(bridge: Bridge, link: Link, address: Address, server: Serving) -> Broken:
    name = bridge.name
    return Broken(
        headline=f"This host's DHCP server sits on {link.name}, a port of {name}: what guests send comes to {name}.",
        subject=link.name,
        scope="bridge",
        hop=Hop.SERVER,
        evidence=(*_evidence(bridge, link, address), Evidence(server.text, server.origin, server.value)),
    )


def _of_the_host(bridge: Bridge, link: Link, address: Address) -> Broken:
    return Broken(
        headline=f"{link.name} is a port of {bridge.name} and has an address of its own: the host's trouble first.",
        subject=link.name,
        scope="bridge",
        hop=Hop.UPLINK,
        severity="risk",
        certainty="likely",
        evidence=_evidence(bridge, link, address),
    )


def _evidence(bridge: Bridge, link: Link, address: Address) -> tuple[Evidence, ...]:
    text = f"{address.address}/{address.prefix}"
    return (
        Evidence(f"{link.name} has the address {text}", f"ip -j -d -s -s address show: {link.name}, addr_info", text),
        Evidence(f"{link.name} is a port of {bridge.name}", f"/sys/class/net/{bridge.name}/brif", link.name),
    )


def plan(finding: Finding, facts: Facts) -> NoPlan:
    port, text = finding.broken.subject, finding.broken.evidence[0].value
    bridge = finding.broken.evidence[1].origin.split("/")[4]
    return NoPlan(
        "the host's own connections and routes hang on that address, and its server's configuration names the port",
        (
            f"from a console: ip address add {text} dev {bridge}; ip address del {text} dev {port}; its routes anew",
            f"for good: the address where {bridge} is configured, none where {port} is; the server on {bridge}",
        ),
    )
