"""The tables that mark one guest's packets: for this MAC and the ports of a boot, and they decide nothing."""

import pytest

from pxedoctor.trace.rule_table import at_no_port, at_port, looking, resting, standing, table_name

MAC = "52:54:00:0d:0d:01"
ALL = (
    *standing("t", MAC, "br0"),
    *at_port("t", MAC, "vnet0"),
    *looking("t", MAC, "br0", marked=True),
    *looking("t", MAC, "br0", marked=False),
)


def rules(lines: tuple[str, ...], family: str, chain: str) -> list[str]:
    """What each rule of this chain says."""
    words = [line.split(maxsplit=5) for line in lines if line.startswith("add rule")]
    return [entry[5] for entry in words if (entry[2], entry[4]) == (family, chain)]


def test_they_go_with_their_owner_and_let_everything_go_on() -> None:
    tables = {line for line in ALL if line.startswith("add table")}
    assert tables == {f"add table {family} t {{ flags owner; }}" for family in ("netdev", "bridge", "inet")}
    assert all("policy accept" in line for line in ALL if line.startswith("add chain"))
    added = [line for line in ALL if line.startswith("add rule")]
    marks = [line for line in added if not line.endswith(" return")]
    assert all(line.endswith("meta nftrace set 1") or " add @asked { ip saddr . " in line for line in marks)
    assert not any(word in " ".join(ALL) for word in (" drop", " accept ", "reject"))


def test_each_rule_is_for_this_guest_or_for_its_bridges_dhcp() -> None:
    mine = [line for line in ALL if line.startswith("add rule") and not line.endswith("th dport != 67-68 return")]
    assert all(MAC in line or "0x5254000d0d01" in line or "dport @asked" in line for line in mine)
    lines = (*standing("t", None, "br0"), *looking("t", None, "br0", marked=False))
    everybodys = [line for line in lines if line.startswith("add rule")]
    assert all("udp dport" in line for line in everybodys)
    assert all('"br0"' in line for line in everybodys if " inet " in line)


@pytest.mark.parametrize("marked", [True, False])
def test_what_others_send_to_others_leaves_first(marked: bool) -> None:
    """From neither the guest nor to it, and no DHCP: the first rule of a chain, and of none a later one."""
    lines = looking("t", MAC, "br0", marked=marked)
    for family in ("bridge", "inet"):
        first, *others = rules(lines, family, "prerouting")
        assert first.endswith("th dport != 67-68 return")
        assert others
        assert not any(line.endswith("return") for line in others)
    assert ("ether saddr" in rules(lines, "bridge", "prerouting")[0]) is not marked


def test_what_the_guests_port_marks_no_chain_of_everybodys_looks_for() -> None:
    ingress = rules(at_port("t", MAC, "vnet0"), "netdev", "ingress")
    before = rules(looking("t", MAC, "br0", marked=True), "bridge", "prerouting")
    assert any("udp dport" in rule and MAC in rule for rule in ingress)
    assert not any("ether saddr" in rule for rule in before)
    assert all(rule in rules(looking("t", MAC, "br0", marked=False), "bridge", "prerouting") for rule in ingress)


def test_only_what_passes_this_host_itself_pays_all_the_time() -> None:
    chains = [line.split()[2:5] for line in standing("t", MAC, "br0") if line.startswith("add chain")]
    assert chains == [["inet", "t", "input"], ["inet", "t", "output"]]
    assert 'device "vnet0"' in " ".join(at_port("t", MAC, "vnet0"))


def test_rest_takes_away_each_chain_that_looks_and_no_other() -> None:
    gone = resting("t")
    inet = [line.split()[4] for line in looking("t", MAC, "br0", marked=True) if line.startswith("add chain inet")]
    assert [line for line in gone if line.startswith("delete")] == [
        "delete table bridge t",
        *(f"delete chain inet t {hook}" for hook in inet),
    ]
    assert at_no_port("t")[-1] == "delete table netdev t"


def test_it_is_watched_by_each_port_that_it_may_fetch_by() -> None:
    lines = (
        *standing("t", MAC, "br0", (80, 8081)),
        *at_port("t", MAC, "vnet0", (80, 8081)),
        *looking("t", MAC, "br0", marked=False, http=(80, 8081)),
    )
    assert not any("8080" in line for line in lines)
    chains = {tuple(line.split()[2:5]) for line in lines if "port { 80, 8081 }" in line}
    places = (("inet", "input"), ("netdev", "ingress"), ("bridge", "prerouting"), ("bridge", "output"))
    assert chains == {(family, "t", chain) for family, chain in places}


def test_two_traces_have_two_tables() -> None:
    assert table_name(1) != table_name(2)
