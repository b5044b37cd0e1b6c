"""One DISCOVER from virbr0 through one table: each case is rules, the policy, and which line decides what."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter.condition import Answer
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.seen import Family, Hook, Packet, Place, Seen
from pxedoctor.netfilter.walk import Decision, Verdict, walk
from rule_trees import DISCOVER
from rulesets import CLOSED, UFW, filter_table

ACCEPT, DROP, UNKNOWN = Verdict.ACCEPT, Verdict.DROP, Verdict.UNKNOWN


# Each lets the packet go on (net/netfilter/xt_*.c return XT_CONTINUE).
CONTINUING = (
    "AUDIT",
    "CHECKSUM --checksum-fill",
    "CLASSIFY --set-class 1:1",
    "CONNMARK --set-xmark 0x1/0xffffffff",
    "DSCP --set-dscp 0x01",
    "LOG",
    "MARK --set-xmark 0x1/0xffffffff",
    "NFLOG",
    "TCPMSS --clamp-mss-to-pmtu",
    "TEE --gateway 10.0.0.1",
    "TOS --set-tos 0x10/0xff",
    "TRACE",
    "TTL --ttl-set 64",
)


def fate(text: str, packet: Packet = DISCOVER, device: str = "virbr0") -> Decision:
    tables = parse_iptables(text, "ip", "iptables-nft-save", "nft")
    table = next(found for found in tables if found.name == "filter")
    place = Place(family=Family.IP, hook=Hook.INPUT, in_device=device)
    return walk(table, table.chains["INPUT"], Seen(packet, place))


def text_of(decision: Decision) -> str:
    return decision.rule.text if decision.rule else decision.table.chains[decision.chain].text


@pytest.mark.parametrize(
    ("rules", "policy", "verdict", "decides"),
    [
        pytest.param("", "ACCEPT", ACCEPT, ":INPUT", id="the policy accepts"),
        pytest.param("", "DROP", DROP, ":INPUT", id="the policy drops"),
        pytest.param("-A INPUT -i virbr0 -p udp -m udp --dport 67 -j ACCEPT", "DROP", ACCEPT, "67", id="libvirt's own"),
        pytest.param("-A INPUT -i virbr1 -p udp -m udp --dport 67 -j ACCEPT", "DROP", DROP, ":INPUT", id="a bridge"),
        pytest.param("-A INPUT -i virb+ -j REJECT", "ACCEPT", DROP, "virb+", id="wildcard, reject"),
        pytest.param("-A INPUT ! -i lo -j DROP", "ACCEPT", DROP, "! -i lo", id="negated device"),
        pytest.param("-A INPUT -p 17 -j DROP", "ACCEPT", DROP, "17", id="protocol by number"),
        pytest.param("-A INPUT ! -p udp -j DROP", "ACCEPT", ACCEPT, ":INPUT", id="negated protocol"),
        pytest.param("-A INPUT -p tcp -m string --algo bm --string x -j DROP", "ACCEPT", ACCEPT, ":INPUT",
                     id="unmodelled, but tcp: it cannot touch this packet"),
        pytest.param("-A INPUT -s 192.168.122.0/24 -j ACCEPT", "DROP", DROP, ":INPUT", id="source is 0.0.0.0"),
        pytest.param("-A INPUT -d 255.255.255.255/32 -j ACCEPT", "DROP", ACCEPT, "255", id="limited broadcast"),
        pytest.param("-A INPUT -p udp -m multiport --dports 53,67:69 -j ACCEPT", "DROP", ACCEPT, "53", id="multiport"),
        pytest.param("-A INPUT -p udp -m multiport ! --ports 68 -j ACCEPT", "DROP", DROP, ":INPUT", id="either port"),
        pytest.param("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "DROP", DROP, ":INPUT", id="NEW"),
        pytest.param("-A INPUT -m conntrack ! --ctstate ESTABLISHED -j DROP", "ACCEPT", DROP, "EST", id="not est."),
        pytest.param("-A INPUT -m conntrack --ctstate DNAT -j DROP", "ACCEPT", ACCEPT, ":INPUT", id="no NAT so far"),
        pytest.param("-A INPUT -m addrtype --dst-type BROADCAST -j DROP", "ACCEPT", DROP, "BROAD", id="to everybody"),
        pytest.param("-A INPUT -m addrtype --src-type LOCAL -j DROP", "ACCEPT", ACCEPT, ":INPUT", id="from 0.0.0.0"),
        pytest.param("-A INPUT -m pkttype --pkt-type broadcast -j DROP", "ACCEPT", DROP, "pkttype", id="pkttype"),
        pytest.param("-A INPUT -m quota --quota 1 -j DROP", "ACCEPT", UNKNOWN, "quota", id="may match, and decides"),
        pytest.param("-A INPUT -m quota --quota 1 -j DROP", "DROP", DROP, ":INPUT", id="may match, and dies anyway"),
        pytest.param("-A INPUT -m limit --limit 3/min -j LOG", "DROP", DROP, ":INPUT", id="may match, and only logs"),
        pytest.param("-A INPUT -m limit --limit 3/min -j RETURN", "DROP", DROP, ":INPUT", id="returns to the policy"),
        pytest.param("-A INPUT -j NFQUEUE --queue-num 3", "DROP", UNKNOWN, "NFQUEUE", id="a target not modelled"),
        pytest.param("-A INPUT -i lo -j NFQUEUE", "DROP", DROP, ":INPUT", id="a target that is not reached"),
        pytest.param("-A INPUT -i virbr0", "DROP", DROP, ":INPUT", id="a rule that only counts"),
        pytest.param("-A INPUT -j RETURN\n-A INPUT -j ACCEPT", "DROP", DROP, ":INPUT", id="RETURN in a base chain"),
        pytest.param("-A INPUT -i virbr0 -j ACCEPT\n-A INPUT -j DROP", "DROP", ACCEPT, "virbr0", id="first match"),
    ],
)  # fmt: skip
def test_one_table(rules: str, policy: str, verdict: Verdict, decides: str) -> None:
    decision = fate(filter_table(rules, policy))
    assert (decision.verdict, decides in text_of(decision)) == (verdict, True), decision


@pytest.mark.parametrize("target", CONTINUING)
def test_targets_after_which_the_packet_goes_on(target: str) -> None:
    assert fate(filter_table(f"-A INPUT -j {target}\n-A INPUT -i virbr0 -j ACCEPT", "DROP")).verdict is ACCEPT


@pytest.mark.parametrize(
    ("rules", "verdict", "decides"),
    [
        pytest.param("-A INPUT -j a\n-A a -j ACCEPT\n-A INPUT -j DROP", ACCEPT, "a -j ACCEPT",
                     id="accept ends the callers too"),
        pytest.param("-A INPUT -j a\n-A a -i lo -j ACCEPT\n-A INPUT -j ACCEPT", ACCEPT, "INPUT -j ACCEPT",
                     id="the end of a chain leads back"),
        pytest.param("-A INPUT -j a\n-A a -j RETURN\n-A a -j DROP\n-A INPUT -j ACCEPT", ACCEPT, "INPUT -j ACCEPT",
                     id="RETURN leads back to the caller"),
        pytest.param("-A INPUT -g a\n-A a -i lo -j DROP\n-A INPUT -j ACCEPT", DROP, ":INPUT",
                     id="from a goto out of a base chain: the policy"),
        pytest.param("-A INPUT -j a\n-A a -g b\n-A a -j DROP\n-A b -i lo -j DROP\n-A INPUT -j ACCEPT", ACCEPT,
                     "INPUT -j ACCEPT", id="from a goto: the caller's caller"),
        pytest.param("-A INPUT -m quota --quota 1 -j a\n-A a -j ACCEPT", UNKNOWN, "quota", id="may jump to an accept"),
        pytest.param("-A INPUT -m quota --quota 1 -j a\n-A a -j LOG\n-A INPUT -j ACCEPT", ACCEPT, "INPUT -j ACCEPT",
                     id="may jump to where nothing is decided"),
        pytest.param("-A INPUT -m quota --quota 1 -g a\n-A a -i lo -j ACCEPT\n-A INPUT -j ACCEPT", UNKNOWN, "quota",
                     id="may leave by a goto"),
        pytest.param("-A INPUT -j a\n-A a -m quota --quota 1 -j RETURN\n-A a -j DROP\n-A INPUT -j ACCEPT", UNKNOWN,
                     "quota", id="may come back"),
        pytest.param("-A INPUT -j a\n-A a -j b\n-A b -j a", UNKNOWN, "-A b -j a", id="a circle"),
    ],
)  # fmt: skip
def test_chains(rules: str, verdict: Verdict, decides: str) -> None:
    decision = fate(filter_table(rules, "DROP", chains=("a", "b")))
    assert (decision.verdict, decides in text_of(decision)) == (verdict, True), decision


def test_a_hundred_chains_in_a_row_and_more() -> None:
    names = tuple(f"c{number}" for number in range(2000))
    links = "\n".join(f"-A {name} -j {after}" for name, after in itertools.pairwise(names))
    decision = fate(filter_table(f"-A INPUT -j c0\n{links}", "ACCEPT", chains=names))
    assert decision.verdict is UNKNOWN


def test_many_ways_are_walked_once_each() -> None:
    """Every rule may match and jumps to the next chain twice: 2^40 ways, and an answer at once."""
    names = tuple(f"c{number}" for number in range(40))
    twice = "\n".join(
        f"-A {name} -m quota --quota 1 -j {after}\n-A {name} -m quota --quota 2 -j {after}"
        for name, after in itertools.pairwise(names)
    )
    decision = fate(filter_table(f"-A INPUT -j c0\n{twice}\n-A c39 -j DROP", "DROP", chains=names))
    assert decision.verdict is DROP


def test_libvirts_rules_open_a_closed_host() -> None:
    decision = fate(CLOSED)
    assert (decision.verdict, decision.chain) == (ACCEPT, "LIBVIRT_INP")
    assert decision.rule is not None
    assert decision.rule.text == CLOSED.splitlines()[decision.rule.line - 1]


def test_ufw_drops_it_and_every_way_leads_there() -> None:
    decision = fate(UFW)
    assert (decision.verdict, text_of(decision)) == (DROP, "-A ufw-skip-to-policy-input -j DROP")


def test_ufw_with_an_opening() -> None:
    opening = "-A ufw-user-input -i virbr0 -p udp -m udp --dport 67 -j ACCEPT\nCOMMIT"
    assert fate(UFW.replace("COMMIT", opening)).verdict is ACCEPT


def test_a_state_that_is_not_known_stays_open() -> None:
    text = filter_table("-A INPUT -m conntrack --ctstate NEW -j DROP")
    assert fate(text, msgspec.structs.replace(DISCOVER, state=None)).verdict is UNKNOWN


_RULES = st.sampled_from(
    [
        "-i virbr0",
        "! -i virbr0",
        "-m quota --quota 1",
        "-p udp",
        "-p tcp",
        "-m conntrack --ctstate NEW",
        "-f",
        "",
    ]
)
_TARGETS = st.sampled_from(["-j ACCEPT", "-j DROP", "-j RETURN", "-j LOG", "-j a", "-g b", "-j b", "-j DNAT", ""])


@given(st.lists(st.tuples(st.sampled_from(["INPUT", "a", "b"]), _RULES, _TARGETS)), st.sampled_from(["ACCEPT", "DROP"]))
def test_every_tree_has_an_answer_that_names_its_line(rules: list[tuple[str, str, str]], policy: str) -> None:
    text = filter_table("\n".join(f"-A {' '.join(words)}" for words in rules), policy, chains=("a", "b"))
    decision = fate(text)
    if decision.rule is not None:
        assert decision.rule.text.strip() == text.split("\n")[decision.rule.line - 1].strip()
    assert bool(decision.why) is (decision.verdict is UNKNOWN)


YES, NO, MAYBE = Answer.YES, Answer.NO, Answer.MAYBE
_MET = {DROP: YES, ACCEPT: NO, UNKNOWN: MAYBE}
FETCH = Packet(
    name="FETCH",
    ethertype=0x0800,
    protocol=6,
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
        ("-m mark --mark 0x1", NO, NO),
    ],
)
def test_meets(words: str, discover: Answer, fetch: Answer) -> None:
    asked = [fate(filter_table(f"-A INPUT {words} -j DROP"), *seen).verdict for seen in ((DISCOVER,), (FETCH, "eth0"))]
    assert [_MET[verdict] for verdict in asked] == [discover, fetch]
