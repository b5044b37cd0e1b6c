"""What an exchange came to, beside its drawing."""

from msgspec.structs import replace

from builders import offer, probed, silent
from pxedoctor.model.traced import Witness, WitnessName
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.html.exchange import of_probe, of_trace
from trace_values import TRACE


def test_a_probe() -> None:
    told = of_probe(probed(offers=(offer(), offer(0.9))), None, 0)
    assert told.came_to.startswith("OFFERED: by 192.168.122.1")
    assert told.mark is Mark.GOOD
    assert len(told.facts) == 1, "the same offer is told once"
    assert of_probe(silent(), None, 0).mark is Mark.BAD
    assert of_probe(silent(whole=False), None, 0).mark is Mark.DOUBT


def test_a_trace_says_where_it_died_by_which_rule_and_who_could_look() -> None:
    told = of_trace(TRACE)
    assert told.came_to == "the DISCOVER, at br0, INPUT: a rule drops it"
    facts = dict(told.facts)
    assert facts["rule"].startswith("udp dport 67 drop")
    assert facts["server"] == "dnsmasq-dhcp[7]: DHCPDISCOVER(br0)"
    assert facts["witness kernel"] == "absent: no tracefs; would help: mount it"
    assert facts["counted"] == "UdpNoPorts +1 (/proc/net/snmp)"
    assert [(row.packet, row.mark) for row in told.sightings] == [
        ("DISCOVER 1", Mark.GOOD),
        ("DISCOVER 1", Mark.BAD),
    ]
    assert told.sightings[1].said.startswith("a rule drops it (NETFILTER_DROP) [udp dport 67 drop")


def test_a_trace_in_which_nothing_died() -> None:
    looked = Witness(name=WitnessName.FRAMES, status="ok")
    told = of_trace(replace(TRACE, died=None, answered=True, witnesses=(looked,)))
    assert (told.came_to, told.mark) == ("the guest was answered", Mark.GOOD)
    assert ("witness frames", "looked all the time") in told.facts
