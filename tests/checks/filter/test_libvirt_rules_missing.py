"""libvirt-rules-missing: what is gone, whether the DISCOVER dies of it, and the smallest repair."""

import pytest

from builders import domain, facts, finding, network, target
from pxedoctor.checks.filter import libvirt_rules_missing as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing, MissingFactError
from pxedoctor.model.libvirt import Daemon, Libvirt, Subnet
from pxedoctor.model.netfilter import Netfilter, RulesText, Unlisted
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.service import ControlService
from rulesets import CLOSED, LIBVIRT, native, netfilter, own_chain, saved

ON_DEFAULT = target(bridge="virbr0", network="default")
LIBVIRTD = Libvirt(daemons=(Daemon(name="libvirtd", pid=7),))
VIRTNETWORKD = Libvirt(daemons=(Daemon(name="virtqemud", pid=6), Daemon(name="virtnetworkd", pid=7)))
IPV6 = Subnet(family="ipv6", address="fd00::1", prefix=64)


DIES = (
    "the DISCOVER of its guests dies at this host's INPUT: the policy of filter INPUT drops it, and no rule accepts it."
)


def without(text: str, *starts: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith(starts))


# `iptables -F`: the rules of every chain of the table filter.
FLUSHED = without(CLOSED, "-A INPUT", "-A FORWARD", "-A OUTPUT", "-A LIBVIRT_FW", "-A LIBVIRT_INP", "-A LIBVIRT_OUT")
WITHOUT_JUMPS = without(CLOSED, "-A INPUT", "-A FORWARD", "-A OUTPUT")
EMPTY_INP = without(CLOSED, "-A LIBVIRT_INP")
# libvirt 4.5 (RHEL 7): no chains of its own.
OLD_LAYOUT = """\
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i virbr0 -p udp -m udp --dport 67 -j ACCEPT
-A FORWARD -i virbr0 -o virbr0 -j ACCEPT
-A OUTPUT -o virbr0 -p udp -m udp --dport 68 -j ACCEPT
COMMIT
"""


def known(*listings: RulesText, **others: object) -> Facts:
    values: dict[str, object] = {"networks": (network(),), "libvirt": LIBVIRTD, "netfilter": netfilter(*listings)}
    return facts(**(values | others))


def judged(*listings: RulesText, **others: object) -> Outcome:
    return check.check(known(*listings, **others), ON_DEFAULT)


def broken(*listings: RulesText, **others: object) -> Broken:
    outcome = judged(*listings, **others)
    assert isinstance(outcome, Broken), outcome
    return outcome


def planned(*listings: RulesText, **others: object) -> Plan | NoPlan:
    return check.plan(finding(check, broken(*listings, **others)), known(*listings, **others))


@pytest.mark.parametrize(
    ("text", "headline", "gone"),
    [
        pytest.param(
            FLUSHED,
            "libvirt's rules for the network default are gone; " + DIES,
            "nothing in INPUT jumps to LIBVIRT_INP",
            id="a firewall script's iptables -F",
        ),
        pytest.param(
            WITHOUT_JUMPS,
            "libvirt's rules for the network default are there, but nothing leads to them any more; " + DIES,
            "nothing in INPUT jumps to LIBVIRT_INP",
            id="chains full, jumps missing",
        ),
        pytest.param(
            EMPTY_INP,
            "libvirt's rules for the network default are gone; " + DIES,
            "LIBVIRT_INP holds no rule for virbr0",
            id="only LIBVIRT_INP flushed",
        ),
        pytest.param(
            "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n",
            "libvirt's rules for the network default are gone; " + DIES,
            "there is no chain LIBVIRT_INP",
            id="another ruleset loaded in place of libvirt's",
        ),
    ],
)  # fmt: skip
def test_the_discover_dies_of_it(text: str, headline: str, gone: str) -> None:
    outcome = broken(saved(text))
    assert outcome.severity == "broken"
    assert outcome.headline == headline
    assert gone in [evidence.text for evidence in outcome.evidence]
    assert (":INPUT DROP [0:0]" in [evidence.value for evidence in outcome.evidence]) is True


def test_rules_of_another_network_are_not_this_networks() -> None:
    assert broken(saved(CLOSED.replace("virbr0", "virbr7"))).severity == "broken"


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        pytest.param(
            FLUSHED.replace(":INPUT DROP", ":INPUT ACCEPT"),
            "libvirt's rules for the network default are gone; DHCP still comes in through the host's own rules, "
            "but this is dead: libvirt's opening for DHCP and DNS, isolation and forwarding.",
            id="a host that lets everything in",
        ),
        pytest.param(
            "", "libvirt's rules for the network default are gone; DHCP still comes in through the host's own rules, "
            "but this is dead: libvirt's opening for DHCP and DNS, isolation and forwarding, NAT.",
            id="nft flush ruleset",
        ),
        pytest.param(
            EMPTY_INP.replace(":INPUT DROP", ":INPUT ACCEPT"),
            "libvirt's rules for the network default are gone; DHCP still comes in through the host's own rules, "
            "but this is dead: libvirt's opening for DHCP and DNS.",
            id="only the opening, which nobody needs here",
        ),
        pytest.param(
            FLUSHED.replace("COMMIT\n# Completed", "-A INPUT -m time --timestart 08:00:00 -j ACCEPT\nCOMMIT\n#", 2),
            "libvirt's rules for the network default are gone; "
            "whether DHCP still comes in is not known.",
            id="a rule that may match",
        ),
    ],
)  # fmt: skip
def test_a_risk_where_dhcp_may_live_on(text: str, headline: str) -> None:
    outcome = broken(saved(text))
    assert (outcome.severity, outcome.headline) == ("risk", headline)


