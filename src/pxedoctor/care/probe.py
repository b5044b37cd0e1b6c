"""Probes what a person asked about, and diagnoses the host beside it."""

from collections.abc import Sequence

import msgspec

from pxedoctor.access.answer import Access, readable
from pxedoctor.care.examine import Looked, judge, look, silent
from pxedoctor.care.probing import Begin, Probing, asking_on, can_be_asked_for, run
from pxedoctor.collect.gather import Progress
from pxedoctor.diagnose.selection import Selection, SelectionError, short
from pxedoctor.model.bridge import Stp
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.target import Target
from pxedoctor.road.segments import segments
from pxedoctor.verdict.probe import NotProbed, Probes

# Of one bridge at once: a trunk may carry 4094, and each of them is asked like a guest.
_MOST_VLANS = 64


def probe_host(
    access: Access, selection: Selection, probing: Probing, collected_at: str, begin: Begin, progress: Progress = silent
) -> Probes:
    """`begin` is told what will be asked, before it is. The host is looked at before it has the probe's ports.

    Raises SelectionError where the host lacks what was asked about, or where asking so would do harm.
    """
    looked = look(access, selection, progress)
    host = looked.gathered.host
    plugged = _plugged(host, looked)
    require_fair(host, plugged, selection, probing)
    wanted, left = wanted_of(host, plugged, selection, probing)
    askings = [(target, asking_on(host, target, each, number)) for number, (target, each) in enumerate(wanted)]
    begin(askings, frozenset(_trees(host, plugged)))
    seen = run([asking for _, asking in askings], probing)
    examined = judge(looked, collected_at, seen)
    return Probes(
        seen=seen.observations,
        not_probed=(*seen.not_probed, *left),
        facts=examined.facts,
        report=examined.report,
        texts=readable(examined.answers),
    )


def wanted_of(
    host: Host, targets: Sequence[Target], selection: Selection, probing: Probing
) -> tuple[list[tuple[Target, Probing]], list[NotProbed]]:
    """Each target once; where everything is asked, also in each VLAN of its bridge that this host has a part in."""
    wanted, left = [(target, probing) for target in targets], list[NotProbed]()
    everything = not selection.guests and selection.network is None and selection.bridge is None
    if not everything or probing.vlan is not None:
        return wanted, left
    for target in targets:
        bridge = host.bridge(target.bridge or "")
        vlans = segments(host, bridge) if bridge is not None else ()
        wanted += [(target, msgspec.structs.replace(probing, vlan=vlan)) for vlan in vlans[:_MOST_VLANS]]
        if len(vlans) > _MOST_VLANS:
            left.append(_too_many(target, vlans[_MOST_VLANS:]))
    return wanted, left


def _too_many(target: Target, vlans: Sequence[int]) -> NotProbed:
    return NotProbed(
        target=target.id,
        bridge=target.bridge or "",
        message=f"it was asked in {_MOST_VLANS} VLANs, and not in {len(vlans)} more, from {vlans[0]} to {vlans[-1]}",
        would_help=f"ask in those that matter: pxedoctor probe --bridge {target.bridge} --vlan {vlans[0]}",
    )


def _plugged(host: Host, looked: Looked) -> tuple[Target, ...]:
    plugged = tuple(target for target in looked.targets if can_be_asked_for(host, target))
    if plugged:
        return plugged
    first = next(iter(looked.targets), None)
    if first is None:
        raise SelectionError("there is no bridge for guests on this host: nothing to ask", "name one: --bridge B")
    where = (
        f"the bridge {short(first.bridge)} does not exist now" if first.bridge else "it is on no bridge of this host"
    )
    raise SelectionError(
        f"{first.id} cannot be asked for: {where}",
        "start its network, or where the bridge is in another namespace: --bridge B --from-netns PATH",
    )


def require_fair(host: Host, targets: Sequence[Target], selection: Selection, probing: Probing) -> None:
    """Raises SelectionError where a probe would speak with a MAC that somebody uses now, or on trees unasked."""
    domains = () if isinstance(host.domains, Missing) else host.domains
    for domain in domains:
        if domain.running and any(nic.mac and nic.mac == probing.mac for nic in domain.nics):
            raise SelectionError(
                f"{probing.mac} is a NIC of {short(domain.name)}, which runs now",
                f"ask in its name, which takes nothing from it: pxedoctor probe {short(domain.name)}",
            )
    if selection.guests or len(targets) < 2 or probing.yes:
        return
    trees = _trees(host, targets)
    if trees:
        raise SelectionError(
            f"{', '.join(trees)}: STP is on, so that each new port is a change of topology for the whole tree",
            "--yes says that this is fine; or name one guest or bridge",
        )


def _trees(host: Host, targets: Sequence[Target]) -> tuple[str, ...]:
    """The targets' bridges that run STP."""
    found = (host.bridge(name) for name in sorted({target.bridge or "" for target in targets}))
    return tuple(bridge.name for bridge in found if bridge is not None and bridge.stp is not Stp.OFF)
