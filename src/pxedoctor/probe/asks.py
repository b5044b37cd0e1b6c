"""What a probe asks by DHCPv4, in its order, and the verdict that comes out of it."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from ipaddress import IPv4Address

from msgspec.structs import replace

from pxedoctor.dialogue.dhcp4_state import Asking as Asking4
from pxedoctor.dialogue.dhcp4_state import Goal
from pxedoctor.dialogue.event import Stop
from pxedoctor.dialogue.profile import Choice, Profile, Profile6, Selection
from pxedoctor.dialogue.wish import Done, Outcome
from pxedoctor.model.observation import ProbeOutcome, ProbeStage, SeenArp
from pxedoctor.probe.asking import Asking
from pxedoctor.probe.boot4 import Boot4
from pxedoctor.probe.neighbours import Neighbours
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.patience import HURRIED, LONGEST, Verdict, forwards_afterwards, not_yet
from pxedoctor.probe.port import FORWARDING, Port
from pxedoctor.probe.station import Station
from pxedoctor.probe.waiting import until
from pxedoctor.wire.mac import write_mac

_MOST_ADDRESSES = 4
_NOBODY = IPv4Address(0)
# A server that pings the address first needs three; a failure that is certain is told before eight.
_LATE_SECONDS = 5.0


async def ask(port: Port, asking: Asking, notes: Notes) -> Verdict:
    """Raises ProbeError where the port is taken away."""
    if port.state() != FORWARDING and (early := await not_yet(port, asking)) is not None:
        notes.happens(ProbeStage.FORWARDING, False, early)
        return Verdict(outcome=ProbeOutcome.SILENT, why=early, whole=False, asked_for=asking.chaddr)
    if isinstance(asking.profile, Profile6):
        # What is not always wanted is imported when it is: starting takes longer than a healthy bridge's answer.
        from pxedoctor.probe.asks6 import ask6

        return await ask6(port, asking, asking.profile, notes)
    station = Station(port, asking.mac, asking.vlan, asking.length)
    neighbours = Neighbours(station)
    try:
        return await _asked(station, neighbours, asking, notes)
    finally:
        neighbours.close()
        station.close()


async def _asked(station: Station, neighbours: Neighbours, asking: Asking, notes: Notes) -> Verdict:
    profile = _hurried(_profile(asking)) if asking.quick else _profile(asking)
    if asking.fetch:
        return await _fetched(station, neighbours, asking, profile, notes)
    done = await _converse(station, neighbours, asking, profile, notes)
    if done.outcome is Outcome.SILENT and not notes.offers:
        return await _silent(station, neighbours, asking, notes, done)
    if not asking.quick:
        await _look_for_holders(neighbours, notes)
    return _verdict(asking, notes, done)


async def _fetched(station: Station, neighbours: Neighbours, asking: Asking, profile: Profile, notes: Notes) -> Verdict:
    """The offers in the guest's name, and beside it the lease and the file in the probe's own."""
    from pxedoctor.probe.fetches import Fetcher, lease, own_boot

    guest = None if asking.mac == asking.chaddr else _guest_boot(station, neighbours, asking, profile, notes)
    own = own_boot(station, neighbours, asking, profile, notes)
    try:
        begun = guest.begin() if guest else None
        with _telling_patience(profile, notes):
            done = await lease(own, LONGEST)
        if begun is not None and not _offered_to(asking.chaddr, notes):
            await until(station.port, begun, HURRIED.gives_up)
        if done.outcome is Outcome.LEASED:
            outcome, why = await Fetcher(station, neighbours, asking, notes).fetch(own)
            return Verdict(outcome=outcome, why=why, whole=True, asked_for=asking.chaddr)
        own.note_proxy()
        notes.happens(_stage_of(own), False, done.why)
        if own.talk.now.lease is not None and done.outcome is Outcome.SILENT:
            return Verdict(outcome=ProbeOutcome.FETCH_FAILED, why=done.why, whole=True, asked_for=asking.chaddr)
    finally:
        own.give_back()
        for boot in (own, guest):
            if boot is not None:
                boot.close()
    if done.outcome is Outcome.SILENT and not notes.offers:
        return await _silent(station, neighbours, asking, notes, done)
    if _offered_to(asking.chaddr, notes) and not _offered_to(asking.mac, notes):
        why = "the guest is offered an address, but the probe's own MAC is not, so nothing could be fetched"
        return Verdict(outcome=ProbeOutcome.OFFERED, why=why, whole=not asking.quick, asked_for=asking.chaddr)
    return _verdict(asking, notes, done)


def _stage_of(boot: Boot4) -> ProbeStage:
    """Where the conversation stopped."""
    now = boot.talk.now
    if now.lease is not None:
        return ProbeStage.PROXY
    return ProbeStage.ACK if now.chosen is not None else ProbeStage.OFFER


async def _silent(station: Station, neighbours: Neighbours, asking: Asking, notes: Notes, done: Done) -> Verdict:
    why = await _afterwards(station, neighbours, asking, notes) or done.why
    return Verdict(outcome=ProbeOutcome.SILENT, why=why, whole=not asking.quick, asked_for=asking.chaddr)


def _verdict(asking: Asking, notes: Notes, done: Done) -> Verdict:
    whole = not asking.quick or done.outcome is not Outcome.SILENT
    return Verdict(outcome=_outcome(done, notes), why=done.why, whole=whole, asked_for=asking.chaddr)


def _offered_to(mac: str, notes: Notes) -> bool:
    return any(offer.asked_for == mac and not offer.refused for offer in notes.offers)


def _hurried(profile: Profile) -> Profile:
    """The same client in a hurry: content with the first offer, and gone as soon as no server can still answer."""
    return replace(profile, discover=HURRIED, selection=Selection.FIRST_OFFER, choice=Choice.FIRST)


def _guest_boot(station: Station, neighbours: Neighbours, asking: Asking, profile: Profile, notes: Notes) -> Boot4:
    """A conversation in the guest's name, up to its offers."""
    asked = Asking4(
        profile=profile,
        mac=write_mac(asking.chaddr),
        xid=int.from_bytes(os.urandom(4), "big"),
        machine=asking.machine,
        goal=Goal.OFFERS,
        broadcast=True,
        listens=asking.listens,
    )
    return Boot4(station, notes, asked, neighbours, " (to the guest)" if asking.fetch else "")