def test_a_risk_where_the_discover_would_die_with_the_rules_back() -> None:
    """Not this fault's doing: a rule above a jump that is there, in another table, or another table's policy."""
    above = EMPTY_INP.replace("-A INPUT -j LIBVIRT_INP", "-A INPUT -p udp -j DROP\n-A INPUT -j LIBVIRT_INP")
    outcome = broken(saved(above))
    assert outcome.severity == "risk"
    assert "dies of something else" in outcome.headline


def test_a_jump_that_comes_back_comes_back_at_the_head() -> None:
    with_drop = WITHOUT_JUMPS.replace("-A LIBVIRT_FWI -d", "-A INPUT -p udp -j DROP\n-A LIBVIRT_FWI -d", 1)
    assert broken(saved(with_drop)).severity == "broken"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(LIBVIRT, id="an open host"),
        pytest.param(CLOSED, id="a closed host"),
        pytest.param(without(CLOSED, "-A LIBVIRT_PRT -o virbr0"), id="no CHECKSUM rule: that is another cause"),
        pytest.param(OLD_LAYOUT, id="libvirt before 5.1"),
    ],
)
def test_fine(text: str) -> None:
    assert isinstance(judged(saved(text)), Fine)


def test_the_rules_may_be_in_legacy_tables_beside_an_empty_nft_one() -> None:
    assert isinstance(
        judged(saved("*filter\n:INPUT ACCEPT\nCOMMIT\n*nat\n:INPUT ACCEPT\nCOMMIT\n"), saved(CLOSED)), Fine
    )


def test_an_isolated_network_has_no_nat_rules() -> None:
    text = without(CLOSED, "-A POSTROUTING", "-A LIBVIRT_PRT")
    assert isinstance(judged(saved(text), networks=(network(forward=""),)), Fine)
    assert isinstance(judged(saved(text)), Broken)


def test_a_network_with_ipv6_needs_its_rules_there_too() -> None:
    both = (network(subnets=(*network().subnets, IPV6)),)
    assert isinstance(judged(saved(CLOSED), saved(CLOSED, "ip6"), networks=both), Fine)
    outcome = broken(saved(CLOSED), saved(FLUSHED, "ip6"), networks=both)
    assert outcome.severity == "risk"
    assert outcome.evidence[0].text == "IPv6: nothing in INPUT jumps to LIBVIRT_INP"


@pytest.mark.parametrize(
    "networks",
    [
        pytest.param((), id="a host bridge"),
        pytest.param((network(active=False),), id="not running"),
        pytest.param((network(forward="open"),), id="open: never has rules"),
        pytest.param((network(forward="bridge"),), id="bridge: never has rules"),
        pytest.param((network(backend="none"),), id="a session daemon writes none"),
    ],
)
def test_not_applicable(networks: tuple[object, ...]) -> None:
    assert isinstance(judged(saved(FLUSHED), networks=networks), NotApplicable)


def test_unknown_where_the_rules_may_be_in_what_was_not_listed() -> None:
    rules = Netfilter(unlisted=(Unlisted(family="ip", why="iptables-save failed"),))
    assert judged(netfilter=rules) == Unknown(missing="iptables-save failed", would_help="")


def test_unknown_where_nobody_may_read_the_rules() -> None:
    with pytest.raises(MissingFactError, match="you must be root"):
        judged(netfilter=Missing("forbidden", "you must be root"))


@pytest.mark.parametrize(
    ("libvirt", "text", "argv"),
    [
        pytest.param(LIBVIRTD, FLUSHED, "systemctl restart libvirtd", id="jumps gone: a reload does not bring them"),
        pytest.param(LIBVIRTD, EMPTY_INP, "systemctl reload libvirtd", id="only rules gone: a reload does"),
        pytest.param(VIRTNETWORKD, FLUSHED, "systemctl restart virtnetworkd", id="split daemons"),
        pytest.param(
            Libvirt(daemons=(Daemon(name="virtnetworkd", asleep=True),)),
            EMPTY_INP,
            "systemctl restart virtnetworkd",
            id="a sleeping daemon cannot be reloaded",
        ),
    ],
)
def test_the_smallest_repair(libvirt: Libvirt, text: str, argv: str) -> None:
    plan = planned(saved(text), libvirt=libvirt)
    assert isinstance(plan, Plan)
    assert [" ".join(step.argv()) for step in plan.steps] == [argv]
    assert plan.safety is Safety.SAFE


