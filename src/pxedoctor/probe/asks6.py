"""What a probe asks by DHCPv6, in its order, and the verdict that comes out of it.

A router is asked for first, as a client does: without one that says so, iPXE does not ask for addresses at all.
"""

import asyncio
import secrets
from uuid import UUID

from msgspec.structs import replace

from pxedoctor.dialogue.dhcp4_state import Goal
from pxedoctor.dialogue.dhcp6_message import Asking6, State6
from pxedoctor.dialogue.event import Stop
from pxedoctor.dialogue.profile import Profile6, Selection
from pxedoctor.dialogue.wish import Done, Outcome
from pxedoctor.model.observation import ProbeOutcome, ProbeStage
from pxedoctor.probe.asking import Asking
from pxedoctor.probe.boot6 import Boot6
from pxedoctor.probe.fetches6 import fetched6
from pxedoctor.probe.neighbours6 import Neighbours6
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.patience import HURRIED, LONGEST, Verdict, forwards_afterwards
from pxedoctor.probe.port import Port
from pxedoctor.probe.station import Station
from pxedoctor.probe.waiting import pause, until
from pxedoctor.wire import duid
from pxedoctor.wire.duid import Duid, DuidType
from pxedoctor.wire.mac import write_mac

# A router answers within half a second (RFC 4861 section 6.2.6, MAX_RA_DELAY_TIME).
_ROUTER_SECONDS = 0.7


async def ask6(port: Port, asking: Asking, profile: Profile6, notes: Notes) -> Verdict:
    """Raises ProbeError where the port is taken away."""
    station = Station(port, asking.mac, asking.vlan, asking.length)
    neighbours = Neighbours6(station)
    try:
        neighbours.solicit_routers()
        asked = port.now
        conversing = _Conversing(station, neighbours, asking, notes)
        verdict = await conversing.verdict(_hurried(profile) if asking.quick else profile)
        await _router(port, neighbours, asked + _ROUTER_SECONDS - port.now)
        _tell_routers(neighbours, profile, notes)
        return verdict
    finally:
        neighbours.close()
        station.close()


async def _router(port: Port, neighbours: Neighbours6, seconds: float) -> None:
    """A server may be quicker than a router, and that nobody advertised is said once a router has had its time."""
    advertised = asyncio.ensure_future(neighbours.advertised.wait())
    try:
        await until(port, advertised, max(0.0, seconds))
    finally:
        advertised.cancel()


def _hurried(profile: Profile6) -> Profile6:
    return replace(profile, solicit=HURRIED, selection=Selection.FIRST_OFFER)


def _tell_routers(neighbours: Neighbours6, profile: Profile6, notes: Notes) -> None:
    if not neighbours.routers:
        notes.happens(ProbeStage.LINK, None, f"no router advertised itself: {_without_routers(profile)}")
    for router in neighbours.routers:
        says = "by DHCPv6" if router.managed else "not by DHCPv6"
        notes.happens(ProbeStage.LINK, True, f"the router {router.address} advertises addresses {says}")


def _without_routers(profile: Profile6) -> str:
    """iPXE asks by DHCPv6 where an advertisement says so (net/ndp.c); EDK2 asks at once (PxeBcDhcp6.c)."""
    if profile.name == "ipxe6":
        return "iPXE asks for an address only where one does"
    return f"{profile.title} asks all the same"


class _Conversing:
    def __init__(self, station: Station, neighbours: Neighbours6, asking: Asking, notes: Notes) -> None:
        self._station = station
        self._neighbours = neighbours
        self._asking = asking
        self._notes = notes

    async def verdict(self, profile: Profile6) -> Verdict:
        guest = self._boot(profile, self._asking.chaddr, Goal.OFFERS, " (to the guest)" if self._asking.fetch else "")
        own = self._boot(profile, self._asking.mac, Goal.LEASE, " (to the probe)") if self._asking.fetch else None
        try:
            begun = guest.begin()
            if own is not None:
                leased = await until(own.port, own.begin(), LONGEST)
                await pause(own.port, 0 if self._neighbours.routers else _ROUTER_SECONDS)
                if leased is not None and leased.outcome is Outcome.LEASED:
                    outcome, why = await fetched6(self._station, self._neighbours, self._notes, own)
                    return self._verdict(outcome, why)
            self._notes.happens(
                ProbeStage.OFFER, None, f"waits for an advertisement of an address; {_patience(profile)}"
            )
            done = await until(guest.port, begun, LONGEST)
        finally:
            for boot in (own, guest):
                if boot is not None:
                    self._end(boot)
        done = done or Done(outcome=Outcome.SILENT, why=f"no advertisement of an address in {LONGEST:g} s")
        if done.outcome is Outcome.SILENT and not any(not offer.refused for offer in self._notes.offers):
            self._notes.happens(ProbeStage.OFFER, False, done.why)
            return await self._silent(profile, done.why)
        return self._verdict(ProbeOutcome.OFFERED, done.why)

    async def _silent(self, profile: Profile6, why: str) -> Verdict:
        waited = await forwards_afterwards(self._station.port, self._asking, self._notes)
        if waited is not None and self._notes.afterwards:
            boot = self._boot(_hurried(profile), self._asking.chaddr, Goal.OFFERS, "")
            try:
                await until(boot.port, boot.begin())
            finally:
                self._end(boot)
            waited += "; an answer came as soon as it did" if self._notes.offers else "; nor did an answer come then"
        refused = any(offer.refused for offer in self._notes.offers)
        return self._verdict(ProbeOutcome.REFUSED if refused else ProbeOutcome.SILENT, waited or why)

    def _end(self, boot: Boot6) -> None:
        """Gives a lease back, if there is one; never waits."""
        leased = boot.talk.now.state is State6.BOUND
        boot.talk.feed(Stop())
        if leased:
            self._notes.happens(ProbeStage.RELEASE, True, "the lease is given back")
        boot.close()

    def _boot(self, profile: Profile6, mac: str, goal: Goal, whose: str) -> Boot6:
        machine = self._asking.machine if mac == self._asking.chaddr else None
        asked = Asking6(
            profile=profile,
            source=self._neighbours.link_local,
            duid=_duid(profile, mac, machine),
            iaid=int.from_bytes(write_mac(mac)[2:]),
            xid=secrets.randbits(24),
            goal=goal,
        )
        return Boot6(self._station, self._notes, asked, mac, self._neighbours, whose=whose)

    def _verdict(self, outcome: ProbeOutcome, why: str) -> Verdict:
        whole = not self._asking.quick or outcome is not ProbeOutcome.SILENT
        return Verdict(outcome=outcome, why=why, whole=whole, asked_for=self._asking.chaddr)


def _duid(profile: Profile6, mac: str, machine: UUID | None) -> Duid:
    """The machine's UUID, which OVMF writes in SMBIOS' order (RFC 6355); without one, the MAC's."""
    if machine is None:
        return duid.from_mac(write_mac(mac))
    content = machine.bytes_le if profile.name.startswith("ovmf") else machine.bytes
    return Duid(kind=DuidType.UUID, content=content)


def _patience(profile: Profile6) -> str:
    gives_up = profile.solicit.gives_up
    return "it would ask for ever" if gives_up is None else f"{profile.title} would wait {gives_up:g} s"
