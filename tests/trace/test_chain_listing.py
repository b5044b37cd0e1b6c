"""What nft lists, as far as a traced packet needs it: hooks, policies, rules by their handles."""

from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.model.traced import HeardRule
from pxedoctor.trace.chain_listing import listed

LISTING = """\
table ip filter { # handle 3
	chain INPUT { # handle 1
		type filter hook input priority filter; policy drop;
		udp dport 67 counter packets 1 bytes 328 drop # handle 3
		jump LIBVIRT_INP # handle 5
	}

	chain LIBVIRT_INP { # handle 2
		iifname "virbr0" udp dport 67 accept # handle 9
	}
}
table bridge pve { # handle 4
	set macs { # handle 7
		type ether_addr
	}
	chain c { # handle 1
		type filter hook prerouting priority -300; policy accept;
	}
}
"""


def met(kind: str, handle: int | None, chain: str = "INPUT") -> HeardRule:
    return HeardRule(at=0, mark=1, family="ip", table="filter", chain=chain, kind=kind, verdict="drop", handle=handle)  # type: ignore[arg-type]


def test_a_base_chain_with_its_rules() -> None:
    chain = listed(LISTING)["ip", "filter", "INPUT"]
    assert (chain.hook, chain.policy) == ("input", "drop")
    assert chain.text(met("rule", 3)) == "udp dport 67 counter drop", "without what was counted"
    assert chain.text(met("policy", None)) == "policy drop"
    assert chain.text(met("return", None)) == ""


def test_a_chain_that_is_jumped_to_has_no_hook() -> None:
    chain = listed(LISTING)["ip", "filter", "LIBVIRT_INP"]
    assert (chain.hook, chain.rules) == ("", {9: 'iifname "virbr0" udp dport 67 accept'})


def test_a_rule_that_came_later_is_not_said() -> None:
    chain = listed(LISTING)["ip", "filter", "INPUT"]
    assert chain.says(met("rule", 3))
    assert not chain.says(met("rule", 77))
    assert chain.says(met("policy", None))


def test_tables_are_kept_apart_and_sets_passed_over() -> None:
    assert set(listed(LISTING)) == {("ip", "filter", "INPUT"), ("ip", "filter", "LIBVIRT_INP"), ("bridge", "pve", "c")}


@given(st.text(max_size=300))
def test_anything_is_read_without_harm(text: str) -> None:
    listed(text)
    listed(LISTING + text)
