"""The table that marks one guest's packets: for this MAC and the ports of a boot, and it decides nothing."""

from pxedoctor.trace.rule_table import commands, table_name

MAC = "52:54:00:0d:0d:01"


def test_it_goes_with_its_owner_and_lets_everything_go_on() -> None:
    lines = commands("t", MAC, "br0")
    tables = [line for line in lines if line.startswith("add table")]
    assert tables == ["add table bridge t { flags owner; }", "add table inet t { flags owner; }"]
    assert all("policy accept" in line for line in lines if line.startswith("add chain"))
    rules = [line for line in lines if line.startswith("add rule")]
    assert rules
    marks = [line for line in rules if not line.endswith(" return")]
    assert all(line.endswith("meta nftrace set 1") or " add @asked { ip saddr . " in line for line in marks)
    assert not any(word in " ".join(lines) for word in (" drop", " accept ", "reject"))


def test_each_rule_is_for_this_guest_or_for_its_bridges_dhcp() -> None:
    mine = [line for line in commands("t", MAC, "br0") if line.startswith("add rule")]
    assert all(MAC in line or "0x5254000d0d01" in line or "dport @asked" in line for line in mine)
    everybodys = [line for line in commands("t", None, "br0") if line.startswith("add rule")]
    assert all("udp dport" in line for line in everybodys)
    assert all('"br0"' in line for line in everybodys if " inet " in line)


def test_what_others_send_to_others_leaves_first() -> None:
    """From neither the guest nor to it, and no DHCP: the first rule of a chain, and of none a later one."""
    rules = [line.split(maxsplit=5) for line in commands("t", MAC, "br0") if line.startswith("add rule")]
    for family in ("bridge", "inet"):
        first, *others = [words[5] for words in rules if words[2] == family and words[4] == "prerouting"]
        assert first.startswith(f"ether saddr != {MAC} ")
        assert first.endswith(" th dport != 67-68 return")
        assert not any(line.endswith("return") for line in others)
    assert not any("return" in words[5] for words in rules if words[4] != "prerouting")


def test_two_traces_have_two_tables() -> None:
    assert table_name(1) != table_name(2)
