"""What `check(facts, target)` returns: Broken, Fine, Unknown or NotApplicable, and nothing else."""

from enum import StrEnum
from typing import Literal

import msgspec

Severity = Literal["broken", "risk"]
Certainty = Literal["proven", "likely"]
Scope = Literal["host", "network", "bridge", "guest"]


class Hop(StrEnum):
    """Places on the road of a packet, in the kernel's order: in from a guest, up to the server, and back.

    A frame that only crosses the bridge passes some of them in another order; findings are ordered by this one.
    """

    NIC = "nic"
    TAP = "tap"
    # XDP, tc's and nft's netdev ingress of the device.
    INGRESS = "ingress"
    PORT = "port"
    BRIDGE_PREROUTING = "bridge-prerouting"
    PREROUTING = "prerouting"
    # Locked ports and VLAN filtering.
    ADMISSION = "admission"
    BRIDGE = "bridge"
    # Whether the bridge lets the frame out of one port: its state, isolation, flooding.
    EXIT = "exit"
    BRIDGE_FORWARD = "bridge-forward"
    FORWARD = "forward"
    UPLINK = "uplink"
    BRIDGE_INPUT = "bridge-input"
    ROUTE = "route"
    INPUT = "input"
    SERVER = "server"
    OUTPUT = "output"
    POSTROUTING = "postrouting"
    # nft's netdev egress and tc's egress of the device.
    EGRESS = "egress"
    BRIDGE_OUTPUT = "bridge-output"
    BRIDGE_POSTROUTING = "bridge-postrouting"
    DELIVERY = "delivery"
    CLIENT = "client"


class Leg(StrEnum):
    """Parts of a boot, in their order; each of them goes along the whole road.

    A packet of a later leg is never sent where one of an earlier leg died.
    """

    # What a guest without an address asks.
    ASKING = "asking"
    ANSWER = "answer"
    # What a guest with an address sends and gets: of the address itself, and of the boot file.
    FETCH = "fetch"


class Evidence(msgspec.Struct, frozen=True):
    """One observed fact: a sentence, the raw place it was read at, and the raw value there."""

    text: str
    origin: str
    value: str = ""


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """The fault holds. `subject` is what is at fault (br0, default): same name and subject are one finding.

    `leg` and `hop` are where the first packet dies of it.
    """

    headline: str
    subject: str
    hop: Hop
    leg: Leg = Leg.ASKING
    evidence: tuple[Evidence, ...]
    scope: Scope = "guest"
    severity: Severity = "broken"
    certainty: Certainty = "proven"

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"a finding without evidence: {self.headline}")


class Fine(msgspec.Struct, frozen=True):
    """The fault does not hold, and why."""

    why: str


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """It cannot be said. `on_road`: without this nobody can say that the packets pass."""

    missing: str
    would_help: str
    on_road: bool = False


class NotApplicable(msgspec.Struct, frozen=True):
    """The question does not arise for this target, and why."""

    why: str


Outcome = Broken | Fine | Unknown | NotApplicable
