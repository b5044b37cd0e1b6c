"""What a probe's port and its packets say about the way: how long a new port was silent, who answered, who did not.

A probe plugs into the bridge as a guest at its cold start does, so what its own port went through a guest's port goes
through. It is not that guest: its tap has another name, and its frames another source. What is seen here may therefore
prove a drop that a rule or the bridge makes for everybody, and can only cast doubt on one that is made for one guest.
"""

import msgspec

from pxedoctor.findings.outcome import Evidence
from pxedoctor.model.client import Client, client_named
from pxedoctor.model.host import Host
from pxedoctor.model.observation import Probed, ProbeOutcome, SeenOffer
from pxedoctor.model.target import Facts, Target

# The states in which a port of a spanning tree drops every frame (net/bridge/br_input.c, br_forward.c).
_SILENT = frozenset({"listening", "learning"})
_FORWARDING = "forwarding"
# A port without STP forwards before the probe looks at it the first time; polls are not finer than this.
_AT_ONCE = 0.5


class NewPort(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe's port went through, in seconds after it came up.

    `forwarded`: when it began to forward; None where it did not as long as the probe asked, `until` then. `lost`:
    packets sent before; `answered`: when the first offer came. `gave_up`: `client`, as which it asked, sent all that it
    has to send, and the port let nothing out.
    """

    probe: str
    client: Client | None
    forwarded: float | None
    until: float
    lost: int
    answered: float | None
    gave_up: bool

    @property
    def at_once(self) -> bool:
        return self.forwarded is not None and self.forwarded <= _AT_ONCE

    @property
    def evidence(self) -> Evidence:
        return Evidence(_told(self), self.probe)


def new_port(facts: Facts, target: Target) -> NewPort | None:
    """What the last probe of this target saw of its port's start; None where none watched one."""
    seen = [port for port in map(_of, facts.probed(target.id)) if port is not None]
    return seen[-1] if seen else None


def _of(probe: Probed) -> NewPort | None:
    forwarded = min((state.at for state in probe.states if state.state == _FORWARDING), default=None)
    silent = [state for state in probe.states if state.state in _SILENT]
    if forwarded is None and not silent:
        return None
    until = max(*(state.at for state in probe.states), *(packet.at for packet in probe.sent), 0.0)
    asked = [packet for packet in probe.sent if packet.port_state in _SILENT]
    answered = min((offer.at for offer in probe.offers), default=None)
    if asked and answered is not None and answered < (until if forwarded is None else forwarded):
        # Something came through a port that lets nothing through: what was seen does not fit together.
        return None
    own = [packet for packet in probe.sent if not packet.afterwards]
    unheard = probe.whole and probe.outcome is ProbeOutcome.SILENT and len(asked) == len(own)
    return NewPort(
        probe=named(probe),
        client=client_named(probe.profile),
        forwarded=forwarded,
        until=until,
        lost=len(asked),
        answered=answered,
        gave_up=bool(asked) and unheard,
    )


def _told(port: NewPort) -> str:
    if port.at_once:
        return "a probe's port forwarded as soon as it was up"
    lost = f"{port.lost} packet{'s' if port.lost != 1 else ''}, and the port let none of them out"
    if port.forwarded is None:
        return f"a probe sent {lost}: it still did not forward {port.until:.1f} s after it came up"
    came = "" if port.answered is None else f"; the first offer came {port.answered - port.forwarded:.1f} s later"
    return f"a probe's port forwarded {port.forwarded:.1f} s after it came up; before, the probe sent {lost}{came}"


def named(probe: Probed) -> str:
    """Where a probe's evidence comes from, as the origin of it."""
    return f"a probe of {probe.bridge} as {probe.profile}"


class Heard(msgspec.Struct, frozen=True):
    """An offer of an address, and the probe that heard it."""

    probe: Probed
    offer: SeenOffer

    @property
    def origin(self) -> str:
        return named(self.probe)

    @property
    def open_sum(self) -> Evidence:
        mark = "with the mark that says so" if self.offer.marked else "without the mark that says so"
        text = f"the offer of {self.offer.server} came with its UDP sum not filled, {mark}"
        return Evidence(text, self.origin, self.offer.checksum)

    def of_this_host(self, host: Host) -> bool:
        """Whether the frame left from the bridge itself. Where its MAC is not known it is taken for the host's."""
        link = host.link(self.probe.bridge)
        return link is None or link.mac.lower() == self.offer.mac.lower()


def heard_offers(facts: Facts, target: Target) -> tuple[Heard, ...]:
    """The DHCPv4 offers of an address that the target's probes heard, taken or not."""
    heard = (Heard(probe, offer) for probe in facts.probed(target.id) for offer in probe.offers)
    return tuple(entry for entry in heard if not entry.offer.proxy and ":" not in entry.offer.source)


def offer_with_sum(facts: Facts, target: Target, checksum: str) -> Heard | None:
    """The first offer with such a sum that came to a probe's tap which takes open sums; no other tap is given any."""
    heard = heard_offers(facts, target)
    return next((entry for entry in heard if entry.probe.offload and entry.offer.checksum == checksum), None)


def unanswered(facts: Facts, target: Target) -> Probed | None:
    """A probe that asked as long as its client does, through a port that forwarded, and got no answer of any kind."""
    return next((probe for probe in facts.probed(target.id) if _is_unanswered(probe)), None)


def _is_unanswered(probe: Probed) -> bool:
    heard = probe.offers or probe.naks
    let_out = any(packet.port_state == _FORWARDING and not packet.afterwards for packet in probe.sent)
    return probe.whole and probe.outcome is ProbeOutcome.SILENT and let_out and not heard
