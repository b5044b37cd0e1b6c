"""How long a probe waits for what, and what comes out of it.

A client of the table is given its time: where the port is silent at first, it begins after the head start that firmware
has (road/blackout.py). When it has given up on a port that did not forward yet, the probe waits until it does and asks
once more: an answer then proves that the wait alone was the fault. The same where a switch behind a port that forwards
speaks the spanning tree protocol: its own port may be silent for as long, from when its link came up.
"""

import msgspec

from pxedoctor.dialogue.schedule import at
from pxedoctor.model.observation import ProbeOutcome, ProbeStage
from pxedoctor.probe.asking import Asking
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.port import FORWARDING, Port
from pxedoctor.probe.waiting import forwarding, pause

# dnsmasq pings an address for 3 s before it offers it for the first time; a little more for a busy host.
HURRIED = at(0, 1, 2, 3, gives_up=4.5)
_HURRIED_FORWARDING = 5.0
# A client that never gives up is left after so many seconds; the slowest that does takes 92.
LONGEST = 95.0
# Beyond twice the forward delay.
_FORWARDING_SLACK = 3.0
# The longest that a bridge may be told (IEEE 802.1D-1998 table 8-3): what a BPDU says is anybody's word.
_LONGEST_DELAY = 30.0
# A port that a bridge keeps disabled, because it is down itself, hears nothing however long one waits.
_DISABLED_SECONDS = 1.0


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended, in words for a person; `whole` as in Probed."""

    outcome: ProbeOutcome
    why: str
    whole: bool
    asked_for: str


async def not_yet(port: Port, asking: Asking) -> str | None:
    """Waits as a client would whose port does not forward; the reason where nothing can be asked there at all."""
    if port.state() == "disabled" and not await forwarding(port, _DISABLED_SECONDS) and port.state() == "disabled":
        return f"the port is disabled: {port.ground.bridge} is down"
    if not asking.quick:
        # Imported late, with the whole model of a host behind it: a port that forwards needs none of it.
        from pxedoctor.road.blackout import FIRMWARE_HEAD_START

        await pause(port, FIRMWARE_HEAD_START[0])
        return None
    if await forwarding(port, _HURRIED_FORWARDING):
        return None
    wait = f"{2 * port.ground.delay:g} s"
    return f"the port is {port.state()} after {_HURRIED_FORWARDING:g} s, and --quick does not wait {wait} for it"


async def forwards_afterwards(port: Port, asking: Asking, notes: Notes) -> str | None:
    """Where the client was lost in a port's silence: waits until the port forwards, so that it can be asked again.

    None: there is nothing to ask again for. Else what came of the wait; `notes.afterwards` says whether it forwards.
    """
    if asking.quick:
        return None
    if notes.sent_while(FORWARDING):
        return await _switch_forwards(port, asking, notes)
    last = notes.now
    wait = max(0.0, 2 * port.ground.delay + _FORWARDING_SLACK - last)
    if not port.forwards.is_set():
        notes.happens(ProbeStage.FORWARDING, None, f"the client has given up; waits {wait:.3g} s more for the port")
    if not await forwarding(port, wait):
        return f"the client gave up after {last:.3g} s, and after {notes.now:.3g} s the port is still {port.state()}"
    notes.afterwards = True
    return f"the client gave up after {last:.3g} s, its port forwarded after {notes.now:.3g} s"


async def _switch_forwards(port: Port, asking: Asking, notes: Notes) -> str | None:
    """Waits until a switch that was heard must forward by its own timers, if its link came up with the probe at latest.

    None where none was heard, or where its port says itself that it forwards (RSTP).
    """
    delay = _delay_of_switch(asking, notes)
    if delay is None:
        return None
    last = notes.now
    wait = max(0.0, 2 * delay + _FORWARDING_SLACK - last)
    told = f"the client has given up; waits {wait:.3g} s more for a switch that speaks STP, forward delay {delay:g} s"
    notes.happens(ProbeStage.FORWARDING, None, told)
    await pause(port, wait)
    notes.afterwards = True
    return f"the client gave up after {last:.3g} s, and the switch forwards after {notes.now:.3g} s at the latest"


def _delay_of_switch(asking: Asking, notes: Notes) -> float | None:
    others = [seen for seen in notes.switches if seen.forward_delay and not seen.is_bridge_of(asking.mac)]
    if not others or others[-1].port == "forwarding":
        return None
    return min(max(seen.forward_delay or 0.0 for seen in others), _LONGEST_DELAY)
