"""Which of the targets that a person named is watched: of a guest with several NICs the one whose MAC is named."""

from collections.abc import Sequence

from pxedoctor.diagnose.selection import SelectionError, short
from pxedoctor.model.host import Host
from pxedoctor.model.target import Target

# Of a guest's, in a message.
_MOST_NICS = 8


def watched_of(host: Host, targets: Sequence[Target], mac: str | None) -> Target:
    """Raises SelectionError where none of them can be watched, or where it is not clear which NIC is meant."""
    fits = [target for target in targets if target.bridge and host.bridge(target.bridge) is not None]
    nics = [target for target in targets if target.kind == "nic"]
    if nics and mac is not None:
        fits = [target for target in fits if target.mac == mac]
        if not fits:
            raise _no_such_nic(nics, mac)
    if len(fits) > 1 and nics:
        raise SelectionError(
            f"{short(fits[0].guest or '')} has {len(fits)} NICs on bridges, and one is watched: {_listed(fits)}",
            f"name one, the one that it boots from first: --mac {fits[0].mac or 'M'}",
        )
    if fits:
        return next((target for target in fits if target.tap), fits[0])
    first = next(iter(targets), None)
    if first is None:
        raise SelectionError("there is no bridge for guests on this host: nothing to watch", "name one: --bridge B")
    raise SelectionError(
        f"{first.id} cannot be watched: its bridge {short(first.bridge or 'of no name')} does not exist now",
        "start its network, or name a bridge: --bridge B",
    )


def _no_such_nic(nics: Sequence[Target], mac: str) -> SelectionError:
    return SelectionError(
        f"no NIC of {short(nics[0].guest or '')} that can be watched has the MAC {mac}",
        f"its NICs: {_listed(nics)}; or whoever asks on a bridge: --bridge B --mac {mac}",
    )


def _listed(nics: Sequence[Target]) -> str:
    """With where each is, as far as there are not too many."""
    told = [f"{nic.mac or 'of no MAC'} on {nic.bridge or 'no bridge'}" for nic in nics[:_MOST_NICS]]
    return ", ".join((*told, *(["and more"] if len(nics) > _MOST_NICS else [])))
