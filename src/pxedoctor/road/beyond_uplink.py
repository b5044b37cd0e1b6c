"""A question that a trace saw leave this host in vain, and what was heard meanwhile of the switch out there."""

import msgspec

from pxedoctor.model.observation import SeenSwitch
from pxedoctor.model.target import Facts, Target
from pxedoctor.model.traced import Traced

CARRIER = "tx_carrier_changes"


class Vain(msgspec.Struct, frozen=True, kw_only=True):
    """`at`: when the last lost question set out, in seconds of the trace. `said`: each of the switch's BPDUs.

    `link_came`: the link of this way out went and came while the trace ran, by the kernel's count of it.
    """

    at: float
    said: tuple[SeenSwitch, ...]
    link_came: bool

    @property
    def switch(self) -> SeenSwitch | None:
        """What was the switch's word when the question left; else its first one behind that. None: none was heard."""
        before = [said for said in self.said if said.at <= self.at]
        return next(iter((*reversed(before), *self.said)), None)

    @property
    def may_wait(self) -> bool:
        """A switch is there that speaks STP, and did not say of its own port that it forwards."""
        return self.switch is not None and self.switch.port != "forwarding"


def asked_in_vain(facts: Facts, target: Target, port: str) -> Vain | None:
    """None where no trace saw a question leave by this way out, or where it was answered."""
    if not facts.traces:
        return None
    # Most diagnoses have no trace, and need none of what reads one.
    from pxedoctor.road.traced_road import lost_beyond

    end = lost_beyond(facts, target)
    if end is None or end.device != port or end.packet is None:
        return None
    traced = next(entry for entry in reversed(facts.traces) if entry.target == target.id)
    return Vain(at=end.packet.at, said=_said(traced, port), link_came=_link_came(traced, port))


def _said(traced: Traced, port: str) -> tuple[SeenSwitch, ...]:
    from pxedoctor.road.switch_said import switch_of

    came = (frame for frame in traced.frames if (frame.device, frame.direction) == (port, "in"))
    heard = (switch_of(frame.content, frame.at) for frame in came)
    return tuple(switch for switch in heard if switch is not None and switch.forward_delay is not None)


def _link_came(traced: Traced, port: str) -> bool:
    return any(move.device == port and move.name == CARRIER and move.moved > 0 for move in traced.counters)
