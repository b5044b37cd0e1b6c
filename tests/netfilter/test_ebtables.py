"""ebtables-save text to tables: what each option and target means to the kernel, and what is no listing."""

from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter.condition import Always, Bits, Condition, Member, Name, Number, Unmodelled
from pxedoctor.netfilter.ebtables import parse_ebtables
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.seen import Family, Hook, Packet, Place, Seen
from pxedoctor.netfilter.syntax import (
    Action,
    End,
    Ends,
    GoesOn,
    Jump,
    ListingError,
    Rewrite,
    Rule,
    Strange,
    Table,
    WriteMark,
)
from pxedoctor.netfilter.walk import Verdict, walk

DATA = Path(__file__).parent / "data"
# Printed by ebtables-nft-save 1.8.9.
PRINTED = (DATA / "save/ebtables-nft-1.8.9.save").read_text(encoding="utf-8")
NWFILTER = (DATA / "owners/nwfilter.save").read_text(encoding="utf-8")

_ALL = 0xFFFFFFFF


def parsed(text: str, variant: str = "nft") -> dict[str, Table]:
    tables = parse_ebtables(text, "ebtables-save", variant)  # type: ignore[arg-type]
    return {table.name: table for table in tables}


def rule(words: str, table: str = "filter", chain: str = "FORWARD") -> Rule:
    text = f"*{table}\n:{chain} ACCEPT\n:mine RETURN\n-A {chain} {words}\n"
    (found,) = parsed(text)[table].chains[chain].rules
    return found


def _n(address: str) -> int:
    return int(ip_address(address))


def _one(field: Field, number: int, negated: bool = False, mask: int | None = None) -> Number:
    return Number(field, ((number, number),), negated, mask)


def test_base_chains_stand_where_nft_hooks_them() -> None:
    tables = parsed(PRINTED)
    hooks = {
        (table.name, chain.name): (chain.hook, chain.priority, chain.policy, chain.kind)
        for table in tables.values()
        for chain in table.chains.values()
        if chain.hook
    }
    assert hooks == {
        ("filter", "INPUT"): ("input", -200, "accept", "filter"),
        ("filter", "FORWARD"): ("forward", -200, "drop", "filter"),
        ("filter", "OUTPUT"): ("output", -200, "accept", "filter"),
        ("nat", "PREROUTING"): ("prerouting", -300, "accept", "filter"),
        ("nat", "OUTPUT"): ("output", 100, "accept", "filter"),
        ("nat", "POSTROUTING"): ("postrouting", 300, "accept", "filter"),
    }
    assert {(table.family, table.dialect) for table in tables.values()} == {("bridge", "ebtables")}


def test_the_legacy_variant_filters_output_later() -> None:
    assert parsed("*filter\n:OUTPUT ACCEPT\n", "legacy")["filter"].chains["OUTPUT"].priority == 200


def test_a_users_chain_has_a_policy() -> None:
    chains = parsed(PRINTED)["filter"].chains
    assert [(chains[name].hook, chains[name].policy) for name in ("user", "user2", "user3")] == [
        ("", "accept"),
        ("", "drop"),
        ("", "return"),
    ]


def test_every_printed_rule_has_its_line() -> None:
    lines = PRINTED.splitlines()
    rules = [rule for table in parsed(PRINTED).values() for chain in table.chains.values() for rule in chain.rules]
    assert len(rules) == sum(line.startswith("-A") for line in lines)
    assert all(rule.text == lines[rule.line - 1] for rule in rules)


