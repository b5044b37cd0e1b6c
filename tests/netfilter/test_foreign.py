"""A chain of iptables-nft with rules of somebody else: which listing counts for which rule."""

import msgspec
import pytest

from pxedoctor.model.netfilter import ForeignRules, Netfilter, RulesText
from pxedoctor.netfilter.hook import at_hook
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.netfilter.seen import Family, Hook, Packet, Place, Seen
from pxedoctor.netfilter.syntax import Chain
from pxedoctor.netfilter.walk import Verdict
from rulesets import saved

SAVED = """\
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m hashlimit --hashlimit-upto 1/sec --hashlimit-name a -j RETURN
-A INPUT -p udp -j DROP
-A INPUT -p udp -m udp --dport 67 -j ACCEPT
COMMIT
"""
NATIVE = """\
table ip filter {
	chain INPUT { # handle 1
		type filter hook input priority filter; policy accept;
		xt match "hashlimit" counter packets 0 bytes 0 return # handle 4
		udp length 8 drop # handle 5
		udp dport 67 counter packets 0 bytes 0 accept # handle 6
	}
}
"""
WHY = "chain INPUT holds rules that iptables has not written"
LENGTH = ForeignRules(family="ip", table="filter", chain="INPUT", count=3, numbers=(2,), why=WHY)
DISCOVER = Packet(
    name="DISCOVER", ethertype=0x0800, protocol=17, ttl=64, source="0.0.0.0", destination="255.255.255.255",
    source_port=68, destination_port=67, state="NEW", link_type="broadcast", length=328,
)  # fmt: skip


def netfilter(foreign: ForeignRules, native: str = NATIVE, save: str = SAVED) -> Netfilter:
    words = "nft -a list chain ip filter INPUT"
    listed = RulesText(family="ip", dialect="nft-text", variant="native", origin=words, text=native)
    return Netfilter(listings=(saved(save), *((listed,) if native else ())), foreign=(foreign,))


def chain(found: Netfilter) -> Chain:
    (table,) = understood(found).tables_of("ip", "filter")
    return table.chains["INPUT"]


def test_only_the_foreign_rule_is_nfts() -> None:
    rules = chain(netfilter(LENGTH)).rules
    assert [rule.text.split(" counter")[0] for rule in rules] == [
        "-A INPUT -m hashlimit --hashlimit-upto 1/sec --hashlimit-name a -j RETURN",
        "udp length 8 drop",
        "-A INPUT -p udp -m udp --dport 67 -j ACCEPT",
    ]
    assert [rule.handle for rule in rules] == [None, 5, None]
    assert [rule.line for rule in rules][1] == 0


def test_the_packet_meets_what_the_kernel_has() -> None:
    """iptables-nft-save 1.8.9 prints a range of addresses as its last one."""
    save = SAVED.replace("-m hashlimit --hashlimit-upto 1/sec --hashlimit-name a", "-s 192.0.2.1/32")
    save = save.replace("-p udp -j DROP", "-s 10.0.0.9/32 -j DROP")
    found = netfilter(LENGTH, NATIVE.replace("udp length 8", "ip saddr 0.0.0.0-10.0.0.9"), save)
    seen = Seen(DISCOVER, Place(family=Family.IP, hook=Hook.INPUT, in_device="virbr0"))
    assert at_hook(understood(found), seen).verdict is Verdict.DROP
    assert at_hook(understood(msgspec.structs.replace(found, foreign=())), seen).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    ("foreign", "native"),
    [
        (msgspec.structs.replace(LENGTH, count=4), NATIVE),
        (msgspec.structs.replace(LENGTH, numbers=()), NATIVE),
        (msgspec.structs.replace(LENGTH, numbers=(9,)), NATIVE),
        (LENGTH, NATIVE.replace("\t\tudp length 8 drop # handle 5\n", "")),
    ],
    ids=["the kernel has more", "nobody knows which", "no such rule", "nft lists fewer"],
)
def test_where_the_listings_do_not_agree_the_whole_chain_is_nfts(foreign: ForeignRules, native: str) -> None:
    found = chain(netfilter(foreign, native))
    assert found.origin == "nft -a list chain ip filter INPUT"
    assert all(rule.handle for rule in found.rules)
    assert (found.hook, found.policy) == ("input", "accept")


def test_without_nfts_listing_nobody_knows() -> None:
    assert chain(netfilter(LENGTH, native="")).unlisted == f"{WHY}; nft did not list it"
