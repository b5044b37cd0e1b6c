"""A DHCP server refuses what the guest asks for (DHCPNAK), and the guest begins anew, again and again.

What it does
    Reads a probe's packets: was its request refused, and by whom? Without a probe it reads the log: of what this host's
    servers said to this guest since its last ACK, were two refusals or more? One refusal alone is how a guest learns
    that it is in another network than the last time, and is no fault.

Why the guest fails
    A client that is refused must forget the address and begin with a DISCOVER (RFC 2131, 3.1). If the same server, or
    another one with its address, refuses the next request for the same reason, it never ends; firmware gives up after
    a few rounds. A dnsmasq with dhcp-authoritative (libvirt's has it) refuses even what is meant for another server
    ("wrong server-ID"); iPXE, udhcpc, dhclient and dhcpcd take no notice of such a refusal.

What you see
    DHCPDISCOVER, DHCPOFFER, DHCPREQUEST, DHCPNAK, over and over, with the reason behind the NAK: "wrong network",
    "address in use", "wrong server-ID", "no leases left", "lease not found".

Fix
    It depends on the reason: one authoritative server for a segment; the lease of whoever else has the address
    removed; the reservation corrected; more leases allowed. The report names the one that fits.

Fix safety
    No plan: it is about another machine's lease, or another server's settings, and neither is pxedoctor's to decide.

References
    RFC 2131, 3.1 and 4.3.2; dnsmasq src/rfc2131.c (DHCPREQUEST); ISC dhcpd server/dhcp.c (nak_lease); Kea messages
    DHCP4_PACKET_NAK_*; metal3-io/ironic-image#195; vagrant-libvirt/vagrant-libvirt#1535
"""

import re

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.fact import Missing
from pxedoctor.model.log import LogLine
from pxedoctor.model.observation import Probed, ProbeOutcome, SeenNak
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.tree import outward_ports

META = Meta(
    code="DS008",
    name="dhcp-nak-loop",
    stage=Stage.SERVER,
    needs=(),
    consults=("logs", "bridges", "links"),
    fix="never",
)

_LOOP = 2
_GIVEN = r"DHCPACK|DHCP4_LEASE_ALLOC"
_REFUSED = r"DHCPNAK|DHCP4_PACKET_NAK_"
# It says nothing about the guest: the other server, for which the request was, may have given it its address.
_MEANT_FOR_ANOTHER = "wrong server-ID"

# By what a refusal says, in dnsmasq's words (src/rfc2131.c), dhcpd's and Kea's; the first that fits.
_CURES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        (_MEANT_FOR_ANOTHER,),
        "two servers answer on this segment, and one of them is authoritative: let it serve other bridges alone, or "
        "take dhcp-authoritative from it",
    ),
    (
        ("address in use", "address reserved", "unavailable"),
        "another machine has the lease of that address: remove it (virsh net-dhcp-leases, dhcp_release), or let "
        "dnsmasq hand out addresses in order (dhcp-sequential-ip)",
    ),
    (("no leases left",), "let it give more leases (dhcp-lease-max), or shorter ones"),
    (
        ("static lease available", "wrong address"),
        "its reservation says another address than the one that it asks for: correct the one that is wrong",
    ),
    (
        ("wrong network", "not found", "not available", "select a subnet", "INIT-REBOOT"),
        "it goes on asking for an address of another network: remove its old lease in the guest, or find the second "
        "server that offers it",
    ),
)
_ANY_CURE = "look up the words of the refusal in the server's own documentation"


def check(facts: Facts, target: Target) -> Outcome:
    probes = facts.probed(target.id)
    refused = [seen for seen in probes if seen.naks and seen.outcome is ProbeOutcome.REFUSED]
    if refused:
        return _seen(refused[-1], target)
    if any(seen.outcome in {ProbeOutcome.LEASED, ProbeOutcome.FETCHED} for seen in probes):
        return Fine("a probe in this guest's name got its address")
    if not target.mac:
        return NotApplicable("no guest is known here whose requests could have been refused")
    if isinstance(facts.host.logs, Missing):
        return NotApplicable(f"no log tells whether requests were refused: {facts.host.logs.why}")
    refusals = _since_the_last_lease(facts.host.logs, target)
    if len(refusals) < _LOOP:
        return Fine(f"no server of this host has refused {target.mac} again and again")
    bridge = facts.host.bridge(target.bridge or "")
    another = bridge is not None and bool(outward_ports(facts.host, bridge))
    return _logged(refusals, target, another)


def _seen(probe: Probed, target: Target) -> Broken:
    last = probe.naks[-1]
    others = {offer.server for offer in probe.offers if not offer.proxy} - {last.server}
    offered = tuple(
        Evidence(f"offered {offer.address}, by {offer.server} from {offer.mac}", "the probe's packets: DHCPOFFER")
        for offer in probe.offers[:1]
    )
    return Broken(
        headline=f"the request for an address is refused by {last.server} ({last.mac}){_why(last.why)}"
        f"{f', which is not who offered it ({_listed(others)})' if others else ''}.",
        subject=target.segment,
        scope="bridge",
        hop=Hop.SERVER,
        evidence=(*offered, *(_nak(nak) for nak in probe.naks)),
    )


def _why(reason: str) -> str:
    return f": {reason}" if reason else ""


def _listed(names: set[str]) -> str:
    return " and ".join(sorted(names))


def _nak(nak: SeenNak) -> Evidence:
    text = f"refused by {nak.server} from {nak.mac}, {nak.at:.2f} s after the port came up"
    return Evidence(text, "the probe's packets: DHCPNAK, option 56", nak.why)


def _since_the_last_lease(logs: tuple[LogLine, ...], target: Target) -> list[LogLine]:
    """The refusals to this guest, on its bridge as far as a line names one, after its last lease."""
    refusals: list[LogLine] = []
    for line in logs:
        if (target.mac or "").lower() not in line.text.lower() or not _on_its_bridge(line.text, target):
            continue
        if re.search(_GIVEN, line.text):
            refusals = []
        elif re.search(_REFUSED, line.text):
            refusals.append(line)
    return refusals


def _on_its_bridge(text: str, target: Target) -> bool:
    """dnsmasq writes DHCPNAK(virbr0), dhcpd `via br0`; Kea names no device."""
    named = re.search(r"DHCP[A-Z]+\(([^()\s]+)\)|\bvia ([^\s:]+)", text)
    return named is None or target.bridge in {named[1], named[2]}


def _logged(refusals: list[LogLine], target: Target, another: bool) -> Broken:
    """`another`: a server behind a port that leads out may have given it its address, and no log here tells."""
    elsewhere = another or _MEANT_FOR_ANOTHER in refusals[-1].text
    return Broken(
        headline=f"a DHCP server of this host has refused {target.mac} {len(refusals)} times since its last lease.",
        subject=target.segment,
        scope="bridge",
        hop=Hop.SERVER,
        severity="risk" if elsewhere else "broken",
        certainty="likely",
        evidence=tuple(Evidence("it refused", line.origin, line.text) for line in refusals[-_LOOP:]),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    said = " ".join(f"{evidence.text} {evidence.value}" for evidence in finding.broken.evidence)
    cure = next((words for signs, words in _CURES if any(sign in said for sign in signs)), _ANY_CURE)
    return NoPlan("which lease, reservation or server is the wrong one is for a person to say", (cure,))
