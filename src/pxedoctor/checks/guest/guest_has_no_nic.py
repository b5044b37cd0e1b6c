"""The guest's NIC is to be plugged into a bridge or network that this host does not have: it has no NIC that works.

What it does
    For a guest that is off: looks for the bridge (<source bridge>) among the host's devices, and for the network
    (<source network>) among libvirt's. A bridge that a libvirt network makes when it starts is that network's concern
    (network-inactive). For a guest that runs, what it runs with counts, not what its definition says.

Why the guest fails
    libvirt makes the tap and puts it into what the definition names. Where that is not there, the guest does not start
    at all: a definition that came from another host, a bridge that was renamed, or one that nothing makes at boot.
    <source bridge='eth0'> names a NIC: it cannot be a bridge's stead.

What you see
    "Cannot get interface MTU on 'br0': No such device", "Network not found: no network with matching name 'lan'", or
    "Unable to add bridge eth0 port vnet0: Operation not supported".

Fix
    Name a bridge or network that is there (virsh edit), or make the one that it names: in the files of whatever makes
    bridges here (ifupdown, netplan, NetworkManager), so that it is there after the next boot too.

Fix safety
    No plan: into which network a guest belongs is for a person to say.

References
    libvirt formatdomain.html (network interfaces), src/util/virnetdevtap.c, src/util/virnetdevbridge.c
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.netboot import domain_of, nic_of

META = Meta(
    code="GC001",
    name="guest-has-no-nic",
    stage=Stage.GUEST,
    needs=("domains", "bridges", "links"),
    consults=("networks",),
    fix="never",
)
# A switch that is no Linux bridge, and that libvirt plugs guests into as well (<virtualport>).
_OTHER_SWITCH = "openvswitch"


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    domain, nic = domain_of(host, target), nic_of(host, target)
    if target.kind != "nic" or domain is None or nic is None:
        return NotApplicable("it is no guest's NIC")
    if domain.running:
        return NotApplicable("it runs, plugged in as it was at its start")
    match nic.kind:
        case "network":
            return _network(host, domain, nic)
        case "bridge":
            return _bridge(host, domain, nic)
        case _:
            return NotApplicable(f"a NIC of type {nic.kind} is plugged into no bridge and no network")


def _network(host: Host, domain: Domain, nic: Nic) -> Outcome:
    if isinstance(host.networks, Missing):
        return Unknown(missing=host.networks.why, would_help=host.networks.would_help)
    strange = host.not_understood("network", nic.source)
    if strange is not None:
        return Unknown(missing=f"what the network {nic.source} is: {strange.why}", would_help=f"see {strange.origin}")
    if host.network(nic.source) is not None:
        return Fine(f"libvirt has a network {nic.source}")
    names = ", ".join(network.name for network in host.networks) or "none"
    absent = Evidence("the networks that libvirt has", "/etc/libvirt/qemu/networks, /run/libvirt/network", names)
    headline = f"{domain.name} is to be plugged into the network {nic.source}, and libvirt has none of that name."
    return _broken(domain, nic, headline, absent)


def _bridge(host: Host, domain: Domain, nic: Nic) -> Outcome:
    name = nic.source
    if host.bridge(name) is not None or host.not_understood("bridge", name) is not None:
        return Fine(f"the bridge {name} exists")
    if host.network_on(name) is not None:
        return NotApplicable(f"{name} is made by a network of libvirt (see network-inactive)")
    link = next((link for link in known(host.links) if link.name == name), None)
    if link is None:
        absent = Evidence(f"{name} does not exist", f"/sys/class/net/{name}", "does not exist")
        return _broken(domain, nic, f"{domain.name} is to be plugged into {name}, which does not exist.", absent)
    # Its datapath in user space has a tap for it.
    if _OTHER_SWITCH in {link.kind, nic.switch}:
        return NotApplicable(f"{name} is a switch of Open vSwitch's")
    words = f"a device of kind {link.kind}" if link.kind else "a NIC"
    other = Evidence(f"{name} is {words}", f"/sys/class/net/{name}/bridge", "does not exist")
    return _broken(domain, nic, f"{domain.name} is to be plugged into {name}, which is {words} and no bridge.", other)


def _broken(domain: Domain, nic: Nic, headline: str, absent: Evidence) -> Broken:
    told = Evidence("its definition says so", f"{domain.origin}: devices/interface[{nic.position}]/source", nic.source)
    return Broken(headline=headline, subject=f"{domain.name}: {nic.source}", hop=Hop.NIC, evidence=(told, absent))


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    guest = finding.first.guest if finding.first is not None and finding.first.guest else "GUEST"
    bridges = facts.host.bridges
    names = "" if isinstance(bridges, Missing) else ", ".join(bridge.name for bridge in bridges)
    return NoPlan(
        "into which network a guest belongs is for a person to say",
        (f"virsh edit {guest}, <interface>: name one of the bridges that are here: {names or 'none'}",),
    )
