"""Listings of real programs, as nft 1.0.6 prints them: what of them matters to a guest's packets is understood.

firewalld, libvirt 9 and iptables-nft 1.8.9 were run; the others are the rules that those programs are documented to
write, loaded and listed.
"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft_shown import shown
from pxedoctor.netfilter.condition import Unmodelled
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.seen import Family, Hook, Marks, Packet, Place, Seen
from pxedoctor.netfilter.syntax import Jump, ListingError, Strange, Table
from pxedoctor.netfilter.walk import Decision, Verdict, walk

_LISTINGS = Path(__file__).parent / "listings"

DISCOVER = Packet(
    name="DISCOVER",
    ethertype=0x0800,
    source="0.0.0.0",
    destination="255.255.255.255",
    protocol=17,
    source_port=68,
    destination_port=67,
    ttl=64,
    length=328,
    link_type="broadcast",
    state="NEW",
)


def tables(name: str) -> dict[str, Table]:
    text = (_LISTINGS / f"{name}.nft").read_text(encoding="utf-8")
    return {f"{table.family} {table.name}": table for table in parse_nft_text(text, name)}


def not_understood(table: Table) -> list[str]:
    """The statements of which nobody knows what they mean."""
    rules = [rule for chain in table.chains.values() for rule in chain.rules]
    return [part.text for rule in rules for part in rule.parts if isinstance(part, Unmodelled | Strange)]


def fate(table: Table, chain: str, packet: Packet = DISCOVER, came: str = "virbr0", leaves: str = "") -> Decision:
    base = table.chains[chain]
    place = Place(family=Family.IP, hook=Hook(base.hook), in_device=came, out_device=leaves)
    # No rule before has rewritten it.
    return walk(table, base, Seen(packet, place, Marks(nat=0)))


ALL = ("firewalld", "libvirt_network", "docker_bridges", "netavark", "kube_proxy", "workstation", "iptables_nft")


@pytest.mark.parametrize("name", ALL)
def test_every_rule_has_its_handle_and_every_jump_leads_to_a_chain(name: str) -> None:
    for table in tables(name).values():
        for chain in table.chains.values():
            assert all(rule.handle for rule in chain.rules)
            assert {jumped for rule in chain.rules for jumped in rule.jumps} <= table.chains.keys()
        verdicts = [verdict for found in table.sets.values() for verdict in found.verdicts]
        assert {verdict.chain for verdict in verdicts if isinstance(verdict, Jump)} <= table.chains.keys()
        assert all(found.known for found in table.sets.values())


@given(name=st.sampled_from(ALL), share=st.floats(0, 1))
def test_a_listing_cut_short_is_an_error_that_names_its_last_line(name: str, share: float) -> None:
    whole = (_LISTINGS / f"{name}.nft").read_text(encoding="utf-8")
    cut = whole[: int(len(whole) * share)]
    last = cut.rstrip().rpartition("\n")[2]
    if not cut.strip() or last == "}" or last.startswith("#"):
        assert isinstance(parse_nft_text(cut, name), tuple)
        return
    with pytest.raises(ListingError) as caught:
        parse_nft_text(cut, name)
    assert caught.value.line in {cut.count("\n") + 1, cut.count("\n")}


@given(name=st.sampled_from(ALL), drop=st.integers(0, 500), swap=st.integers(0, 500))
def test_a_listing_with_lines_lost_or_swapped_is_read_or_is_an_error(name: str, drop: int, swap: int) -> None:
    lines = (_LISTINGS / f"{name}.nft").read_text(encoding="utf-8").splitlines()
    del lines[drop % len(lines)]
    at = swap % (len(lines) - 1)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    try:
        found = parse_nft_text("\n".join(lines), name)
    except ListingError:
        return
    assert all(
        rule.parts or not rule.text for table in found for chain in table.chains.values() for rule in chain.rules
    )


def test_firewalld_lets_in_what_its_zone_libvirt_does() -> None:
    found = tables("firewalld")
    firewalld = found["inet firewalld"]
    # Routes decide whether a way leads back, for IPv6 alone.
    assert not_understood(firewalld) == []
    opened = fate(firewalld, "filter_INPUT")
    assert (opened.verdict, opened.chain, opened.rule and opened.rule.handle) == (
        Verdict.ACCEPT,
        "filter_IN_libvirt_allow",
        189,
    )
    refused = fate(firewalld, "filter_INPUT", came="eth0")
    assert (refused.verdict, refused.rule and refused.rule.text) == (Verdict.DROP, "reject with icmpx admin-prohibited")
    assert firewalld.chains["filter_INPUT"].priority == 10
    assert firewalld.chains["mangle_PREROUTING"].priority == -140
    assert fate(firewalld, "filter_PREROUTING").verdict is Verdict.ACCEPT


def test_libvirts_iptables_rules_beside_it_are_understood_from_nfts_text_too() -> None:
    found = tables("firewalld")
    assert [text for table in found.values() for text in not_understood(table)] == []
    assert fate(found["ip filter"], "INPUT").verdict is Verdict.ACCEPT
    (fill,) = found["ip mangle"].chains["LIBVIRT_PRT"].rules
    assert shown(fill) == 'out = "virbr0"; protocol = 17; dport = 68; (counter packets 0 bytes 0); FILL'


def test_libvirts_nftables_backend_opens_and_closes_nothing_towards_the_host() -> None:
    found = tables("libvirt_network")["ip libvirt_network"]
    assert not_understood(found) == []
    assert [chain.name for chain in found.chains.values() if chain.hook] == ["forward", "guest_nat"]
    outwards = Packet(
        name="SYN", ethertype=0x0800, source="192.168.122.7", destination="192.0.2.1", protocol=6, state="NEW"
    )
    passed = fate(found, "forward", outwards, leaves="eth0")
    assert (passed.verdict, passed.chain) == (Verdict.ACCEPT, "guest_output")
    foreign = fate(found, "forward", outwards, came="eth0", leaves="virbr0")
    assert (foreign.verdict, foreign.rule and shown(foreign.rule)) == (
        Verdict.DROP,
        'out = "virbr0"; (counter packets 0 bytes 0); REJECT',
    )


def test_dockers_nftables_backend_closes_its_own_bridges_alone() -> None:
    docker = tables("docker_bridges")["ip docker-bridges"]
    assert not_understood(docker) == []
    assert fate(docker, "filter-FORWARD", leaves="virbr0").verdict is Verdict.ACCEPT
    closed = fate(docker, "filter-FORWARD", came="eth0", leaves="web0")
    assert (closed.verdict, closed.rule and closed.rule.comment) == (Verdict.DROP, "UNPUBLISHED PORT DROP")
    # 255.255.255.255 is no address of the host, whatever its routes.
    assert fate(docker, "nat-PREROUTING").rewrites == ()
    assert fate(docker, "nat-PREROUTING").may_rewrite == ()


def test_netavark_rewrites_no_discover() -> None:
    netavark = tables("netavark")["inet netavark"]
    assert not_understood(netavark) == []
    assert fate(netavark, "PREROUTING").may_rewrite == ()
    assert fate(netavark, "FORWARD", leaves="eth0").verdict is Verdict.ACCEPT
    assert fate(netavark, "INPUT").verdict is Verdict.ACCEPT


def test_kube_proxy_looks_its_services_up_and_a_discover_is_none_of_them() -> None:
    kube = tables("kube_proxy")["ip kube-proxy"]
    assert len(not_understood(kube)) == 1
    assert not_understood(kube)[0].startswith("numgen random mod 2 vmap {")
    for chain in ("filter-prerouting", "filter-input", "nat-prerouting"):
        assert fate(kube, chain).verdict is Verdict.ACCEPT
    query = Packet(
        name="DNS",
        ethertype=0x0800,
        source="192.168.122.7",
        destination="10.96.0.10",
        protocol=17,
        source_port=4000,
        destination_port=53,
        state="NEW",
    )
    assert fate(kube, "nat-prerouting", query).verdict is Verdict.UNKNOWN


def test_a_workstations_nftables_conf_drops_every_discover() -> None:
    guard = tables("workstation")["inet filter"]
    dropped = fate(guard, "input")
    assert (dropped.verdict, dropped.rule and dropped.rule.text) == (Verdict.DROP, "counter packets 0 bytes 0 drop")
    assert fate(guard, "forward", leaves="eth0").verdict is Verdict.DROP


def test_what_nft_cannot_say_of_xtables_extensions_is_never_passed_over() -> None:
    found = tables("iptables_nft")
    hidden = "(a statement that nft did not print)"
    assert not_understood(found["ip filter"]) == [
        # a comment, of which nothing is printed
        hidden,
        "xt match hashlimit",
        "xt match u32",
        "xt match string",
        "xt match physdev",
        "limit rate 5/second",
        "xt match recent",
        # the translation of `time` begins with a space
        hidden,
        'meta hour "10:00:00"-"23:59:59"',
        "meta random & 2147483647 < 1073741824",
    ]
    assert not_understood(found["ip mangle"]) == []
    assert not_understood(found["bridge filter"]) == ["xt match arp", "limit rate 5/second"]
    assert not_understood(found["arp filter"]) == ["xt target mangle"]
    (rpfilter,) = found["ip raw"].chains["PREROUTING"].rules
    assert shown(rpfilter) == "no route back; (counter packets 0 bytes 0); DROP"
    assert fate(found["ip raw"], "PREROUTING").verdict is Verdict.ACCEPT
