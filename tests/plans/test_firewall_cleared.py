"""A plan that can be tried on the model clears what it is for: the packet dies before it, and passes after it.

The evaluator walks the packet through the host's listings, before and after, as a check does.
"""

from collections.abc import Callable

import msgspec
import pytest

from builders import host
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import Dialect, Netfilter, RulesText, Variant
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.owner import ownership
from pxedoctor.netfilter.seen import Family, Hook, Place, Seen
from pxedoctor.netfilter.syntax import Table
from pxedoctor.netfilter.walk import Decision, Verdict, walk
from pxedoctor.plans.firewall_choice import opening
from pxedoctor.plans.firewall_obstacle import obstacle_of
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.plan import Plan, simulate
from rule_trees import DISCOVER
from ruletexts import real

OFFER = msgspec.structs.replace(
    DISCOVER, name="OFFER", source="192.168.122.1", source_port=67, destination_port=68, mac_source="52:54:00:00:00:01"
)
TO_HOST = Seen(DISCOVER, Place(family=Family.IP, hook=Hook.INPUT, in_device="virbr0", in_index=3))
OUT = Seen(OFFER, Place(family=Family.IP, hook=Hook.OUTPUT, out_device="virbr0", out_index=3))
ACROSS = Seen(
    DISCOVER,
    Place(family=Family.IP, hook=Hook.FORWARD, in_device="br0", out_device="br0", port_in="vnet0", port_out="eno1"),
)

CLOSED = "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n"
IN_A_CHAIN = """\
*mangle
:INPUT ACCEPT [0:0]
:closed - [0:0]
-A INPUT -j closed
-A closed -p udp -m udp --dport 67 -j DROP
COMMIT
"""
NATIVE = """\
table inet filter {
	chain input { # handle 1
		type filter hook input priority filter; policy drop;
		ct state invalid drop # handle 4
		jump services # handle 5
	}

	chain services { # handle 2
		udp dport 53 accept # handle 6
		udp dport 0-1023 reject # handle 7
	}
	chain output { # handle 3
		type filter hook output priority filter; policy drop;
	}
}
"""


def listing(text: str, dialect: Dialect, origin: str, variant: Variant = "nft") -> RulesText:
    return RulesText(family="ip", dialect=dialect, variant=variant, origin=origin, text=text)


def fate(at: Host, seen: Seen) -> Decision:
    """Of the first base chain that drops it, else of the last one that it passes."""
    assert isinstance(at.netfilter, Netfilter)
    tables: list[Table] = []
    for entry in at.netfilter.listings:
        if entry.dialect == "nft-text":
            tables += parse_nft_text(entry.text, entry.origin)
        else:
            tables += parse_iptables(entry.text, "ip", entry.origin, entry.variant)
    decisions = [walk(table, base, seen) for table in tables for base in table.base_chains(seen.place.hook)]
    return next((decision for decision in decisions if decision.verdict is Verdict.DROP), decisions[-1])


@pytest.mark.parametrize(
    ("rules", "seen", "direction"),
    [
        (listing(CLOSED, "iptables-save", "iptables-nft-save"), TO_HOST, "in"),
        (listing(CLOSED, "iptables-save", "iptables-legacy-save -t filter", "legacy"), TO_HOST, "in"),
        (listing(CLOSED, "iptables-save", "iptables-save"), OUT, "out"),
        (listing(IN_A_CHAIN, "iptables-save", "iptables-save"), TO_HOST, "in"),
        (listing(real("docker.save"), "iptables-save", "iptables-save"), ACROSS, "bridged"),
        (listing(NATIVE, "nft-text", "nft -a list ruleset", "native"), TO_HOST, "in"),
        (listing(NATIVE, "nft-text", "nft -a list ruleset", "native"), OUT, "out"),
    ],
    ids=["input", "legacy", "output", "mangle", "docker", "nft-in", "nft-out"],
)
def test_it_dies_before_and_passes_after(rules: RulesText, seen: Seen, direction: str) -> None:
    # Another listing stands before it, which the plan must leave alone.
    other = listing(
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n", "iptables-save", "x"
    )
    at = host(netfilter=Netfilter(listings=(other, rules)), firewall_files=(), processes=())
    before = fate(at, seen)
    assert before.verdict is Verdict.DROP
    bridge = "br0" if direction == "bridged" else "virbr0"
    wants = Opening(interface=bridge, service="dhcp", direction=direction)  # type: ignore[arg-type]
    plan = opening(at, obstacle_of(at, before), wants)
    assert isinstance(plan, Plan), plan
    after, assumed = simulate(plan, at)
    assert assumed == ()
    assert isinstance(after.netfilter, Netfilter)
    assert after.netfilter.listings[0] == other
    decided = fate(after, seen)
    assert decided.verdict is Verdict.ACCEPT
    assert decided.rule is not None


Cut = Callable[[Seen], Seen]


@pytest.mark.parametrize(
    "other",
    [
        lambda seen: Seen(seen.packet, msgspec.structs.replace(seen.place, in_device="eth0", in_index=2)),
        lambda seen: Seen(msgspec.structs.replace(seen.packet, destination_port=22), seen.place),
        lambda seen: Seen(msgspec.structs.replace(seen.packet, protocol=6), seen.place),
    ],
    ids=["another device", "another port", "another protocol"],
)
@pytest.mark.parametrize("text", [CLOSED, NATIVE], ids=["iptables", "nft"])
def test_nothing_else_is_let_in(text: str, other: Cut) -> None:
    dialect: Dialect = "nft-text" if text == NATIVE else "iptables-save"
    at = host(netfilter=Netfilter(listings=(listing(text, dialect, "x"),)), firewall_files=(), processes=())
    plan = opening(at, obstacle_of(at, fate(at, TO_HOST)), Opening(interface="virbr0", service="dhcp"))
    assert isinstance(plan, Plan), plan
    after, _ = simulate(plan, at)
    assert fate(after, TO_HOST).verdict is Verdict.ACCEPT
    assert fate(after, other(TO_HOST)).verdict is Verdict.DROP


def test_whose_it_is_goes_with_the_obstacle() -> None:
    at = host(netfilter=Netfilter(listings=(listing(CLOSED, "iptables-save", "x"),)), firewall_files=(), processes=())
    decision = fate(at, TO_HOST)
    found = obstacle_of(at, decision)
    assert (found.base, found.chain, found.rule) == ("INPUT", "INPUT", None)
    assert found.owned == ownership(at, decision.table, "INPUT", None)