@pytest.mark.parametrize(
    ("words", "conditions"),
    [
        ("-p IPv4", (_one(Field.HEADER_TYPE, 0x800),)),
        ("-p 0x88cc", (_one(Field.HEADER_TYPE, 0x88CC),)),
        ("-p Length", (Number(Field.HEADER_TYPE, ((0, 0x5FF),)),)),
        ("-p ! ARP", (_one(Field.HEADER_TYPE, 0x806, negated=True),)),
        ("! -p ARP", (_one(Field.HEADER_TYPE, 0x806, negated=True),)),
        ("-p 802_1Q", (_one(Field.HEADER_TYPE, 0x8100),)),
        ("-i vnet+", (Name(Field.IN_NAME, (("vnet", True),)),)),
        ("-o ! vnet1", (Name(Field.OUT_NAME, (("vnet1", False),), negated=True),)),
        ("--logical-in br0", (Name(Field.IN_BRIDGE, (("br0", False),)),)),
        ("--logical-out ! br0", (Name(Field.OUT_BRIDGE, (("br0", False),), negated=True),)),
        ("-s ! 52:54:0:d:d:1", (_one(Field.MAC_SOURCE, 0x5254000D0D01, negated=True),)),
        (
            "-s 52:54:00:00:00:00/ff:ff:ff:00:00:00",
            (_one(Field.MAC_SOURCE, 0x525400000000, mask=0xFFFFFF000000),),
        ),
        ("-d Broadcast", (_one(Field.MAC_DESTINATION, 0xFFFFFFFFFFFF),)),
        ("-d Multicast", (_one(Field.MAC_DESTINATION, 1 << 40, mask=1 << 40),)),
        ("-s ! Unicast", (_one(Field.MAC_SOURCE, 0, negated=True, mask=1 << 40),)),
        ("-d BGA", (_one(Field.MAC_DESTINATION, 0x0180C2000000),)),
        ("--ip-src 10.0.0.0/8", (Number(Field.SOURCE4, ((_n("10.0.0.0"), _n("10.255.255.255")),)),)),
        ("--ip-dst ! 10.0.0.1", (_one(Field.DESTINATION4, _n("10.0.0.1"), negated=True),)),
        ("--ip-proto udp", (_one(Field.PROTOCOL, 17),)),
        ("--ip-proto ! tcp", (_one(Field.PROTOCOL, 6, negated=True),)),
        ("--ip-sport 67:68", (Number(Field.SOURCE_PORT, ((67, 68),)),)),
        ("--ip-dport ! 67", (_one(Field.DESTINATION_PORT, 67, negated=True),)),
        ("--ip-icmp-type echo-request", (_one(Field.ICMP_TYPE, 8),)),
        ("--ip6-src fe80::/10", (Number(Field.SOURCE6, ((_n("fe80::"), _n("fec0::") - 1),)),)),
        ("--ip6-dport 547", (_one(Field.DESTINATION_PORT, 547),)),
        ("--ip6-icmp-type router-advertisement", (_one(Field.ICMP_TYPE, 134),)),
        (
            "--ip6-icmp-type ! 134/0:5",
            (
                Member(
                    (Field.ICMP_TYPE, Field.ICMP_CODE),
                    elements=(((134, 134), (0, 5)),),
                    negated=True,
                    text="! --ip6-icmp-type 134/0:5",
                ),
            ),
        ),
        ("--arp-op Request", (_one(Field.ARP_OPERATION, 1),)),
        ("--arp-op ! Reply", (_one(Field.ARP_OPERATION, 2, negated=True),)),
        ("--arp-ip-src 10.0.0.1", (_one(Field.ARP_SOURCE, _n("10.0.0.1")),)),
        ("--arp-ip-dst 10.0.0.2", (_one(Field.ARP_TARGET, _n("10.0.0.2")),)),
        ("--arp-mac-src 52:54:00:00:00:01", (_one(Field.ARP_SOURCE_MAC, 0x525400000001),)),
        ("--arp-mac-dst ff:ff:ff:ff:ff:ff", (_one(Field.ARP_TARGET_MAC, 0xFFFFFFFFFFFF),)),
        ("--arp-htype 1", (Always(True, "--arp-htype 1"),)),
        ("--arp-ptype 0x800", (Always(True, "--arp-ptype 0x800"),)),
        ("--pkttype-type ! otherhost", (_one(Field.PACKET_TYPE, 3, negated=True),)),
        ("--mark 0x1", (_one(Field.MARK, 1),)),
        ("--mark ! 0x1/0xff", (_one(Field.MARK, 1, negated=True, mask=255),)),
        ("--mark /0xff", (Bits(Field.MARK, 255),)),
        ("--vlan-id 5", (_one(Field.VLAN, 5),)),
        ("--vlan-encap 0800", (_one(Field.ETHERTYPE, 0x800),)),
    ],
)
def test_matches(words: str, conditions: tuple[Condition, ...]) -> None:
    assert rule(f"{words} -j DROP").parts == (*conditions, End(Ends.DROP))


