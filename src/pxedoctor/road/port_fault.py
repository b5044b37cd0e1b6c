"""What a person's hand, or a loop, can do to the ports between a guest and its server (Linux net/bridge).

1. A state other than forwarding that no timer will change: br_input.c and br_forward.c take it for a closed door.
2. BLOCKING under the kernel's STP: the port hears a better way to the root, that is, a loop leads through it.
3. LOCKED: a sender that is not entered for the port is dropped (br_handle_frame_finish).
4. UNKNOWN_TO: neither learning nor flooded to, and the address not entered: no unicast comes out (br_flood).
5. DEAF: bcast_flood off: no broadcast of another port comes out; what the host itself sends does (br_flood).
6. ISOLATED: two isolated ports exchange nothing (should_deliver).
"""

from enum import StrEnum
from typing import Literal

import msgspec

from pxedoctor.model.bridge import Bridge, Port, PortState, Stp


class Wrong(StrEnum):
    STATE = "state"
    LOOP = "loop"
    LOCKED = "locked"
    UNKNOWN_TO = "unknown to"
    DEAF = "deaf"
    ISOLATED = "isolated"


class PortFault(msgspec.Struct, frozen=True, kw_only=True):
    """`side`: whose port it is. `holds` None: it depends on the bridge's entries, and they could not be read."""

    wrong: Wrong
    port: str
    text: str
    side: Literal["guest", "server"] = "guest"
    holds: bool | None = True

    @property
    def kills(self) -> bool:
        """A guest without broadcasts may still be answered: its own ARP request tells the server who it is."""
        return self.side == "server" or self.wrong is not Wrong.DEAF


_WAITING = frozenset({PortState.LISTENING, PortState.LEARNING})


def own_faults(bridge: Bridge, port: Port, mac: str) -> tuple[PortFault, ...]:
    """Of the guest's own port. A state that the kernel's STP, or a program's, gives and takes is none."""
    found = [fault for fault in (_state(bridge, port),) if fault is not None]
    if port.locked and not _entered(port, mac):
        text = f"{port.name} is locked, and {mac} is not entered for it: what the guest sends dies"
        found.append(PortFault(wrong=Wrong.LOCKED, port=port.name, text=text, holds=_not(_entered(port, mac))))
    if port.learning is False and port.flood is False and not _entered(port, mac):
        text = f"{port.name} neither learns nor is flooded to, and {mac} is not entered for it: no answer finds it"
        found.append(PortFault(wrong=Wrong.UNKNOWN_TO, port=port.name, text=text, holds=_not(_entered(port, mac))))
    if port.bcast_flood is False:
        text = (
            f"{port.name} gets no broadcasts of other ports: no ARP request and no broadcast OFFER comes to the guest"
        )
        found.append(PortFault(wrong=Wrong.DEAF, port=port.name, text=text))
    return tuple(found)


def _state(bridge: Bridge, port: Port) -> PortFault | None:
    if port.state is PortState.FORWARDING or bridge.stp is Stp.USER:
        return None
    word = port.state.name.lower()
    if bridge.stp is Stp.KERNEL:
        if port.state is PortState.BLOCKING:
            text = f"the spanning tree blocks {port.name}: it hears another way to the root there, that is, a loop"
            return PortFault(wrong=Wrong.LOOP, port=port.name, text=text)
        if port.state in _WAITING:
            return None
    return PortFault(wrong=Wrong.STATE, port=port.name, text=f"{port.name} is {word}, and no timer will change that")


def _entered(port: Port, mac: str) -> bool | None:
    return None if port.macs is None else mac.lower() in port.macs


def _not(entered: bool | None) -> bool | None:
    return None if entered is None else not entered


def server_fault(bridge: Bridge, far: Port, isolated: bool) -> PortFault | None:
    """Of a port that leads to a server outside: why a DISCOVER does not leave through it; None where it does.

    `isolated`: the guest's own port is, or will be.
    """
    state = _state(bridge, far)
    if state is not None and state.wrong is Wrong.STATE:
        return msgspec.structs.replace(state, side="server")
    if far.bcast_flood is False:
        text = f"no broadcast leaves through {far.name}, so no DISCOVER does"
        return PortFault(wrong=Wrong.DEAF, port=far.name, text=text, side="server")
    if isolated and far.isolated:
        text = f"the guest's port and {far.name} are both isolated: the bridge carries nothing between them"
        return PortFault(wrong=Wrong.ISOLATED, port=far.name, text=text, side="server")
    return None
