"""The guest's agent as a witness of a trace: whether its operating system has an address on that NIC, and had before.

A guest that is in its firmware has no agent, and that is no loss. One that hangs is waited for once, for seconds, and
not again.
"""

import threading

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.model.target import Target
from pxedoctor.model.traced import ServerWord, Traced, Witness, WitnessName, WitnessStatus
from pxedoctor.trace.guest_agent import ORIGIN, AgentNic, ask, told
from pxedoctor.trace.virsh import left_asleep
from pxedoctor.trace.wish import AbsentError

_NO_CHANNEL = (
    "its XML has no channel org.qemu.guest_agent.0; only an operating system in it could speak by one, "
    "and its firmware speaks by its screen and serial line"
)
_NOT_CONNECTED = (
    "no agent is at its channel: the guest is in its firmware, or its operating system runs no qemu-guest-agent"
)
# libvirt src/qemu/qemu_domain.c, qemuDomainAgentAvailable.
_NOBODY_THERE = "QEMU guest agent is not connected"


class AgentSaid:
    """Asks when the `with` block begins and when it ends. A target that is no guest has none."""

    def __init__(self, host: Host, target: Target, without: frozenset[WitnessName]) -> None:
        self._guest = target.guest if target.kind == "nic" else None
        self._mac = target.mac
        self._asked = WitnessName.AGENT not in without
        domain = host.domain(self._guest or "")
        self._refused = left_asleep(host)
        self._has_channel = domain is not None and domain.agent is not None
        # libvirt tells what the channel was as the trace began; a guest that starts meanwhile is asked at the end.
        self._connected = domain is not None and domain.agent == "connected"
        self._before: tuple[AgentNic, ...] | None = None
        self._after: tuple[AgentNic, ...] | None = None
        self._thread = threading.Thread(target=self._ask_before, daemon=True)

    def __enter__(self) -> "AgentSaid":
        if self._can_be_asked() and self._connected:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread.ident is not None:
            self._thread.join()
        if self._can_be_asked():
            self._after = self._answer()

    def added(self, traced: Traced) -> Traced:
        """With what it said, once the block has ended."""
        if self._guest is None:
            return traced
        words = self._words(self._guest, self._mac or "")
        return msgspec.structs.replace(
            traced, words=(*traced.words, *words), witnesses=(*traced.witnesses, self._witness(len(words)))
        )

    def _words(self, guest: str, mac: str) -> tuple[ServerWord, ...]:
        if self._after is not None:
            text = told(mac, self._before, self._after)
        elif self._before is not None:
            text = f"when the trace began: {told(mac, None, self._before)}"
        else:
            return ()
        return (ServerWord(text=text, origin=f"{ORIGIN} {guest}", speaker="agent"),)

    def _can_be_asked(self) -> bool:
        return self._guest is not None and self._asked and self._refused is None and self._has_channel

    def _ask_before(self) -> None:
        self._before = self._answer()

    def _answer(self) -> tuple[AgentNic, ...] | None:
        try:
            return ask(self._guest or "")
        except AbsentError as refused:
            self._refused = refused
            return None

    def _witness(self, heard: int) -> Witness:
        if not self._asked:
            return Witness(name=WitnessName.AGENT, status="absent", why="it was not asked")
        if self._refused is None and self._has_channel:
            return Witness(name=WitnessName.AGENT, status="ok", heard=heard)
        if self._refused is None:
            return Witness(name=WitnessName.AGENT, status="silent", why=_NO_CHANNEL)
        if not heard and _NOBODY_THERE in self._refused.why:
            return Witness(name=WitnessName.AGENT, status="silent", why=_NOT_CONNECTED)
        why, helps = self._refused.why, self._refused.would_help
        status: WitnessStatus = "partial" if heard else "absent"
        return Witness(name=WitnessName.AGENT, status=status, why=why, would_help=helps, heard=heard)
