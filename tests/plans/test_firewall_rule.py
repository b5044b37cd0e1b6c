"""One accepting rule put first: the command, its way back, and the host after it."""

import msgspec

from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import Netfilter, RulesText
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.firewall_rule import InsertIptablesRule, InsertNftRule
from pxedoctor.plans.request import RemoveNftRule, Run
from pxedoctor.plans.step import Assumed, Inverse
from ruletexts import real

DHCP = Opening(interface="virbr0", service="dhcp")
BY_IPTABLES = InsertIptablesRule(
    program="iptables-nft",
    family="ip",
    chain="INPUT",
    admits=DHCP.rules[0],
    what=str(DHCP),
    listing="iptables-nft-save",
)
BY_NFT = InsertNftRule(
    family="inet",
    table="filter",
    chain="input",
    admits=DHCP.rules[0],
    comment="pxedoctor: dhcp in virbr0",
    what=str(DHCP),
)


def listed(*listings: RulesText) -> Host:
    return host(netfilter=Netfilter(listings=listings))


def saved(origin: str = "iptables-nft-save", family: str = "ip") -> RulesText:
    return RulesText(family=family, dialect="iptables-save", variant="nft", origin=origin, text=real("ufw.save"))


def texts(of: Host | Assumed) -> list[str]:
    assert isinstance(of, Host)
    assert isinstance(of.netfilter, Netfilter)
    return [listing.text for listing in of.netfilter.listings]


def test_the_command_and_its_way_back() -> None:
    rule = "-i virbr0 -p udp -m udp --dport 67 -j ACCEPT"
    assert " ".join(BY_IPTABLES.argv()) == f"iptables-nft -w -I INPUT {rule}"
    back = BY_IPTABLES.undo(listed())
    assert isinstance(back, Inverse)
    assert isinstance(back.request, Run)
    assert " ".join(back.request.argv) == f"iptables-nft -w -D INPUT {rule}"
    assert " ".join(back.request.only_if) == f"iptables-nft -w -C INPUT {rule}"


def test_only_the_listing_of_its_own_program_changes() -> None:
    before = listed(saved("iptables-legacy-save -t filter"), saved("ip6tables-nft-save", "ip6"), saved())
    after = texts(BY_IPTABLES.simulate(before))
    assert after[:2] == texts(before)[:2]
    line = "-A INPUT -i virbr0 -p udp -m udp --dport 67 -j ACCEPT\n"
    assert after[2].replace(line, "", 1) == texts(before)[2]
    assert after[2].index(line) < after[2].index("-A INPUT -j ufw-before-logging-input")


def test_a_table_that_the_listing_shows_wrongly_is_not_played_with() -> None:
    """iptables-save leaves out what it cannot say: what would happen to the others is not known."""
    mixed = msgspec.structs.replace(saved(), except_tables=frozenset({"filter"}))
    assert isinstance(BY_IPTABLES.simulate(listed(mixed)), Assumed)


def test_without_a_listing_it_is_assumed() -> None:
    assert isinstance(BY_IPTABLES.simulate(host(netfilter=Missing("forbidden", "not root"))), Assumed)
    assert isinstance(BY_IPTABLES.simulate(listed(saved("iptables-save"))), Assumed)
    assert isinstance(BY_NFT.simulate(listed(saved())), Assumed)


def test_nfts_rule_is_found_again_by_its_comment() -> None:
    assert BY_NFT.argv()[6:] == (
        "iifname",
        '"virbr0"',
        "udp",
        "dport",
        "67",
        "accept",
        "comment",
        f'"{BY_NFT.comment}"',
    )
    back = BY_NFT.undo(listed())
    assert isinstance(back, Inverse)
    assert back.request == RemoveNftRule("inet", "filter", "input", BY_NFT.comment)
    assert back.argv[:2] == ("sh", "-c")


def test_nfts_text_and_json_say_the_same_afterwards() -> None:
    text = "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n}\n"
    json = '{"nftables": [{"chain": {"family": "inet", "table": "filter", "name": "input"}}]}'
    one = RulesText(family="inet", dialect="nft-text", variant="native", origin="nft list ruleset", text=text)
    other = RulesText(family="inet", dialect="nft-json", variant="native", origin="nft -j list ruleset", text=json)
    rule = 'iifname "virbr0" udp dport 67 accept comment "pxedoctor: dhcp in virbr0"'
    assert f"{rule} # handle 0" in texts(BY_NFT.simulate(listed(one)))[0]
    assert '"dport"' in texts(BY_NFT.simulate(listed(other)))[0]