@contextlib.contextmanager
def _telling_patience(profile: Profile, notes: Notes) -> Iterator[None]:
    """Tells how long the client waits, and in the block, before it has given up, that every server would have answered.

    A person who watches need not sit out the client's minute to know it.
    """
    patience = profile.discover.gives_up
    if profile.discover == HURRIED:
        notes.happens(ProbeStage.OFFER, None, f"waits for an offer, {patience:g} s at most")
        yield
        return
    for_ever = "it would ask for ever" if patience is None else f"{profile.title} would wait {patience:g} s"
    notes.happens(ProbeStage.OFFER, None, f"waits for an offer; {for_ever}")
    late = asyncio.get_running_loop().call_later(_LATE_SECONDS, _tell_late, profile, notes)
    try:
        yield
    finally:
        late.cancel()


def _tell_late(profile: Profile, notes: Notes) -> None:
    if not notes.offers and notes.sent_while(FORWARDING):
        told = f"no offer within {_LATE_SECONDS:g} s, by when a server that hears it has answered"
        notes.happens(ProbeStage.OFFER, False, f"{told}; {profile.title} still asks")


async def _converse(station: Station, neighbours: Neighbours, asking: Asking, profile: Profile, notes: Notes) -> Done:
    boot = _guest_boot(station, neighbours, asking, profile, notes)
    try:
        begun = boot.begin()
        with _telling_patience(profile, notes):
            done = await until(station.port, begun, LONGEST)
        if done is None:
            boot.talk.feed(Stop())
            done = Done(outcome=Outcome.SILENT, why=f"no offer in {LONGEST:g} s")
    finally:
        boot.close()
    if done.outcome is Outcome.SILENT:
        notes.happens(ProbeStage.OFFER, False, done.why)
    return done


async def _afterwards(station: Station, neighbours: Neighbours, asking: Asking, notes: Notes) -> str | None:
    """Asks once more where the client was lost in its port's silence, and says what came."""
    why = await forwards_afterwards(station.port, asking, notes)
    if why is None or not notes.afterwards:
        return why
    done = await _converse(station, neighbours, asking, _hurried(_profile(asking)), notes)
    came = "an offer came as soon as it did" if notes.offers else f"nor did an offer come then: {done.why}"
    return f"{why}; {came}"


async def _look_for_holders(neighbours: Neighbours, notes: Notes) -> None:
    """Asks for each offered address as a client does before it takes one (RFC 5227): an answer is a conflict."""
    addresses = dict.fromkeys(offer.address for offer in notes.offers if offer.address and not offer.refused)
    for address in tuple(addresses)[:_MOST_ADDRESSES]:
        mac = await neighbours.mac_of(IPv4Address(address), _NOBODY)
        notes.arp(SeenArp(at=notes.now, asked="offered", address=address, mac=mac))
        told = f"{mac} has {address} already" if mac else f"nobody has {address}"
        notes.happens(ProbeStage.ARP_PROBE, not mac, told)


def _outcome(done: Done, notes: Notes) -> ProbeOutcome:
    match done.outcome:
        case Outcome.OFFERED:
            return ProbeOutcome.OFFERED
        case Outcome.SILENT if any(offer.refused for offer in notes.offers):
            return ProbeOutcome.REFUSED
        case Outcome.SILENT:
            return ProbeOutcome.SILENT
        case _:
            return ProbeOutcome.REFUSED


def _profile(asking: Asking) -> Profile:
    assert isinstance(asking.profile, Profile)
    return asking.profile
