"""One trace as a value, for whoever shows it."""

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import CounterMove, PortMoment, ServerWord, Witness, WitnessName
from pxedoctor.road.hop import Fate, RuleRef
from pxedoctor.road.life import Death, Packet, Sighting
from pxedoctor.verdict.trace import Trace

MAC = "52:54:00:0d:0d:01"
RULE = RuleRef(family="ip", table="filter", chain="INPUT", text="udp dport 67 drop", handle=3)
AT_TAP = Sighting(hop=Hop.TAP, device="vnet0", at=0.1, witness=WitnessName.FRAMES)
AT_INPUT = Sighting(
    hop=Hop.INPUT,
    device="br0",
    at=0.1,
    witness=WitnessName.RULES,
    fate=Fate.DROP,
    reason="NETFILTER_DROP",
    words="a rule drops it",
    rule=RULE,
)
DISCOVER = Packet(
    kind="DISCOVER", direction="from-guest", mac=MAC, at=0.1, xid="c0ffee00", sightings=(AT_TAP, AT_INPUT)
)
DEATH = Death(hop=Hop.INPUT, device="br0", kind="DISCOVER", words="a rule drops it", rule=RULE, packet=DISCOVER)
TRACE = Trace(
    target=f"web01/{MAC}",
    bridge="br0",
    mac=MAC,
    tap="vnet0",
    seconds=5.0,
    packets=(DISCOVER,),
    died=DEATH,
    witnesses=(Witness(name=WitnessName.KERNEL, status="absent", why="no tracefs", would_help="mount it"),),
    counters=(CounterMove(source="kernel", name="UdpNoPorts", before=1, after=2, origin="/proc/net/snmp"),),
    words=(ServerWord(text="dnsmasq-dhcp[7]: DHCPDISCOVER(br0)", origin="journalctl"),),
    states=(PortMoment(at=0.0, device="vnet0", state="listening"),),
)
