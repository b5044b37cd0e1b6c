"""How long a bridge keeps a new port silent, whether a client outlasts it, and what that means for a target.

A port of an STP bridge is LISTENING for one forward delay and LEARNING for another; frames die in both
(net/bridge/br_stp.c br_make_forwarding, br_stp_timer.c br_forward_delay_timer_expired). Without STP it forwards at
once, whatever the delay says. The clock starts when the tap comes up, the client's when its first DISCOVER leaves: the
time between is its head start.
"""

from enum import StrEnum

import msgspec

from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop
from pxedoctor.model.bridge import Bridge, PortState, Stp
from pxedoctor.model.client import CLIENTS, Client
from pxedoctor.model.target import Target
from pxedoctor.road.probed import NewPort

# Seconds from tap-up to the first DISCOVER. Firmware: >= 3 s of iPXE banner (BANNER_TIMEOUT) after SeaBIOS' POST, 8 s
# seen under emulation. An operating system boots through the same firmware, and may take a minute.
FIRMWARE_HEAD_START = (3.0, 8.0)
SYSTEM_HEAD_START = (3.0, 60.0)


# The kernel's timers run on for some tenths of a second; a probe looks at its port now and then.
_CLOSE = 1.0


class Patience(StrEnum):
    """What becomes of a client behind a blackout."""

    OUTLASTS = "outlasts"
    BORDERLINE = "borderline"
    GIVES_UP = "gives-up"


class Account(msgspec.Struct, frozen=True):
    """Why a bridge's new ports are silent: one clause for the headline, and what it rests on besides STP and delay."""

    clause: str
    evidence: tuple[Evidence, ...]


def blackout(bridge: Bridge) -> float | None:
    """Seconds of silence of a new port; None where a program in user space decides (stp_state 2)."""
    if bridge.stp is Stp.USER:
        return None
    return 2 * bridge.forward_delay if bridge.stp is Stp.KERNEL else 0.0


def measured(bridge: Bridge, seen: NewPort | None) -> float | None:
    """The same where a probe watched a new port: what it saw, where that is more than a second off what is set."""
    told = blackout(bridge)
    if seen is None or bridge.stp is Stp.OFF:
        return told
    if seen.forwarded is None:
        return max(told or 0.0, seen.until)
    saw = 0.0 if seen.at_once else seen.forwarded
    return told if told is not None and abs(told - saw) < _CLOSE else saw


def patience(client: Client, silence: float) -> Patience:
    """OUTLASTS even without a head start; GIVES_UP even with the greatest; between them BORDERLINE."""
    if client.survives is None or silence <= client.survives:
        return Patience.OUTLASTS
    greatest = (FIRMWARE_HEAD_START if client.firmware else SYSTEM_HEAD_START)[1]
    return Patience.GIVES_UP if silence - greatest > client.survives else Patience.BORDERLINE


def least_patient() -> Client:
    """The client in the table that stops asking first: what survives for it survives for all."""
    return min((client for client in CLIENTS if client.survives is not None), key=lambda client: client.survives or 0.0)


def judge(
    bridge: Bridge, target: Target, silence: float, account: Account, seen: NewPort | None = None
) -> Broken | Fine:
    """What `silence` seconds of a new port mean for the target's client.

    Fine if it asks longer; broken if even the greatest head start does not help and the port does not forward yet, or
    if a probe gave up as this client does; else a risk: borderline, only at the next cold start, or the client is not
    known.
    """
    acted = seen.client if seen is not None and seen.gave_up else None
    client = target.client or acted or least_patient()
    verdict = patience(client, silence)
    if verdict is Patience.OUTLASTS:
        return Fine(f"a new port of {bridge.name} is silent for {silence:g} s; {client.title} asks longer")
    port = bridge.port(target.tap) if target.tap else None
    forwards = port is not None and port.state is PortState.FORWARDING
    gave_up = acted is not None and acted.name == client.name
    certain = (gave_up or (verdict is Patience.GIVES_UP and target.client is not None)) and not forwards
    effect = _gave_up(client) if gave_up and not forwards else _effect(target.client, verdict, forwards)
    witnessed = () if seen is None else (seen.evidence,)
    return Broken(
        headline=f"{account.clause}; {effect}.",
        subject=bridge.name,
        scope="bridge",
        hop=Hop.PORT,
        severity="broken" if certain else "risk",
        evidence=(*_delay_evidence(bridge), *account.evidence, *_client_evidence(target, client), *witnessed),
    )


def _gave_up(client: Client) -> str:
    return f"a probe that asked as {client.title} does gave up before"


def _effect(client: Client | None, verdict: Patience, forwards: bool) -> str:
    if client is None:
        least = least_patient()
        return f"which client asks here is not known, and {least.title} asks for {least.survives:g} s only"
    gives_up = f"{client.title} sends its last DISCOVER {client.survives:g} s after its first"
    if forwards:
        return f"this guest's port forwards by now, but at its next cold start {gives_up}"
    if verdict is Patience.BORDERLINE:
        return f"{gives_up}: borderline, it depends on how long the guest takes before it asks"
    return gives_up


def _delay_evidence(bridge: Bridge) -> tuple[Evidence, ...]:
    folder = f"/sys/class/net/{bridge.name}/bridge"
    delay = bridge.forward_delay
    if bridge.stp is not Stp.KERNEL:
        return (
            Evidence(f"a program in user space runs STP on {bridge.name}", f"{folder}/stp_state", str(int(bridge.stp))),
        )
    return (
        Evidence(f"STP is on, run by the kernel (on {bridge.name})", f"{folder}/stp_state", str(int(bridge.stp))),
        Evidence(
            f"forward delay {delay:.2f} s: listening {delay:g} s + learning {delay:g} s = {2 * delay:g} s",
            f"{folder}/forward_delay",
            str(round(delay * 100)),
        ),
    )


def _client_evidence(target: Target, client: Client) -> tuple[Evidence, ...]:
    if target.client is None:
        return (Evidence("no client named: compared with the least patient one", client.source, client.title),)
    last = f"its last DISCOVER leaves {client.survives:g} s after its first"
    return (
        Evidence(f"what asks here: {client.title}", target.client_why, client.name),
        Evidence(last, client.source, f"{client.survives:g}"),
    )
