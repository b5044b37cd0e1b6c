"""Openings done by the real programs on sandboxed hosts: the guest fails, gets its lease, and the rules are as before.

The facts are those that `pxedoctor snapshot` takes in the site; whose rule it is and the plan come from them. What is
asked of the executor is granted in the site.
"""

import sys
from collections.abc import Iterator

import msgspec
import pytest

from pxedoctor.access.answer import Answer, Failed, Text
from pxedoctor.access.replay import Replay
from pxedoctor.access.snapshot import read
from pxedoctor.care.examine import silent
from pxedoctor.collect.gather import gather
from pxedoctor.collect.registry import COLLECTORS
from pxedoctor.lab import parts_docker, parts_firewalld, parts_nftables, parts_ufw
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.normalise import differences, fingerprint, normalise
from pxedoctor.lab.parts import cold_start
from pxedoctor.lab.parts_bridge import bridge_netfilter_on, lan_site, served_bridge_site
from pxedoctor.lab.site import Site
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.owner import ownership
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.netfilter.syntax import Rule, Table
from pxedoctor.plans.firewall_bridge_nf import bridge_nf_call_off
from pxedoctor.plans.firewall_choice import opening
from pxedoctor.plans.firewall_obstacle import Obstacle
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.request import Request
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse
from ruletexts import nft_table

pytestmark = pytest.mark.lab

_GRANT = """
import sys, msgspec
from pxedoctor.apply.grant import grant
from pxedoctor.plans.request import Request
grant(msgspec.json.decode(sys.argv[1], type=Request))
"""
_RULES = (("iptables-save",), ("ip6tables-save",), ("ebtables-save",), ("nft", "-a", "list", "ruleset"))
_CONFIGURED = ("/etc/ufw", "/etc/firewalld", "/etc/iptables", "/etc/default")


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        yield opened


def facts_of(site: Site) -> Host:
    site.run(sys.executable, "-m", "pxedoctor", "snapshot", "-o", "/tmp/facts")
    answers = read(str(site.path("/tmp/facts"))).answers
    return gather(Replay(answers), frozenset(entry.name for entry in COLLECTORS), silent).host


def saved(host: Host, name: str = "filter", family: str = "ip") -> Table:
    assert isinstance(host.netfilter, Netfilter)
    return next(
        table
        for listing in host.netfilter.listings
        if listing.dialect == "iptables-save" and listing.family == family
        for table in parse_iptables(listing.text, "ip", listing.origin, listing.variant)
        if table.name == name
    )


def in_the_way(host: Host, table: Table, base: str, rule: Rule | None = None) -> Obstacle:
    owned = ownership(host, table, rule.chain if rule else base, rule)
    return Obstacle(table=table, base=base, chain=rule.chain if rule else base, rule=rule, owned=owned)


def picture(site: Site) -> dict[str, str]:
    """The rules under `normalise`, and the files of those who write them."""
    answers: dict[str, Answer] = {}
    for argv in _RULES:
        done = site.ask(*argv)
        answers[f"run {' '.join(argv)}"] = Text(done.stdout) if done.returncode == 0 else Failed(done.stderr)
    answers["read /etc/nftables.conf"] = Text(site.ask("cat", "/etc/nftables.conf").stdout)
    answers["run sysctl"] = Text(site.ask("sysctl", "net.bridge").stdout)
    own = f"/sys/class/net/{site.bridge}/bridge/nf_call_iptables"
    answers[f"read {own}"] = Text(site.ask("cat", own).stdout)
    return normalise(answers) | fingerprint(site.path("/"), _CONFIGURED)


def grant_in(site: Site, request: Request) -> None:
    site.run(sys.executable, "-c", _GRANT, msgspec.json.encode(request).decode())


def assert_cures(site: Site, plan: Plan | NoPlan, host: Host, reload: tuple[str, ...] = ()) -> None:
    """Fails before, has its lease after, and undone leaves no trace; undone twice it stays so.

    `reload`: what loads the host's rules anew, as at its next start; the cure outlives it.
    """
    assert isinstance(plan, Plan), plan
    before = picture(site)
    undo = [step.undo(host) for step in plan.steps]
    assert not cold_start(site).ok
    for step in plan.steps:
        grant_in(site, step.request())
    if reload:
        site.run(*reload)
    assert cold_start(site).ok
    assert picture(site) != before
    for back in [*reversed(undo), *reversed(undo)]:
        assert isinstance(back, Inverse), back
        grant_in(site, back.request)
    assert not differences(before, picture(site))


