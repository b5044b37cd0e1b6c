"""What is read again after a burst."""

import pytest

from pxedoctor.plans.firewall import SetZone
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.service import ControlService
from pxedoctor.verdict.happened import Who
from pxedoctor.watch.reread import facts_to_read, facts_written
from pxedoctor.watch.settle import Burst, Stir


def by(name: str, *ancestors: str, whole: bool = True) -> Who:
    return Who(
        pid=1,
        name=name,
        command=name,
        ancestors=ancestors,
        caller="",
        unit="",
        session="",
        uid=0,
        session_user=None,
        whole=whole,
    )


def burst(source: str, who: Who | None) -> Burst:
    return Burst(stirs=(Stir(at=0.0, source=source, what="x", who=who),), count=1)


def test_rules_of_a_program_that_is_known_need_no_question_to_firewalld() -> None:
    assert facts_to_read(burst("rules", by("iptables", "ufw reload"))) == ("netfilter",)


@pytest.mark.parametrize("who", [by("firewalld"), by("iptables", "firewalld"), by("nft", whole=False), None])
def test_what_firewalld_wrote_or_may_have_written_has_its_zones_asked(who: Who | None) -> None:
    assert facts_to_read(burst("rules", who)) == ("netfilter", "firewalld")


def test_a_source_that_may_have_touched_anything_has_everything_read() -> None:
    assert facts_to_read(burst("links", None)) is None
    assert facts_to_read(Burst(stirs=(*burst("rules", None).stirs, *burst("lost", None).stirs), count=2)) is None


def test_after_a_repair_of_rules_rules_are_read_and_after_a_restart_everything() -> None:
    zone = SetZone(interface="br0", zone="libvirt")
    restart = ControlService(name="libvirtd", action="restart", afterwards="its rules are back")
    assert facts_written(Plan(steps=(zone,))) == {"netfilter", "firewalld", "firewall_files"}
    assert facts_written(Plan(steps=(zone, restart))) >= {"netfilter", "processes", "sockets", "bridges"}
    assert facts_written(NoPlan("nobody knows")) == frozenset()