@pytest.mark.parametrize(
    "words",
    [
        "--ip-tos 0x10",
        "--arp-gratuitous",
        "--vlan-prio 5",
        "--limit 3/min --limit-burst 5",
        "--among-src 52:54:0:0:0:1=10.0.0.1,52:54:0:0:0:2",
        "--stp-type config",
        "--802_3-sap 0x42",
        "-p what",
        "--ip-proto ! ! tcp",
        "--pkttype-type fastroute",
        "--arp-htype 6",
        "-s 52:54",
        "-i",
        "foo",
    ],
)
def test_what_is_not_modelled_says_so_in_its_own_words(words: str) -> None:
    parts = rule(f"{words} -j DROP").parts
    assert parts[-1] == End(Ends.DROP)
    assert all(isinstance(part, Unmodelled) for part in parts[:-1])
    assert " ".join(part.text for part in parts[:-1] if isinstance(part, Unmodelled)) == words


def test_watchers_let_the_frame_go_on() -> None:
    found = rule('--log-level notice --log-prefix "a -j b" --log-ip -j CONTINUE')
    assert found.parts == (
        GoesOn("--log-level notice"),
        GoesOn('--log-prefix "a -j b"'),
        GoesOn("--log-ip"),
        End(Ends.CONTINUE),
    )


@pytest.mark.parametrize(
    ("words", "actions"),
    [
        ("ACCEPT", (End(Ends.ACCEPT),)),
        ("DROP", (End(Ends.DROP),)),
        ("RETURN", (End(Ends.RETURN),)),
        ("mine", (Jump("mine"),)),
        ("mark --mark-set 0x1 --mark-target ACCEPT", (WriteMark(Field.MARK, 0, 1), End(Ends.ACCEPT))),
        ("mark --mark-set 0x1", (WriteMark(Field.MARK, 0, 1), End(Ends.ACCEPT))),
        ("mark --mark-or 0x1 --mark-target CONTINUE", (WriteMark(Field.MARK, _ALL ^ 1, 1), End(Ends.CONTINUE))),
        ("mark --mark-and 0x1 --mark-target RETURN", (WriteMark(Field.MARK, 1, 0), End(Ends.RETURN))),
        ("mark --mark-xor 0x1 --mark-target DROP", (WriteMark(Field.MARK, _ALL, 1), End(Ends.DROP))),
        ("dnat --to-dst 52:54:00:00:00:01 --dnat-target ACCEPT", (Rewrite,)),
        ("snat --to-src 52:54:00:00:00:01 --snat-target DROP", (End(Ends.DROP),)),
        ("redirect ", (Rewrite("destination", "-j redirect"),)),
        ("redirect --redirect-target CONTINUE", (Strange("-j redirect --redirect-target CONTINUE"),)),
        ("arpreply --arpreply-mac 52:54:00:00:00:01", (Strange("-j arpreply --arpreply-mac 52:54:00:00:00:01"),)),
        ("snat --to-src 52:54:00:00:00:01 --snat-arp --snat-target ACCEPT", (Strange,)),
        ("yours", (Strange("-j yours"),)),
        ("ACCEPT --now", (Strange("-j ACCEPT --now"),)),
        ("mark --mark-set what", (Strange("-j mark --mark-set what"),)),
    ],
)
def test_targets(words: str, actions: tuple[Action | type[Action], ...]) -> None:
    found = rule(f"-j {words}").parts
    assert len(found) == len(actions)
    for part, action in zip(found, actions, strict=True):
        assert isinstance(part, action) if isinstance(action, type) else part == action


def test_a_frame_that_broute_drops_is_routed_instead() -> None:
    (dropped,) = rule("-p IPv4 -j DROP", "broute", "BROUTING").parts[1:]
    assert isinstance(dropped, Strange)
    assert "routed, not bridged" in dropped.text
    chains = parsed("*broute\n:BROUTING DROP\n")["broute"].chains
    assert "routed" in chains["BROUTING"].unlisted
    assert (chains["BROUTING"].hook, chains["BROUTING"].priority) == ("prerouting", -(1 << 31))


def test_a_word_that_belongs_to_nothing_may_be_a_lost_target() -> None:
    assert rule("foo -p ARP").parts[-1] == Strange("-A FORWARD foo -p ARP")
    assert rule("-p ARP").parts == (_one(Field.HEADER_TYPE, 0x806),)


