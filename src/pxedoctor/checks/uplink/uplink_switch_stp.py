"""The switch behind the uplink lets nothing through for 30 to 50 s after its link came up: its own spanning tree.

What it does
    For guests whose server is behind a bridge's way out, reads what a probe heard: BPDUs of a switch, questions that
    left this host unanswered, and an answer once twice the switch's forward delay was over, for the probe waits that
    long and asks once more. Proven where the switch itself told meanwhile, by a rapid BPDU, that its port did not
    forward, or, by a topology change, that a port had begun to. Of a trace without a probe it reads the same: a
    guest's own question that left unanswered, the BPDUs that came in meanwhile, and whether this host's link came up
    while it ran. Without either it says nothing: the silence is the switch's, and nothing on this host tells of it.

Why the guest fails
    A switch's port whose link comes up listens for one forward delay of 15 s and learns for another (IEEE 802.1D-1998,
    8.4); RSTP waits as long where the port is no edge port and nobody answers its proposal, which a Linux bridge with
    STP off never does. Negotiation (LACP, speed) comes on top: 35 to 50 s were measured. The link comes up when the
    host boots, when the bridge is made with its NIC, and when a driver resets the NIC, which some do when it enters
    promiscuous mode for a bridge's second port. A guest that is started then asks for 7 to 30 s, and gives up.

What you see
    "Waiting for link-up on net0", PXE-E51, ipxe.org/040ee119: with guests that are started together with the host,
    and not with the same guest a minute later. The server's log has no DISCOVER. tcpdump on the uplink shows DISCOVERs
    leave, and every 2 s a BPDU come in: `tcpdump -vni eno1 stp`, "Flags [Proposal]" without Learn and Forward.

Fix
    At the switch, for this host's port: an edge port, which forwards at once and still answers to a BPDU. Cisco:
    `spanning-tree portfast` (on a trunk `portfast trunk`); Juniper: `edge`; Arista: `spanning-tree portfast`; Aruba:
    `admin-edge-port`; an open switch with mstpd: `mstpctl setportadminedge BR PORT yes`; with the Linux bridge's own
    STP: forward_delay 2 on the switch. On this host until then: guests that try again, `<bios rebootTimeout='5000'/>`,
    or that are started a minute after the link.

Fix safety
    There is no repair on this host: the timer is in the switch. STP off at the switch is no fix, since a loop would
    then have no end. With an edge port STP must be off on this host's bridge, or its BPDUs make the port none
    (and BPDU guard would shut it).

References
    IEEE 802.1D-1998 clause 8.4, IEEE 802.1D-2004 clauses 9.3, 17.20.1; linux net/bridge/br_input.c br_handle_frame (a
    bridge with STP off passes BPDUs on), br_if.c br_manage_promisc; corpus of reports: ipxe/ipxe#1337,
    crowbar/crowbar#2332, RackHD/RackHD#43
"""

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Certainty, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Bridge, Stp
from pxedoctor.model.host import Host
from pxedoctor.model.observation import Probed, SeenSent, SeenSwitch
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.answering import ServerKind
from pxedoctor.road.beyond_uplink import Vain, asked_in_vain
from pxedoctor.road.exchange import servers
from pxedoctor.road.probe_command import probing
from pxedoctor.road.probed import named
from pxedoctor.road.tree import bridge_behind

META = Meta(
    code="UP002",
    name="uplink-switch-stp",
    stage=Stage.UPLINK,
    needs=("links", "bridges", "processes"),
    consults=("sockets", "networks", "netfilter"),
    fix="never",
    explains=("uplink-drops-unknown-macs",),
)
_FORWARDING = "forwarding"
_OWN_WORD = "the switch says of this very port that it is {}"


class _Wait(msgspec.Struct, frozen=True, kw_only=True):
    """`lost`: what the client sent into the wait; `again`: when the probe asked once more; `answered`: when it was."""

    probe: Probed
    switch: SeenSwitch
    said: tuple[SeenSwitch, ...]
    lost: tuple[SeenSent, ...]
    again: float | None
    answered: float | None


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    if bridge.stp is not Stp.OFF:
        return NotApplicable(f"{bridge.name} takes part in the spanning tree: its own ports wait (stp-root-elsewhere)")
    asked = servers(facts, target)
    if not asked or any(server.kind is not ServerKind.OUTSIDE or server.port is None for server in asked):
        return NotApplicable(f"the server of {bridge.name} is not behind a way out of this host")
    port = asked[0].port or ""
    waits = [wait for wait in map(_wait, facts.probed(target.id)) if wait is not None]
    if waits:
        return _judged(facts.host, bridge, waits[-1], port)
    vain = asked_in_vain(facts, target, port)
    if vain is not None and vain.switch is not None:
        return _by_trace(facts.host, bridge, vain, vain.switch, port)
    return NotApplicable(f"nobody was seen to ask while a switch behind {port} spoke a spanning tree protocol")


def _wait(probe: Probed) -> _Wait | None:
    """None where no switch was heard, or the question was never let out of this host."""
    said = tuple(
        switch for switch in probe.switches if switch.forward_delay is not None and not switch.is_bridge_of(probe.mac)
    )
    lost = tuple(sent for sent in probe.sent if sent.port_state == _FORWARDING and not sent.afterwards)
    if not said or not lost:
        return None
    return _Wait(
        probe=probe,
        switch=said[0],
        said=said,
        lost=lost,
        again=min((sent.at for sent in probe.sent if sent.afterwards), default=None),
        answered=min((*(offer.at for offer in probe.offers), *(nak.at for nak in probe.naks)), default=None),
    )


