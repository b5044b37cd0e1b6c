"""One probe at a port: plugged in for as long as it lasts, its link and its neighbours told beside what it asks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from pxedoctor.model.observation import Probed, ProbeStage
from pxedoctor.probe import carrying
from pxedoctor.probe.asking import Asking, Record, Tell
from pxedoctor.probe.asks import ask
from pxedoctor.probe.direct import plug_in_below
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.plug import Socket, plug_in
from pxedoctor.probe.port import FORWARDING, Port
from pxedoctor.probe.tap import Received
from pxedoctor.road.switch_said import switch_of


@contextlib.asynccontextmanager
async def plugged(askings: Sequence[Asking], record: Record | None = None) -> AsyncIterator[Port]:
    """The port of askings that share one, for as long as the block lasts."""
    asking = askings[0]
    socket = Socket(
        bridge=asking.bridge,
        tap=asking.tap,
        mac=asking.mac,
        offload=asking.offload,
        on_wire=asking.on_wire,
        netns=asking.netns,
        vlans=asking.vlans,
        tags=frozenset(each.vlan for each in askings if each.vlan is not None),
    )
    port = Port(plug_in_below(socket, asking.direct) if asking.direct else plug_in(socket), record)
    try:
        yield port
    finally:
        port.close()


async def probed(port: Port, asking: Asking, tell: Tell) -> Probed:
    """One probe at a port that is plugged in; several may share it."""
    port.hears |= carrying.hears(asking.mac, asking.chaddr)
    notes = Notes(asking, tell, lambda: port.now)
    leave = port.listen(lambda received: _note_switch(received, notes))
    telling = [_tell_forwarding(port, notes)] if _tell_link(port, notes) else []
    tasks = [asyncio.get_running_loop().create_task(each) for each in telling]
    try:
        verdict = await ask(port, asking, notes)
    finally:
        for task in tasks:
            task.cancel()
        leave()
    return notes.probed(
        verdict.outcome, verdict.why, whole=verdict.whole, asked_for=verdict.asked_for, states=tuple(port.states)
    )


def _tell_link(port: Port, notes: Notes) -> bool:
    """Tells of the link; whether it is still to be told when the port forwards."""
    ground = port.ground
    what = f"a part of {ground.bridge} (macvlan, {ground.direct})" if ground.direct else f"a port of {ground.bridge}"
    notes.happens(ProbeStage.LINK, True, f"{port.name} is {what}, MTU {ground.mtu}")
    state = port.state()
    if state == FORWARDING:
        notes.happens(ProbeStage.FORWARDING, True, "the port forwards")
        return False
    wait = f"it forwards after {2 * ground.delay:g} s" if ground.stp else "nothing says when it forwards"
    notes.happens(ProbeStage.FORWARDING, None, f"the port is {state}: {wait}")
    return True


async def _tell_forwarding(port: Port, notes: Notes) -> None:
    await port.forwards.wait()
    notes.happens(ProbeStage.FORWARDING, True, "the port forwards")


def _note_switch(received: Received, notes: Notes) -> None:
    # LLDP, STP and RSTP are for groups that a bridge does not forward (IEEE 802.1Q-2018 table 8-1).
    if received.content.startswith(bytes.fromhex("0180c2")):
        switch = switch_of(received.content, notes.now)
        if switch is not None:
            notes.switch(switch)
