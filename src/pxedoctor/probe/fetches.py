"""The whole boot in the probe's own name: the lease, the addresses on the way, the boot file, and the lease given back.

Nothing here is ever done in a guest's name: the lease is the probe's, and what is declined or released is the probe's.
It is released on every way out but one: a process that is killed cannot say so, and its lease runs out at the server.
"""

import secrets
from hashlib import blake2b
from ipaddress import IPv4Address
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from pxedoctor.dialogue.dhcp4_state import Asking as Asking4
from pxedoctor.dialogue.dhcp4_state import Goal
from pxedoctor.dialogue.event import Stop
from pxedoctor.dialogue.profile import HttpHabits, Profile
from pxedoctor.dialogue.wish import Done, Outcome
from pxedoctor.model.observation import ProbeOutcome, ProbeStage, SeenArp, SeenFetch
from pxedoctor.probe.asking import Asking
from pxedoctor.probe.boot4 import Boot4
from pxedoctor.probe.boot_menu import followed
from pxedoctor.probe.bootfile import BootFile, at, boot_file_of
from pxedoctor.probe.carry import StationCarry
from pxedoctor.probe.fetching import HttpFetch
from pxedoctor.probe.fetching import fetch as fetch_by_http
from pxedoctor.probe.file_kind import note_kind
from pxedoctor.probe.lease import Lease, lease_of
from pxedoctor.probe.names import Names
from pxedoctor.probe.neighbours import Neighbours
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.reading import PLAIN, Reading
from pxedoctor.probe.station import Station
from pxedoctor.probe.waiting import until
from pxedoctor.wire.mac import write_mac

_NOBODY = IPv4Address(0)
_HTTP = HttpHabits(agent="pxedoctor")


def own_boot(station: Station, neighbours: Neighbours, asking: Asking, profile: Profile, notes: Notes) -> Boot4:
    """A conversation that takes a lease in the probe's own name, with the flags and options of the client."""
    asked = Asking4(
        profile=profile,
        mac=write_mac(asking.mac),
        xid=secrets.randbits(32),
        machine=UUID(bytes=blake2b(asking.mac.encode(), digest_size=16).digest()) if asking.machine else None,
        goal=Goal.LEASE,
        listens=asking.listens,
    )
    return Boot4(station, notes, asked, neighbours, "" if asking.mac == asking.chaddr else " (to the probe)")


class Fetcher:
    """What comes after the ACK, at one station with its lease."""

    def __init__(self, station: Station, neighbours: Neighbours, asking: Asking, notes: Notes) -> None:
        self._station = station
        self._neighbours = neighbours
        self._asking = asking
        self._notes = notes

    async def fetch(self, boot: Boot4) -> tuple[ProbeOutcome, str]:
        """Raises ProbeError where the port is taken away."""
        boot.note_proxy()
        now = boot.talk.now
        assert now.lease is not None
        lease = lease_of(now.lease)
        await self._look_for_holder(lease, now.asking.profile)
        after_menu = await followed(self._station, self._neighbours, self._notes, now)
        if isinstance(after_menu, str):
            return ProbeOutcome.FETCH_FAILED, after_menu
        file = await self._looked_up(boot_file_of(after_menu), lease)
        if file.why:
            self._notes.happens(ProbeStage.FILE, False, file.why)
            return (ProbeOutcome.FETCH_FAILED if file.url else ProbeOutcome.LEASED), file.why
        seen = await self._reached(file, lease) or await self._fetched(file, lease, now.asking.profile)
        self._notes.fetch(seen)
        good = seen.outcome == "fetched"
        self._notes.happens(ProbeStage.FILE, good, f"{seen.url}: {seen.outcome}: {seen.why}")
        note_kind(self._notes, seen)
        return (ProbeOutcome.FETCHED if good else ProbeOutcome.FETCH_FAILED), f"{seen.url}: {seen.why}"

    async def _looked_up(self, file: BootFile, lease: Lease) -> BootFile:
        if not file.host:
            return file
        servers = [str(server) for server in lease.dns]
        names = Names(self._station, self._neighbours.send, lease.address, servers, lease.domain)
        return at(file, await names.find(file.host))

    async def _look_for_holder(self, lease: Lease, profile: Profile) -> None:
        """As a client that probes does (RFC 5227); where the profile does, the dialogue has done it already."""
        mac = "" if profile.probes else await self._neighbours.mac_of(lease.address, _NOBODY)
        self._notes.arp(SeenArp(at=self._notes.now, asked="offered", address=str(lease.address), mac=mac))
        told = f"{mac} has {lease.address} already" if mac else f"nobody else has {lease.address}"
        self._notes.happens(ProbeStage.ARP_PROBE, not mac, told)

    async def _reached(self, file: BootFile, lease: Lease) -> SeenFetch | None:
        """Asks who has the boot server's address, or the gateway's; what there is to say where nobody does."""
        server = file.server or _host_of(file.url)
        if not isinstance(server, IPv4Address):
            return None
        hop = lease.next_hop(server)
        asked: Literal["boot-server", "gateway"] = "boot-server" if hop == server else "gateway"
        mac = await self._neighbours.mac_of(hop)
        self._notes.arp(SeenArp(at=self._notes.now, asked=asked, address=str(hop), mac=mac))
        what = "the boot server" if hop == server else f"the gateway on the way to {server}"
        told = f"{what}, {hop}, is at {mac}" if mac else f"nobody answers ARP for {what}, {hop}"
        self._notes.happens(ProbeStage.BOOT_SERVER, bool(mac), told)
        if mac:
            return None
        return SeenFetch(at=self._notes.now, seconds=0.0, url=file.url, outcome="silent", why=told)

    async def _fetched(self, file: BootFile, lease: Lease, profile: Profile) -> SeenFetch:
        if not file.is_http:
            habits = profile.tftp or PLAIN
            limit = f"{profile.title} gives up after {habits.retries.gives_up:g} s of silence"
            self._notes.happens(ProbeStage.FILE, None, f"asks for {file.url}; {limit}")
            return await Reading(self._station, self._neighbours.send, self._notes, lease.address).read(file, habits)
        self._notes.happens(ProbeStage.FILE, None, f"asks for {file.url}")
        asked = HttpFetch(
            url=file.url,
            habits=profile.http or _HTTP,
            mac=self._station.mac,
            address=str(lease.address),
            prefix=lease.prefix,
            gateway=str(lease.gateway or ""),
            dns=tuple(str(server) for server in lease.dns),
            domain=lease.domain,
            mtu=self._station.port.ground.mtu,
        )
        # The namespace that fetches has the address now, and answers for it.
        own, self._neighbours.own = self._neighbours.own, None
        try:
            return await fetch_by_http(asked, StationCarry(self._station), self._notes.now)
        finally:
            self._neighbours.own = own


async def lease(boot: Boot4, seconds: float) -> Done:
    """The end of the conversation, bounded. Raises ProbeError where the port is taken away."""
    done = await until(boot.port, boot.begin(), seconds)
    if done is not None:
        return done
    boot.talk.feed(Stop())
    return Done(outcome=Outcome.SILENT, why=f"no lease in {seconds:g} s")


def _host_of(url: str) -> IPv4Address | None:
    try:
        return IPv4Address(urlsplit(url).hostname or "")
    except ValueError:
        return None
