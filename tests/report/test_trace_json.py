"""The JSON of a trace, against the published schema."""

import json

import jsonschema
import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import CounterMove, PortMoment, ServerWord, Witness, WitnessName
from pxedoctor.report.json import encode, schema
from pxedoctor.report.trace_json import trace_document
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


def document(trace: Trace) -> dict[str, object]:
    text = encode(trace_document(trace))
    found: dict[str, object] = json.loads(text)
    jsonschema.validate(found, msgspec.json.decode(schema()))
    return found


def test_one_packets_life_and_its_end() -> None:
    found = document(TRACE)
    assert (found["type"], found["verdict"]) == ("trace", "broken")
    assert [hop["hop"] for hop in found["packets"][0]["hops"]] == ["tap", "input"]  # type: ignore[index]
    died = found["died"]
    assert isinstance(died, dict)
    assert (died["packet"], died["hop"], died["rule"]["handle"]) == (0, "input", 3)


def test_a_witness_that_could_not_look_says_what_would_help() -> None:
    witnesses = document(TRACE)["witnesses"]
    assert isinstance(witnesses, list)
    assert (witnesses[0]["status"], witnesses[0]["would_help"]) == ("absent", "mount it")


def test_what_a_log_says_reaches_no_terminal() -> None:
    evil = ServerWord(text="\x1b[31mred\u202e", origin="journalctl")
    text = encode(trace_document(Trace(target="t", bridge="b", seconds=1, packets=(), witnesses=(), words=(evil,))))
    assert "\x1b" not in text
    assert "\u202e" not in text