def dhcp(site: Site) -> Opening:
    return Opening(interface=site.bridge, service="dhcp")


def bridged(site: Site) -> Opening:
    return Opening(interface=site.bridge, service="dhcp", direction="bridged")


def cleared_on_the_model(plan: Plan, host: Host) -> Host:
    for step in plan.steps:
        result = step.simulate(host)
        assert not isinstance(result, Assumed), result
        host = result
    return host


def ufw_in_use(site: Site) -> None:
    """Enabled, and used before: the first time that it takes back a rule, ufw also writes its rate limit for IPv6."""
    parts_ufw.enable(site)
    site.run("ufw", "allow", "22/tcp")
    site.run("ufw", "delete", "allow", "22/tcp")


def test_ufw(site: Site) -> None:
    served_bridge_site(site)
    ufw_in_use(site)
    host = facts_of(site)
    found = in_the_way(host, saved(host), "INPUT")
    assert (found.owned.owner, found.owned.file) == (Owner.UFW, "/etc/default/ufw")
    assert_cures(site, opening(host, found, dhcp(site)), host)


def test_a_policy_that_nobody_owns(site: Site) -> None:
    served_bridge_site(site)
    site.run("iptables", "-P", "INPUT", "DROP")
    site.run("iptables", "-A", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
    host = facts_of(site)
    rule = saved(host).chains["INPUT"].rules[0]
    found = in_the_way(host, saved(host), "INPUT", rule)
    assert found.owned.owner is Owner.UNKNOWN
    plan = opening(host, found, dhcp(site))
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    after = cleared_on_the_model(plan, host)
    assert saved(after).chains["INPUT"].rules[0].text.endswith("-j ACCEPT")
    assert_cures(site, plan, host)


def test_what_netfilter_persistent_loads(site: Site) -> None:
    served_bridge_site(site)
    site.write("/etc/iptables/rules.v4", "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n")
    site.run("iptables-restore", "/etc/iptables/rules.v4")
    host = facts_of(site)
    found = in_the_way(host, saved(host), "INPUT")
    assert (found.owned.owner, found.owned.file, found.owned.line) == (
        Owner.IPTABLES_PERSISTENT,
        "/etc/iptables/rules.v4",
        2,
    )
    assert_cures(site, opening(host, found, dhcp(site)), host, ("iptables-restore", "/etc/iptables/rules.v4"))


def test_iptables_legacy(site: Site) -> None:
    """The rule goes into the legacy table, where it decides, and not into one that the nft variant would make."""
    served_bridge_site(site)
    site.run("iptables-legacy", "-A", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
    host = facts_of(site)
    table = saved(host)
    plan = opening(host, in_the_way(host, table, "INPUT", table.chains["INPUT"].rules[0]), dhcp(site))
    assert isinstance(plan, Plan)
    assert plan.steps[0].argv()[0] == "iptables-legacy"
    assert not cold_start(site).ok
    grant_in(site, plan.steps[0].request())
    assert cold_start(site).ok
    back = plan.steps[0].undo(host)
    assert isinstance(back, Inverse)
    grant_in(site, back.request)
    assert "67 -j ACCEPT" not in site.run("iptables-legacy-save")


def test_nftables_service(site: Site) -> None:
    served_bridge_site(site)
    parts_nftables.write_conf(site, more="udp dport 67 drop")
    parts_nftables.restart_nftables(site)
    host = facts_of(site)
    table = nft_table("inet", "filter", input=("udp dport 67 drop",), forward=())
    rule = table.chains["input"].rules[0]
    found = in_the_way(host, table, "input", rule)
    lines = site.path("/etc/nftables.conf").read_text().splitlines()
    assert found.owned.owner is Owner.NFTABLES_SERVICE
    assert lines[found.owned.line - 1].strip() == "udp dport 67 drop"
    plan = opening(host, found, dhcp(site))
    assert isinstance(plan, Plan)
    after = cleared_on_the_model(plan, host)
    assert isinstance(after.netfilter, Netfilter)
    assert after.netfilter != host.netfilter
    assert_cures(site, plan, host, ("nft", "-f", "/etc/nftables.conf"))


def test_an_nft_rule_that_its_owner_took_away_meanwhile(site: Site) -> None:
    """The owner loads its file anew, or its table goes: there is nothing left to take back, and that is no failure."""
    served_bridge_site(site)
    parts_nftables.write_conf(site, more="udp dport 67 drop")
    parts_nftables.restart_nftables(site)
    host = facts_of(site)
    table = nft_table("inet", "filter", input=("udp dport 67 drop",))
    plan = opening(host, in_the_way(host, table, "input"), dhcp(site))
    assert isinstance(plan, Plan)
    back = plan.steps[0].undo(host)
    assert isinstance(back, Inverse)
    grant_in(site, plan.steps[0].request())
    # As a person would type it.
    site.run(*back.argv)
    assert "pxedoctor" not in site.run("nft", "list", "ruleset")
    grant_in(site, plan.steps[0].request())
    parts_nftables.restart_nftables(site)
    grant_in(site, back.request)
    parts_nftables.stop_nftables(site)
    grant_in(site, back.request)


def test_firewalld(site: Site) -> None:
    parts_firewalld.start_firewalld(site)
    served_bridge_site(site)
    site.run("firewall-cmd", "--zone=internal", f"--change-interface={site.bridge}")
    site.run("firewall-cmd", "--zone=internal", "--remove-service=dhcpv6-client")
    host = facts_of(site)
    table = nft_table("inet", "firewalld", filter_INPUT=("reject with icmpx admin-prohibited",))
    found = in_the_way(host, table, "filter_INPUT", table.chains["filter_INPUT"].rules[0])
    assert (found.owned.owner, found.owned.running) == (Owner.FIREWALLD, True)
    plan = opening(host, found, dhcp(site))
    assert isinstance(plan, Plan)
    assert [step.argv()[-1] for step in plan.steps] == ["--add-service=dhcp", "/etc/firewalld/zones/internal.xml"]
    before = picture(site)
    undo = [step.undo(host) for step in plan.steps]
    assert not cold_start(site).ok
    for step in plan.steps:
        grant_in(site, step.request())
    assert cold_start(site).ok
    for back in reversed(undo):
        assert isinstance(back, Inverse)
        grant_in(site, back.request)
    assert picture(site) == before


def test_docker_and_bridged_frames(site: Site) -> None:
    lan_site(site)
    parts_docker.start_docker(site)
    bridge_netfilter_on(site)
    host = facts_of(site)
    found = in_the_way(host, saved(host), "FORWARD")
    assert (found.owned.owner, found.owned.running) == (Owner.DOCKER, True)
    plan = opening(host, found, bridged(site))
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    after = cleared_on_the_model(plan, host)
    assert "--physdev-is-bridged -j ACCEPT" in saved(after).chains["DOCKER-USER"].rules[0].text
    assert_cures(site, plan, host)


def test_the_switch_of_br_netfilter(site: Site) -> None:
    lan_site(site)
    parts_docker.start_docker(site)
    bridge_netfilter_on(site)
    host = facts_of(site)
    steps = bridge_nf_call_off(host, "iptables", site.bridge)
    assert [step.bridge for step in steps] == ["docker0", ""]
    assert_cures(site, Plan(steps=steps), host)


def test_the_switch_of_one_bridge(site: Site) -> None:
    lan_site(site)
    parts_docker.start_docker(site)
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", "nf_call_iptables", "1")
    host = facts_of(site)
    (step,) = bridge_nf_call_off(host, "iptables", site.bridge)
    assert step.bridge == site.bridge
    assert_cures(site, Plan(steps=(step,)), host)


def test_ufw_and_bridged_frames(site: Site) -> None:
    lan_site(site)
    ufw_in_use(site)
    bridge_netfilter_on(site)
    host = facts_of(site)
    found = in_the_way(host, saved(host), "FORWARD")
    assert found.owned.owner is Owner.UFW
    plan = opening(host, found, bridged(site))
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert_cures(site, plan, host)