@pytest.mark.parametrize(
    ("libvirt", "safety"),
    [
        pytest.param(LIBVIRTD, Safety.RISKY, id="libvirtd would break the migration off"),
        pytest.param(VIRTNETWORKD, Safety.SAFE, id="virtnetworkd has nothing to do with it"),
    ],
)
def test_a_guest_that_is_being_migrated(libvirt: Libvirt, safety: Safety) -> None:
    busy = (domain(running=True, job="migration out"),)
    plan = planned(saved(FLUSHED), libvirt=libvirt, domains=busy)
    assert isinstance(plan, Plan)
    assert plan.safety is safety
    assert ("migration out" in plan.may_lose) is (safety is Safety.RISKY)


def test_a_running_guest_alone_is_no_risk() -> None:
    plan = planned(saved(FLUSHED), domains=(domain(running=True),))
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE


def test_no_daemon_at_all() -> None:
    nobody = Libvirt()
    assert "nobody would put the rules back" in broken(saved(FLUSHED), libvirt=nobody).evidence[-1].text
    assert isinstance(planned(saved(FLUSHED), libvirt=nobody), NoPlan)


def test_a_sleeping_daemon_is_told() -> None:
    asleep = Libvirt(daemons=(Daemon(name="virtnetworkd", asleep=True),))
    assert "virtnetworkd sleeps behind its socket" in broken(saved(FLUSHED), libvirt=asleep).evidence[-1].text


# libvirt 10.4 and later, nftables backend: from the documented form of its rules (libvirt
# src/network/network_nftables.c, tests/networkxml2firewalldata/*.nftables), not recorded from a running one.
_NET = "192.168.122.0/24"
_COUNTED = "counter packets 0 bytes 0"


def libvirt_network(*left_out: str, bridge: str = '"virbr0"') -> RulesText:
    lines = {
        "forward": {
            "type": "type filter hook forward priority filter; policy accept;",
            "jump cross": f"{_COUNTED} jump guest_cross",
            "jump input": f"{_COUNTED} jump guest_input",
            "jump output": f"{_COUNTED} jump guest_output",
        },
        "guest_output": {
            "in output": f"ip saddr {_NET} iif {bridge} {_COUNTED} accept",
            "in output 2": f"iif {bridge} {_COUNTED} reject",
        },
        "guest_input": {
            "in input": f"oif {bridge} ip daddr {_NET} ct state established,related {_COUNTED} accept",
            "in input 2": f"oif {bridge} {_COUNTED} reject",
        },
        "guest_cross": {"in cross": f"iif {bridge} oif {bridge} {_COUNTED} accept"},
        "guest_nat": {
            "type": "type nat hook postrouting priority srcnat; policy accept;",
            "in nat": f"ip saddr {_NET} ip daddr != {_NET} {_COUNTED} masquerade",
        },
    }
    dropped = left_out or ("-",)
    chains = [
        own_chain(name, *(text for kind, text in rules.items() if not kind.startswith(dropped)))
        for name, rules in lines.items()
        if not name.removeprefix("guest_").startswith(dropped)
    ]
    return native("ip", "libvirt_network", *chains)


NFTABLES = (network(backend="nftables"),)


@pytest.mark.parametrize(
    "listing",
    [
        pytest.param(libvirt_network(), id="all there"),
        pytest.param(libvirt_network(bridge="7"), id="by number: whose number is another question"),
    ],
)
def test_nftables_backend_fine(listing: RulesText) -> None:
    assert isinstance(judged(listing, networks=NFTABLES), Fine)


@pytest.mark.parametrize(
    ("listings", "gone", "argv"),
    [
        pytest.param((), "there is no table ip libvirt_network", "restart", id="nft flush ruleset"),
        pytest.param((libvirt_network("in "),), "guest_cross holds no rule for virbr0", "reload", id="no rules"),
        pytest.param((libvirt_network("in nat"),), "guest_nat holds no rule for virbr0", "reload", id="no NAT"),
        pytest.param((libvirt_network("jump input"),), "nothing in forward jumps to guest_input", "restart", id="jump"),
        pytest.param((libvirt_network("cross"),), "there is no chain guest_cross", "restart", id="chain"),
        pytest.param((libvirt_network(bridge='"virbr7"'),), "guest_cross holds no rule for virbr0", "reload", id="o"),
    ],
)  # fmt: skip
def test_nftables_backend(listings: tuple[RulesText, ...], gone: str, argv: str) -> None:
    outcome = broken(*listings, networks=NFTABLES)
    assert outcome.severity == "risk"
    assert outcome.evidence[0].text == gone
    plan = planned(*listings, networks=NFTABLES)
    assert isinstance(plan, Plan)
    assert isinstance(plan.steps[0], ControlService)
    assert plan.steps[0].action == argv


def test_nftables_backend_opens_nothing_so_a_closed_host_is_not_its_doing() -> None:
    closed = saved("*filter\n:INPUT DROP [0:0]\nCOMMIT\n")
    outcome = broken(closed, networks=NFTABLES)
    assert outcome.severity == "risk"
    assert "dies of something else" in outcome.headline
