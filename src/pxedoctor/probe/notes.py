"""What a probe writes down as it goes, told line by line as it happens. All of it is bounded."""

from collections.abc import Callable

from pxedoctor.model.observation import (
    Happening,
    Probed,
    ProbeOutcome,
    ProbeStage,
    SeenArp,
    SeenBootServer,
    SeenFetch,
    SeenNak,
    SeenOffer,
    SeenSent,
    SeenState,
    SeenSwitch,
)
from pxedoctor.probe.asking import Asking, Tell

_MOST_STAGES = 200
_MOST_SENT = 128
_MOST_OFFERS = 32
_MOST_OTHERS = 16


class Notes:
    """One probe's. Times are seconds since its port came up; `clock` tells the time now."""

    def __init__(self, asking: Asking, tell: Tell, clock: Callable[[], float]) -> None:
        self.asking = asking
        self._tell = tell
        self._clock = clock
        self._stages: list[Happening] = []
        self._sent: list[SeenSent] = []
        self._naks: list[SeenNak] = []
        self._arps: list[SeenArp] = []
        self._boot_servers: list[SeenBootServer] = []
        self._fetches: list[SeenFetch] = []
        self.switches: list[SeenSwitch] = []
        self.offers: list[SeenOffer] = []
        # From now on what is sent is more than the client would have sent.
        self.afterwards = False

    @property
    def now(self) -> float:
        return round(self._clock(), 3)

    def happens(self, stage: ProbeStage, ok: bool | None, detail: str) -> None:
        if len(self._stages) < _MOST_STAGES:
            happening = Happening(target=self.asking.who, stage=stage, at=self.now, ok=ok, detail=detail)
            self._stages.append(happening)
            self._tell(happening)

    def sent(self, what: str, port_state: str) -> None:
        if len(self._sent) < _MOST_SENT:
            self._sent.append(SeenSent(at=self.now, what=what, port_state=port_state, afterwards=self.afterwards))

    def sent_while(self, port_state: str) -> bool:
        return any(sent.port_state == port_state for sent in self._sent)

    def offer(self, offer: SeenOffer) -> None:
        if len(self.offers) < _MOST_OFFERS:
            self.offers.append(offer)

    def nak(self, nak: SeenNak) -> None:
        if len(self._naks) < _MOST_OTHERS:
            self._naks.append(nak)

    def arp(self, answer: SeenArp) -> None:
        if len(self._arps) < _MOST_OTHERS:
            self._arps.append(answer)

    def boot_server(self, asked: SeenBootServer) -> None:
        if len(self._boot_servers) < _MOST_OTHERS:
            self._boot_servers.append(asked)

    def fetch(self, fetch: SeenFetch) -> None:
        if len(self._fetches) < _MOST_OTHERS:
            self._fetches.append(fetch)

    def switch(self, switch: SeenSwitch) -> None:
        """Each neighbour once, and again when what it says of its tree has changed: it speaks every few seconds."""
        said = [
            seen for seen in self.switches if (seen.by, seen.mac, seen.name) == (switch.by, switch.mac, switch.name)
        ]
        new = not said or (said[-1].port, said[-1].changes) != (switch.port, switch.changes)
        if new and len(self.switches) < _MOST_OTHERS:
            self.switches.append(switch)

    def probed(
        self, outcome: ProbeOutcome, why: str, *, whole: bool, asked_for: str, states: tuple[SeenState, ...]
    ) -> Probed:
        asking = self.asking
        return Probed(
            target=asking.target,
            bridge=asking.bridge,
            profile=asking.profile.name,
            outcome=outcome,
            why=why,
            mac=asking.mac,
            asked_for=asked_for,
            offload=asking.offload,
            fetch=asking.fetch,
            whole=whole,
            architecture=getattr(asking.profile, "architecture", None),
            vlan=asking.vlan,
            stages=tuple(self._stages),
            states=states,
            sent=tuple(self._sent),
            offers=tuple(self.offers),
            naks=tuple(self._naks),
            arps=tuple(self._arps),
            boot_servers=tuple(self._boot_servers),
            fetches=tuple(self._fetches),
            switches=tuple(self.switches),
        )
