"""Each match against one DISCOVER and one unicast TCP packet: yes, no, or not known."""

import pytest

from pxedoctor.netfilter.match import Answer, number_of
from pxedoctor.netfilter.packet import Packet, discover
from pxedoctor.netfilter.save import rule_of

YES, NO, MAYBE = Answer.YES, Answer.NO, Answer.MAYBE
DISCOVER = discover("virbr0", "NEW")
FETCH = Packet(
    in_device="eth0",
    protocol="tcp",
    source="192.168.122.5",
    destination="192.168.122.1",
    source_port=40000,
    destination_port=80,
    state="ESTABLISHED",
    link_type="unicast",
)


@pytest.mark.parametrize(
    ("words", "discover", "fetch"),
    [
        ("-i virbr0", YES, NO),
        ("! -i virbr0", NO, YES),
        ("-i virbr", NO, NO),
        ("-i vir+", YES, NO),
        ("-i +", YES, YES),
        ("-o virbr0", NO, NO),
        ("! -o virbr0", MAYBE, MAYBE),
        ("-p udp", YES, NO),
        ("-p 6", NO, YES),
        ("-p all", YES, YES),
        ("-p udplite", NO, NO),
        ("! -p UDP", NO, YES),
        ("-s 0.0.0.0", YES, NO),
        ("-s 0.0.0.0/8", YES, NO),
        ("-s 0.0.0.0/0", YES, YES),
        ("-s 192.168.122.0/24", NO, YES),
        ("-s 192.168.122.200/24", NO, YES),
        ("! -s 192.168.122.0/24", YES, NO),
        ("-s 192.0.122.5/255.0.255.255", NO, YES),
        ("-d 255.255.255.255", YES, NO),
        ("-d 192.168.122.0/31", NO, YES),
        ("-d 192.168.122.2/31", NO, NO),
        ("-m udp --sport 68", YES, NO),
        ("-m udp --dport 60:67", YES, NO),
        ("-m udp --dport 68:", NO, YES),
        ("-m udp ! --dport :79", NO, YES),
        ("-m multiport --ports 68,80", YES, YES),
        ("-m multiport --dports 68,80", NO, YES),
        ("-m multiport ! --sports 68,40000", NO, NO),
        ("-m conntrack --ctstate NEW,RELATED", YES, NO),
        ("-m conntrack ! --ctstate NEW,RELATED", NO, YES),
        ("-m conntrack --ctstate NEW,SNAT", YES, MAYBE),
        ("-m state --state ESTABLISHED", NO, YES),
        ("-m addrtype --src-type BROADCAST", YES, MAYBE),
        ("-m addrtype --dst-type LOCAL,BROADCAST", YES, MAYBE),
        ("-m addrtype --dst-type LOCAL", NO, MAYBE),
        ("-m addrtype ! --dst-type LOCAL", YES, MAYBE),
        ("-m pkttype --pkt-type broadcast", YES, NO),
        ("-m pkttype ! --pkt-type broadcast", NO, YES),
        ("-m mark --mark 0x1", MAYBE, MAYBE),
    ],
)
def test_meets(words: str, discover: Answer, fetch: Answer) -> None:
    (match,) = rule_of(f"-A INPUT {words}", 1).matches
    assert (match.meets(DISCOVER), match.meets(FETCH)) == (discover, fetch)


@pytest.mark.parametrize(
    "words",
    [
        "-m udp --dport 67",
        "-m multiport --ports 67",
        "-m conntrack --ctstate NEW",
        "-m pkttype --pkt-type broadcast",
        "-m addrtype --dst-type BROADCAST",
    ],
)
def test_what_is_not_known_of_the_packet_stays_open(words: str) -> None:
    (match,) = rule_of(f"-A INPUT {words}", 1).matches
    bare = Packet(in_device="virbr0", protocol="udp", source="10.0.0.1", destination="10.0.0.2")
    assert match.meets(bare) is MAYBE


@pytest.mark.parametrize(
    "text", ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "a.b.c.d", "1..2.3", "²." * 3 + "1"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="not an IPv4 address"):
        number_of(text)
