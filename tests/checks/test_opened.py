"""The plan that checks of firewalls share: one accept for every table that refuses, and where that ends."""

from boots import ON_BR0, on_own_bridge
from pxedoctor.checks.opened import obstacle_at, opened
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.firewall_rule import InsertIptablesRule, InsertNftRule
from pxedoctor.plans.firewall_ufw import AllowInUfw
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import first_refused
from rulesets import UFW, base_chain, filter_table, native, saved

_WANTS = Opening(interface="br0", service="dhcp")
_NAMES = (PacketName.DISCOVER,)
_HOOKS = ("ip input",)
_SHUT = saved(filter_table("-A INPUT -i lo -j ACCEPT", policy="DROP"))
_HOST = native("inet", "host", base_chain("input", policy="drop"))


def test_every_table_that_refuses_gets_its_accept() -> None:
    plan = opened(on_own_bridge(_SHUT, _HOST), ON_BR0, _NAMES, _HOOKS, _WANTS)
    assert isinstance(plan, Plan)
    assert {type(step) for step in plan.steps} == {InsertIptablesRule, InsertNftRule}


def test_behind_a_step_that_can_only_be_assumed_nobody_sees() -> None:
    plan = opened(on_own_bridge(saved(UFW), _HOST), ON_BR0, _NAMES, _HOOKS, _WANTS)
    assert isinstance(plan, Plan)
    assert [type(step) for step in plan.steps] == [AllowInUfw]


def test_what_is_refused_elsewhere_is_not_opened() -> None:
    assert isinstance(opened(on_own_bridge(_SHUT), ON_BR0, _NAMES, ("ip output",), _WANTS), NoPlan)


def test_for_nobody_there_is_none() -> None:
    assert isinstance(opened(on_own_bridge(_SHUT), None, _NAMES, _HOOKS, _WANTS), NoPlan)


def test_what_a_road_tells_of_is_found_again() -> None:
    known = on_own_bridge(_SHUT)
    refused = first_refused(known, ON_BR0, _NAMES)
    assert refused is not None
    found = obstacle_at(known.host, refused.hop.hook, refused.rule)
    assert found is not None
    assert (found.table.name, found.base, found.rule) == ("filter", "INPUT", None)
