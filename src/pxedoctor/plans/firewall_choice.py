"""Chooses the repair of one refused packet in the language of whoever refuses it.

1. An accept holds only in the base chain whose rule or policy refuses: in any other table it overrides nothing. So the
   change is made there, or in the chain that the owner has asked first for a person's rules, or there is no plan.
2. A table that iptables makes is changed by iptables alone: one native rule in it, and iptables can list it no more.
3. One port from one bridge of guests is SAFE: nothing that works is lost. What changes forwarding is RISKY.
"""

from collections.abc import Iterable

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.plans.firewall_base import in_base_chain
from pxedoctor.plans.firewall_bridge_nf import Which, bridge_nf_call_off, stays_off, switched_off
from pxedoctor.plans.firewall_docker import in_docker
from pxedoctor.plans.firewall_firewalld import in_firewalld
from pxedoctor.plans.firewall_obstacle import Obstacle
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.firewall_owners import refused
from pxedoctor.plans.firewall_ufw import USER_RULES, AllowInUfw, written_already
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.show_only import ShowOnly

# ufw's chains that are asked before those which `ufw allow` fills.
_BEFORE_USER = ("ufw-before-", "ufw6-before-", "ufw-not-local", "ufw6-not-local", "ufw-logging-deny")


def openings(host: Host, obstacle: Obstacle, wanted: Iterable[Opening]) -> Plan | NoPlan:
    """One plan for several services that the same thing refuses; none where one of them has none."""
    plans = [opening(host, obstacle, wants) for wants in wanted]
    made = [plan for plan in plans if isinstance(plan, Plan)]
    refusals = [plan for plan in plans if isinstance(plan, NoPlan)]
    if refusals or not made:
        return refusals[0] if refusals else NoPlan("nothing was wanted")
    steps = tuple(dict.fromkeys(step for plan in made for step in plan.steps))
    ways = tuple(dict.fromkeys(way for plan in made for way in plan.other_ways))
    return Plan(steps=steps, other_ways=ways, shown=tuple(dict.fromkeys(old for plan in made for old in plan.shown)))


def opening(host: Host, obstacle: Obstacle, wants: Opening) -> Plan | NoPlan:
    """The plan that lets `wants` past what refuses it; or why there is none, and what a person can do."""
    if not wants.has_plain_device:
        return NoPlan(f"the name {wants.interface!r} means more than one device to iptables or nft")
    if wants.direction == "out" and wants.service == "tftp":
        return _random_ports(wants)
    advice = refused(obstacle.owned.owner, wants)
    if advice is not None:
        return advice
    match obstacle.owned.owner:
        case Owner.UFW:
            plan = _in_ufw(host, obstacle, wants)
        case Owner.FIREWALLD:
            plan = in_firewalld(host, wants)
        case Owner.DOCKER:
            plan = in_docker(host, obstacle, wants)
        case _:
            plan = in_base_chain(host, obstacle, wants, obstacle.base)
    return with_switch(host, obstacle, wants.interface, plan) if wants.direction == "bridged" else plan


def with_switch(host: Host, obstacle: Obstacle, bridge: str, plan: Plan | NoPlan) -> Plan | NoPlan:
    """The other way for bridged frames: they need not pass the ip rules at all."""
    which: Which = "ip6tables" if obstacle.table.family == "ip6" else "iptables"
    ways = _switch_instead(host, which, bridge)
    if isinstance(plan, NoPlan):
        return msgspec.structs.replace(plan, instead=(*plan.instead, *ways))
    return msgspec.structs.replace(plan, other_ways=(*plan.other_ways, *ways))


def _switch_instead(host: Host, which: Which, bridge: str) -> tuple[str, ...]:
    made = switched_off(host, which, bridge)
    if isinstance(made, NoPlan):
        return (f"Not the switch: {made.because}.",)
    steps = bridge_nf_call_off(host, which, bridge)
    commands = "; ".join(" ".join(switch.argv()) for switch in steps)
    way = f"{commands}: bridged frames pass no rules of {which} any more. Not first choice: {steps[-1].may_lose}"
    return (way, stays_off(which))


def _random_ports(wants: Opening) -> NoPlan:
    helper = f"iptables -t raw -A PREROUTING -i {wants.interface} -p udp --dport 69 -j CT --helper tftp"
    return NoPlan(
        "a TFTP server sends its data from a port chosen at random: no rule for one port lets it out",
        (
            "dnsmasq's option tftp-single-port, which sends it from port 69",
            f"conntrack's helper ({helper}), and an accept of RELATED where it is refused now",
        ),
    )


def _in_ufw(host: Host, obstacle: Obstacle, wants: Opening) -> Plan | NoPlan:
    step = AllowInUfw(opening=wants)
    if obstacle.chain.startswith(("ufw-user-", "ufw6-user-")):
        because = f"a person has told ufw to refuse it, which is theirs to change: {obstacle.text}{obstacle.place}"
        first = f"or before it: ufw insert 1 {' '.join(step.argv()[1:])}"
        return NoPlan(because, ("ufw status numbered; ufw delete NUMBER", first))
    if obstacle.chain.startswith(_BEFORE_USER):
        rule = f"-A {obstacle.chain} {' '.join(wants.rules[0].iptables())} -j ACCEPT"
        because = f"ufw refuses it before it asks what `ufw allow` writes: {obstacle.text}{obstacle.place}"
        return NoPlan(because, (f"`{rule}` in /etc/ufw/before.rules, above what refuses it; then ufw reload",))
    line = written_already(host, wants)
    if line:
        because = (
            f"ufw allows it already ({USER_RULES}, line {line}), and its rules in the kernel are not those of its file"
        )
        return NoPlan(because, ("ufw reload",))
    if wants.direction in {"bridged", "routed"}:
        lost = f"Whatever refused {wants} on purpose, to keep guests apart, no longer decides."
        step = msgspec.structs.replace(step, safety=Safety.RISKY, may_lose=lost)
    shown = ShowOnly(f"ufw allow in on {wants.interface}", "It opens every port of this host to the guests.")
    return Plan(steps=(step,), shown=(shown,))
