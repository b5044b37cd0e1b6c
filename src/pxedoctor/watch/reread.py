"""Which facts have to be read again after a burst, or after a repair: what nobody touched is as it was seen last."""

from pxedoctor.model.host import Host
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.request import Run
from pxedoctor.verdict.happened import Who
from pxedoctor.watch.settle import Burst, Stir

# A source that is not here has everything read again.
_FACTS_OF: dict[str, tuple[str, ...]] = {
    "rules": ("netfilter",),
    "legacy-rules": ("netfilter",),
    "processes": ("processes", "sockets", "libvirt"),
    "sysctls": ("sysctls", "bridges"),
    "traffic-control": ("traffic_control",),
    "firewalld": ("netfilter", "firewalld"),
    "systemd": ("netfilter", "firewalld", "processes", "sockets", "libvirt"),
    "forwarding": ("bridges",),
}
_RULES = frozenset({"rules", "legacy-rules"})
# What these do is rules, zones, and the files in which they keep both; a service that is started does anything.
_WRITERS = frozenset({"iptables", "ip6tables", "iptables-legacy", "ip6tables-legacy", "nft", "ufw", "firewall-cmd"})
_WRITTEN = frozenset({"netfilter", "firewalld", "firewall_files"})
_ALL = frozenset(Host.__struct_fields__)


def facts_to_read(burst: Burst) -> tuple[str, ...] | None:
    """None: all of them."""
    wanted: dict[str, None] = {}
    for stir in burst.stirs:
        facts = _FACTS_OF.get(stir.source)
        if facts is None:
            return None
        wanted.update(dict.fromkeys(facts))
        if stir.source in _RULES and _may_be_firewalld(stir):
            wanted["firewalld"] = None
    return tuple(wanted)


def facts_written(plan: Plan | NoPlan) -> frozenset[str]:
    """What its steps can change; what others do meanwhile is heard as ever."""
    if isinstance(plan, NoPlan):
        return frozenset()
    requests = [step.request() for step in plan.steps]
    rules_alone = all(isinstance(request, Run) and request.argv[0] in _WRITERS for request in requests)
    return _WRITTEN if rules_alone else _ALL


def _may_be_firewalld(stir: Stir) -> bool:
    """firewalld's zones change with rules that it writes itself. Asking it costs ten times what listing rules does."""
    return stir.who is None or not stir.who.whole or any("firewalld" in word for word in _words(stir.who))


def _words(who: Who) -> tuple[str, ...]:
    return who.name, who.caller, who.unit, *who.ancestors
