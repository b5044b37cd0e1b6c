"""nwfilter-drops-dhcp: rules as libvirt 9.0 writes them on the tap of a running guest (ebtables-nft-save).

And as libvirt 12.8 does with `firewall_backend = "nftables"` in its nwfilter.conf (`nft list table`, on a site with
sid's programs; two of the elements of its set are left).
"""

import pytest

from boots import on_libvirt
from builders import MAC, bridge, domain, finding, link, nic, port, target
from pxedoctor.checks.filter import host_firewall_drops_dhcp, nwfilter_drops_dhcp
from pxedoctor.checks.filter import nwfilter_drops_dhcp as check
from pxedoctor.diagnose.order import in_order
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan

RUNNING = target(tap="vnet0", bridge="virbr0", network="default", running=True)
NO_BROADCASTS = "-A I-vnet0-ipv4 -d Broadcast -j DROP"
ALLOW_DHCP = (
    "-A I-vnet0-ipv4 -p IPv4 --ip-src 0.0.0.0 --ip-dst 255.255.255.255 --ip-proto udp --ip-sport 68 --ip-dport 67 "
    "-j ACCEPT"
)
# no-ip-spoofing and the like: what is renewed by unicast is not what a boot waits for.
NO_RENEWALS = "-A I-vnet0-ipv4 -p IPv4 --ip-dst 192.168.122.1 --ip-proto udp --ip-dport 67 -j DROP"

NFT_NO_BROADCASTS = """\
		ether daddr ff:ff:ff:ff:ff:ff drop
"""
NFT_ALLOW_DHCP = """\
		ip saddr 0.0.0.0 ip daddr 255.255.255.255 ip protocol 17 udp sport 68 udp dport 67 accept
"""


def nft_rules(*lines: str) -> RulesText:
    text = f"""\
table bridge libvirt_nwfilter_ethernet {{
	comment "Managed by libvirt for network filters: https://libvirt.org/firewall.html#the-network-filter-driver"
	set same-ip-set {{
		type ipv4_addr . ipv4_addr
		elements = {{ 0.0.0.0 . 0.0.0.0, 255.0.0.0 . 255.0.0.0 }}
	}}

	map vmap-oif {{
		type iface_index : verdict
		elements = {{ "vnet0" : jump vnet0-in }}
	}}

	map vmap-iif {{
		type iface_index : verdict
		elements = {{ "vnet0" : jump vnet0-out }}
	}}

	chain postrouting {{
		type filter hook postrouting priority 0; policy accept;
		oif vmap @vmap-oif
	}}

	chain prerouting {{
		type filter hook prerouting priority 0; policy accept;
		iif vmap @vmap-iif
	}}

	chain vnet0-in {{
	}}

	chain vnet0-out {{
		jump vnet0-mac-out
		ether type ip jump vnet0-ipv4-out
	}}

	chain vnet0-mac-out {{
		ether saddr {MAC} return
		drop
	}}

	chain vnet0-ipv4-out {{
{"".join(lines)}	}}
}}
"""
    origin = "nft -a list table bridge libvirt_nwfilter_ethernet"
    return RulesText(family="bridge", dialect="nft-text", variant="native", origin=origin, text=text)


def rules(*lines: str, tap: str = "vnet0") -> RulesText:
    shown = "\n".join(line.replace("vnet0", tap) for line in lines)
    text = f"""\
*nat
:PREROUTING ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
:I-{tap}-ipv4 ACCEPT
:libvirt-I-{tap} ACCEPT
-A PREROUTING -i {tap} -j libvirt-I-{tap}
{shown}
-A libvirt-I-{tap} -p IPv4 -j I-{tap}-ipv4
"""
    return RulesText(family="bridge", dialect="ebtables-save", variant="nft", origin="ebtables-nft-save", text=text)


def seen(*lines: str, tap: str = "vnet0") -> Facts:
    return seen_in(rules(*lines, tap=tap))


def seen_in(listing: RulesText) -> Facts:
    return on_libvirt(
        listing,
        bridges=(bridge("virbr0", ports=(port("vnet0"),)),),
        links=(link("virbr0", kind="bridge"), link("vnet0", master="virbr0")),
        domains=(domain(nic(kind="network", source="default", tap="vnet0"), running=True),),
    )


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_filter_that_drops_broadcasts_stops_the_discover() -> None:
    found = broken(check.check(seen(NO_BROADCASTS), RUNNING))
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", "vnet0")
    assert found.hop is Hop.BRIDGE_PREROUTING
    assert "of bridge nat I-vnet0-ipv4 (libvirt nwfilter), on the tap of web01, drops the DISCOVER." in found.headline
    assert found.evidence[-1].origin == "virsh nwfilter-binding-dumpxml vnet0: filterref"


def test_so_does_one_of_the_newer_driver() -> None:
    found = broken(check.check(seen_in(nft_rules(NFT_NO_BROADCASTS)), RUNNING))
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", "vnet0")
    assert found.hop is Hop.BRIDGE_PREROUTING
    assert "`ether daddr ff:ff:ff:ff:ff:ff drop` of bridge libvirt_nwfilter_ethernet vnet0-ipv4-out" in found.headline


def test_it_comes_before_the_general_cause_that_it_explains() -> None:
    known = seen(NO_BROADCASTS)
    general = finding(host_firewall_drops_dhcp, host_firewall_drops_dhcp.check(known, RUNNING))
    special = finding(nwfilter_drops_dhcp, check.check(known, RUNNING))
    assert in_order((general, special)) == (special, general)


@pytest.mark.parametrize("listing", [rules(NO_BROADCASTS), nft_rules(NFT_NO_BROADCASTS)], ids=["ebtables", "nft"])
def test_the_general_cause_says_whose_filter_it_is(listing: RulesText) -> None:
    known = seen_in(listing)
    outcome = host_firewall_drops_dhcp.check(known, RUNNING)
    plan = host_firewall_drops_dhcp.plan(finding(host_firewall_drops_dhcp, outcome, RUNNING), known)
    assert isinstance(plan, NoPlan)
    assert plan.because == "a filter of libvirt's, which the guest's definition names, refuses it"


def test_what_a_boot_does_not_wait_for_is_a_risk() -> None:
    found = broken(check.check(seen(NO_RENEWALS), RUNNING))
    assert (found.severity, found.subject) == ("risk", "vnet0")


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(seen(ALLOW_DHCP, NO_BROADCASTS), id="allow-dhcp comes first"),
        pytest.param(seen_in(nft_rules(NFT_ALLOW_DHCP, NFT_NO_BROADCASTS)), id="allow-dhcp comes first, newer driver"),
        pytest.param(seen(), id="a filter that drops nothing"),
        pytest.param(seen(NO_BROADCASTS, tap="vnet7"), id="another guest's tap"),
    ],
)
def test_fine(known: Facts) -> None:
    assert isinstance(check.check(known, RUNNING), Fine)


@pytest.mark.parametrize("of", [target(bridge="virbr0", network="default"), target(kind="bridge", tap=None)])
def test_without_a_tap_there_are_no_such_rules(of: Target) -> None:
    assert isinstance(check.check(seen(NO_BROADCASTS), of), NotApplicable)


def test_there_is_no_plan() -> None:
    known = seen(NO_BROADCASTS)
    plan = check.plan(finding(check, check.check(known, RUNNING), RUNNING), known)
    assert isinstance(plan, NoPlan)
    assert "nwfilter-edit" in plan.instead[1]
