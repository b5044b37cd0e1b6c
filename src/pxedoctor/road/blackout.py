"""How long a bridge keeps a new port silent, and whether a client outlasts it.

A port of an STP bridge is LISTENING for one forward delay and LEARNING for another; frames die in both
(net/bridge/br_stp.c br_make_forwarding, br_stp_timer.c br_forward_delay_timer_expired). Without STP it forwards at once,
whatever the delay says. The clock starts when the tap comes up, the client's when its first DISCOVER leaves: the time
between is its head start.
"""

from enum import StrEnum

from pxedoctor.model.bridge import Bridge, Stp
from pxedoctor.model.client import CLIENTS, Client

# Seconds from tap-up to the first DISCOVER. Firmware: >= 3 s of iPXE banner (BANNER_TIMEOUT) after SeaBIOS' POST, 8 s
# seen under emulation. An operating system boots through the same firmware, and may take a minute.
FIRMWARE_HEAD_START = (3.0, 8.0)
SYSTEM_HEAD_START = (3.0, 60.0)


class Patience(StrEnum):
    """What becomes of a client behind a blackout."""

    OUTLASTS = "outlasts"
    BORDERLINE = "borderline"
    GIVES_UP = "gives-up"


def blackout(bridge: Bridge) -> float | None:
    """Seconds of silence of a new port; None where a program in user space decides (stp_state 2)."""
    if bridge.stp is Stp.USER:
        return None
    return 2 * bridge.forward_delay if bridge.stp is Stp.KERNEL else 0.0


def patience(client: Client, silence: float) -> Patience:
    """OUTLASTS even without a head start; GIVES_UP even with the greatest; between them BORDERLINE."""
    if client.survives is None or silence <= client.survives:
        return Patience.OUTLASTS
    greatest = (FIRMWARE_HEAD_START if client.firmware else SYSTEM_HEAD_START)[1]
    return Patience.GIVES_UP if silence - greatest > client.survives else Patience.BORDERLINE


def least_patient() -> Client:
    """The client in the table that stops asking first: what survives for it survives for all."""
    return min((client for client in CLIENTS if client.survives is not None), key=lambda client: client.survives or 0.0)
