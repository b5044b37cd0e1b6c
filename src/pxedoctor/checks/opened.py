"""The plan that several checks of firewalls share: an accept wherever the model says that a packet is refused."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.road.hop import RuleRef
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import Refused, first_refused

if TYPE_CHECKING:
    from pxedoctor.plans.firewall_obstacle import Obstacle
    from pxedoctor.plans.firewall_opening import Opening

# A host may refuse in several tables; more than these were never seen.
_MOST_OBSTACLES = 4


def opened(
    facts: Facts, target: Target | None, names: Collection[PacketName], hooks: Collection[str], wants: "Opening"
) -> Plan | NoPlan:
    """Lets `wants` past every rule at `hooks` that ends one of these packets, one after the other.

    Where a step can only be assumed, what comes behind it is not known, and the plan ends with it.
    """
    if target is None:
        return NoPlan("for whom it was found is not known")
    made: Plan | None = None
    for _ in range(_MOST_OBSTACLES):
        after, assumed = simulate(made, facts.host) if made else (facts.host, ())
        refused = first_refused(Facts(host=after), target, names)
        if assumed or refused is None or refused.hop.hook not in hooks:
            break
        more = _past(after, refused, wants)
        if isinstance(more, NoPlan):
            return more
        made = more if made is None else _together(made, more)
    return made or NoPlan("what refuses it could not be found again")


def _past(host: Host, refused: Refused, wants: "Opening") -> Plan | NoPlan:
    from pxedoctor.plans.firewall_choice import opening

    found = obstacle_at(host, refused.hop.hook, refused.rule)
    return NoPlan("what refuses it could not be found again") if found is None else opening(host, found, wants)


def obstacle_at(host: Host, hook: str, rule: RuleRef) -> "Obstacle | None":
    """What a road tells of, as a repair needs to know it."""
    from pxedoctor.plans.firewall_named import Named, obstacle

    named = Named(
        hook=hook,
        family=rule.family,
        table=rule.table,
        origin=rule.origin,
        chain=rule.chain,
        text="" if rule.by_policy else rule.text,
    )
    return obstacle(host, named)


def _together(first: Plan, second: Plan) -> Plan:
    steps = tuple(dict.fromkeys((*first.steps, *second.steps)))
    ways = tuple(dict.fromkeys((*first.other_ways, *second.other_ways)))
    shown = tuple(dict.fromkeys((*first.shown, *second.shown)))
    return msgspec.structs.replace(first, steps=steps, other_ways=ways, shown=shown)
