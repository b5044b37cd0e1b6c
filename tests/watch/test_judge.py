"""The keeper's judge on a real host with many bridges: it judges again whom a change touches, and says what a new one
says that judges everything; and what of a plan it may carry out.
"""

import pytest

from builders import target
from pxedoctor.checks.bridge import bridge_forward_delay
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.outcome import Broken, Evidence, Hop
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.many_bridges import bridges, judging
from pxedoctor.lab.parts import bridge_interface, define_guest, guest_xml, libvirt_site, start_libvirt
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.firewall import SetZone
from pxedoctor.plans.owners.owner import FileChange
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.verdict.report import Diagnosed
from pxedoctor.watch.judge import allowed

COUNT = 12
RULES = ("netfilter",)
LIVE = SetZone(interface="br0", zone="libvirt")
KEPT = ChangeFile(words="DHCP is accepted", change=FileChange(path="/etc/nftables.conf", before="a\n", after="b\n"))


@pytest.mark.lab
def test_only_whom_a_change_touches_is_judged_again() -> None:
    with open_site() as site:
        names = bridges(site, COUNT)
        start_libvirt(site)
        define_guest(site, guest_xml(bridge_interface(names[3])))
        site.run("iptables", "-P", "INPUT", "ACCEPT")
        with judging(site) as judge:
            assert (first := judge.ask()).judged >= COUNT, first

            site.run("iptables", "-I", "INPUT", "-s", "198.51.100.7", "-j", "DROP")
            assert judge.ask(RULES).judged == 0

            site.run("iptables", "-I", "INPUT", "-i", names[7], "-p", "udp", "--dport", "67", "-j", "DROP")
            one = judge.ask(RULES)
            assert one.judged == 1
            new = {entry.id: entry.targets for entry in one.standing}
            assert new[f"NF002:{names[7]}"] == (f"bridge/{names[7]}",)

            site.run("iptables", "-I", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
            everybody = judge.ask(RULES)
            assert everybody.judged >= COUNT
            with judging(site) as another:
                assert another.ask().standing == everybody.standing

            site.run("iptables", "-F", "INPUT")
            assert judge.ask(RULES).standing == first.standing

            site.run("virsh", "-q", "start", "web01", "--paused")
            started = judge.ask()
            assert started.judged == 1
            with judging(site) as another:
                assert another.ask().standing == started.standing


def found(plan: Plan | NoPlan) -> Diagnosed:
    broken = Broken(headline="h", subject="br0", hop=Hop.PORT, evidence=(Evidence("e", "o"),))
    return Diagnosed(
        finding=Finding(meta=bridge_forward_delay.META, broken=broken, targets=("t",), first=target()), plan=plan
    )


@pytest.mark.lab
def test_a_repair_is_verified_by_a_fresh_reading_and_what_stirred_before_it_is_seen() -> None:
    with open_site() as site:
        libvirt_site(site)
        drop, finding = ("INPUT", "-p", "udp", "--dport", "67", "-j", "DROP"), f"NF002:{site.bridge}"
        with judging(site) as judge:
            judge.ask()
            site.run("iptables", "-I", *drop)
            assert finding in {entry.id for entry in judge.ask(RULES).standing}
            site.run("iptables", "-D", *drop)
            healed = judge.treat(finding, still=False)
            assert healed.repair is not None
            assert healed.repair.outcome == "gone", "somebody has taken the rule away: nothing is changed"
            assert "pxedoctor" not in site.run("iptables-save")

            site.run("iptables", "-I", *drop)
            judge.ask(RULES)
            done = judge.treat(finding, still=True)
            assert done.repair is not None
            assert done.repair.outcome == "verified"
            assert finding not in {entry.id for entry in judge.ask().standing}, "everything is read again, and it holds"


def test_files_are_left_alone_unless_the_policy_says_otherwise() -> None:
    both = Plan(steps=(LIVE, KEPT))
    assert allowed(found(both), edit_files=True).live == both
    assert allowed(found(both), edit_files=False).live == Plan(steps=(LIVE,))


def test_a_repair_that_is_all_files_is_refused_with_the_word_that_allows_it() -> None:
    part = allowed(found(Plan(steps=(KEPT,))), edit_files=False)
    assert isinstance(part.live, NoPlan)
    assert "edit_files = true" in part.live.because


def test_where_there_is_no_plan_there_is_nothing_to_part() -> None:
    none = NoPlan("nobody would sign it")
    assert allowed(found(none), edit_files=False).live == none