def _judged(host: Host, bridge: Bridge, wait: _Wait, port: str) -> Outcome:
    discards = _not_forwarding(wait)
    if wait.answered is not None and (wait.again is None or wait.answered < wait.again):
        return Fine(f"a probe was answered through {port} {wait.answered - wait.lost[0].at:.1f} s after it asked")
    if wait.answered is not None or (discards is not None and wait.said[-1].port != _FORWARDING):
        return _broken(wait, port)
    if wait.again is not None:
        return Fine(f"{wait.again:.1f} s after it began, a probe asked again, and nobody answers then either")
    if wait.switch.port == _FORWARDING:
        return Fine(f"the switch's port behind {port} says itself that it forwards (RSTP)")
    return Unknown(
        missing=f"whether the switch behind {port} still waits for its forward delay: the probe was cut short",
        would_help=f"ask, and wait as long: {probing(host, bridge)}",
    )


def _by_trace(host: Host, bridge: Bridge, vain: Vain, switch: SeenSwitch, port: str) -> Outcome:
    """What the guest lost, and why that may be the switch's wait: by its own word, or because the link came up."""
    silence = 2 * (switch.forward_delay or 0.0)
    if switch.port == _FORWARDING:
        return Fine(f"the switch's port behind {port} says itself that it forwards (RSTP)")
    if switch.port:
        why = Evidence(_OWN_WORD.format(switch.port), f"a trace: a BPDU of {switch.mac}", switch.port)
    elif vain.link_came and vain.at < silence:
        text = f"its link came up while the trace ran, less than {silence:g} s before the guest asked"
        why = Evidence(text, f"ip -s -s link show dev {port}: transns")
    else:
        return Unknown(
            missing=f"whether the switch behind {port} waited for its forward delay: it does not say so, and the link "
            "did not come up meanwhile",
            would_help=f"ask, and wait as long: {probing(host, bridge)}",
        )
    return _finding(port, silence, "likely", (_speaks(switch, "a trace"), why))


def _not_forwarding(wait: _Wait) -> SeenSwitch | None:
    return next((said for said in wait.said if said.port not in ("", _FORWARDING)), None)


def _changed(wait: _Wait) -> SeenSwitch | None:
    """The first word of a change in the tree after one without: a port of it has begun to forward."""
    quiet = [said for said in wait.said if not said.changes]
    return next((said for said in wait.said if quiet and said.changes and said.at > quiet[0].at), None)


def _broken(wait: _Wait, port: str) -> Broken:
    discards, changed = _not_forwarding(wait), _changed(wait)
    told = wait.answered is not None and (discards is not None or changed is not None)
    silent = f"of {len(wait.lost)} questions that left {port} none was answered"
    later = (wait.again or 0.0) - wait.lost[0].at
    came = "" if wait.answered is None else f"; asked again {later:.1f} s after the first, somebody answered"
    return _finding(
        port,
        2 * (wait.switch.forward_delay or 0.0),
        "proven" if told else "likely",
        (
            Evidence(f"{silent}{came}", named(wait.probe)),
            _speaks(wait.switch, named(wait.probe)),
            *_own_words(wait, discards, changed),
        ),
    )


def _speaks(switch: SeenSwitch, heard_by: str) -> Evidence:
    delay = switch.forward_delay or 0.0
    wait_told = f"its forward delay is {delay:g} s: a new port is silent for {2 * delay:g} s"
    return Evidence(
        f"the switch {switch.name} speaks {switch.by.upper()}; {wait_told}",
        f"{heard_by}: a BPDU of {switch.mac}",
        switch.detail,
    )


def _finding(port: str, silence: float, certainty: Certainty, evidence: tuple[Evidence, ...]) -> Broken:
    return Broken(
        headline=f"The switch behind {port} lets nothing through for {silence:g} s after its link came up (its own "
        "STP), and the guest gives up before.",
        subject=port,
        scope="bridge",
        hop=Hop.UPLINK,
        certainty=certainty,
        evidence=evidence,
    )


def _own_words(wait: _Wait, discards: SeenSwitch | None, changed: SeenSwitch | None) -> tuple[Evidence, ...]:
    origin = f"{named(wait.probe)}: flags of the BPDU"
    found = []
    if discards is not None:
        found.append(Evidence(_OWN_WORD.format(discards.port), origin, discards.port))
    if changed is not None and wait.answered is not None:
        told = "the switch tells of a topology change that it had not told of before: a port of it began to forward"
        found.append(Evidence(told, origin, "topology change"))
    return tuple(found)


def plan(finding: Finding, facts: Facts) -> NoPlan:
    port = finding.broken.subject
    return NoPlan(
        f"the timer is in the switch behind {port}, where this host's port should be an edge port",
        (
            "Cisco, Arista: spanning-tree portfast (on a trunk: spanning-tree portfast trunk)",
            "Juniper: set protocols rstp interface PORT edge; Aruba, HPE: spanning-tree PORT admin-edge-port",
            "mstpd: mstpctl setportadminedge BRIDGE PORT yes; a Linux bridge with STP of its own: forward_delay 2",
            "not STP off at the switch: a loop would have no end",
            "on this host, until then: <bios rebootTimeout='5000'/> in the guest's <os>, so that it tries again, or "
            "start the guest a minute after the link",
            f"to be sure: tcpdump -vni {port} stp shows the switch's BPDUs, and by RSTP whether its port forwards",
        ),
    )