def _seen(**changes: object) -> Seen:
    discover = Packet(
        name="DISCOVER",
        ethertype=0x0800,
        source="0.0.0.0",
        destination="255.255.255.255",
        protocol=17,
        source_port=68,
        destination_port=67,
        mac_source="52:54:00:0d:0d:01",
        mac_destination="ff:ff:ff:ff:ff:ff",
    )
    packet = msgspec.structs.replace(discover, **changes)
    return Seen(packet, Place(family=Family.BRIDGE, hook=Hook.PREROUTING, in_device="vnet0", bridge="virbr0"))


@pytest.mark.parametrize(
    ("changes", "verdict", "text"),
    [
        ({}, Verdict.ACCEPT, "-A libvirt-I-vnet0 -p IPv4 -j ACCEPT"),
        ({"mac_source": "52:54:00:0d:0d:02"}, Verdict.DROP, "-A libvirt-I-vnet0 -s ! 52:54:00:0d:0d:01 -j DROP"),
        ({"ethertype": 0x0806}, Verdict.ACCEPT, "-A libvirt-I-vnet0 -p ARP -j ACCEPT"),
        ({"ethertype": 0x86DD, "source": "::", "destination": "ff02::2"}, Verdict.DROP, "-A libvirt-I-vnet0 -j DROP"),
        ({"vlan": 5}, Verdict.DROP, "-A libvirt-I-vnet0 -j DROP"),
    ],
)
def test_the_rules_that_nwfilter_writes_for_a_guest(changes: dict[str, object], verdict: Verdict, text: str) -> None:
    table = parsed(NWFILTER)["nat"]
    decision = walk(table, table.chains["PREROUTING"], _seen(**changes))
    assert decision.verdict is verdict
    assert decision.rule is not None
    assert decision.rule.text == text


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("-A INPUT -j DROP\n", 1, "outside any table"),
        ("*filter\n-A foo -j DROP\n", 2, "not declared"),
        ("*filter\n:INPUT RETURN\n:INPUT DROP\n", 3, "declared twice"),
        ("*filter\n:INPUT -\n", 2, "not a chain of table filter"),
        ("*mangle\n", 1, "no table of ebtables: mangle"),
        ("*filter\n:INPUT ACCEPT\nBridge chain: INPUT\n", 3, "neither a chain nor a rule"),
        ("# Generated by ebtables-save v1.8.9 (nf_tables) on x\n*filter\n:INPUT ACCEPT\n", 4, "cut short"),
    ],
)
def test_what_is_no_listing(text: str, line: int, why: str) -> None:
    with pytest.raises(ListingError, match=why) as caught:
        parsed(text)
    assert caught.value.line == line


def _tried(text: str) -> dict[str, Table] | ListingError:
    try:
        return parsed(text)
    except ListingError as error:
        return error


def _rules(tables: dict[str, Table]) -> int:
    return sum(len(chain.rules) for table in tables.values() for chain in table.chains.values())


_LINES = st.sampled_from([*PRINTED.splitlines(), *NWFILTER.splitlines(), "COMMIT", ":x RETURN", '-A x "', "-A x ! -j"])


@given(st.one_of(st.text(), st.lists(_LINES).map("\n".join)))
def test_any_text_gives_tables_or_the_one_error(text: str) -> None:
    tables = _tried(text)
    if isinstance(tables, ListingError):
        assert 1 <= tables.line <= text.count("\n") + 1
    else:
        assert _rules(tables) == sum(1 for line in text.split("\n") if line.strip().startswith(("-A", "[")))


@given(st.data())
def test_a_real_listing_with_an_error_in_it(data: st.DataObject) -> None:
    at, length = data.draw(st.integers(0, len(PRINTED))), data.draw(st.integers(0, 40))
    tables = _tried(PRINTED[:at] + data.draw(st.text(max_size=8)) + PRINTED[at + length :])
    assert isinstance(tables, ListingError) or _rules(tables) >= 0


@given(st.lists(st.sampled_from([*PRINTED.split(), "!", '"', "\\", "-A", "9:1", "é", "-", "--", "-j", "-p"])))
def test_any_words_make_one_rule(words: list[str]) -> None:
    tables = _tried(f"*filter\n:INPUT ACCEPT\n-A INPUT {' '.join(words)}\n")
    assert not isinstance(tables, ListingError)
    assert _rules(tables) == 1
