"""The boot file that a DHCPv6 lease names, fetched from the leased address."""

from ipaddress import IPv6Address
from typing import Literal
from urllib.parse import urlsplit

from pxedoctor.dialogue.dhcp6_message import address_of
from pxedoctor.dialogue.profile import HttpHabits, Profile6
from pxedoctor.model.observation import ProbeOutcome, ProbeStage, SeenArp, SeenFetch
from pxedoctor.probe.boot6 import Boot6
from pxedoctor.probe.bootfile import BootFile, at, boot_file_of_url
from pxedoctor.probe.carry import StationCarry
from pxedoctor.probe.fetching import HttpFetch
from pxedoctor.probe.fetching import fetch as fetch_by_http
from pxedoctor.probe.file_kind import note_kind
from pxedoctor.probe.names import Names
from pxedoctor.probe.neighbours6 import Neighbours6
from pxedoctor.probe.notes import Notes
from pxedoctor.probe.reading import PLAIN, Reading
from pxedoctor.probe.station import Station
from pxedoctor.wire.dhcp6 import Dhcp6
from pxedoctor.wire.dhcp6_known import BOOT_FILE_URL, DNS_SERVERS, DOMAIN_LIST
from pxedoctor.wire.error import WireError

_HTTP = HttpHabits(agent="pxedoctor")
_HOST = 128
_NOBODY = IPv6Address(0)


async def fetched6(station: Station, neighbours: Neighbours6, notes: Notes, boot: Boot6) -> tuple[ProbeOutcome, str]:
    """Of a conversation that has its lease. Raises ProbeError where the port is taken away."""
    reply = boot.talk.now.lease
    address = address_of(reply) if reply else None
    assert reply is not None
    assert address is not None
    mac = await neighbours.mac_of(address, _NOBODY)
    notes.arp(SeenArp(at=notes.now, asked="offered", address=str(address), mac=mac))
    notes.happens(ProbeStage.ARP_PROBE, not mac, f"{mac or 'nobody else'} has {address}")
    try:
        url = BOOT_FILE_URL.find(reply.options) or ""
    except WireError as error:
        return _without(notes, str(error))
    if not url:
        return _without(notes, "no boot file was named: option 59 is missing")
    file = boot_file_of_url(url)
    if file.host:
        file = at(file, await Names(station, neighbours.send, address, _dns(reply), _domain(reply)).find(file.host))
    if file.why:
        notes.happens(ProbeStage.FILE, False, f"{url}: {file.why}")
        return ProbeOutcome.FETCH_FAILED, file.why
    seen = await _reached(neighbours, notes, file)
    seen = seen or await _fetched(station, neighbours, notes, reply, file, boot.talk.now.asking.profile)
    notes.fetch(seen)
    good = seen.outcome == "fetched"
    notes.happens(ProbeStage.FILE, good, f"{seen.url}: {seen.outcome}: {seen.why}")
    note_kind(notes, seen)
    return (ProbeOutcome.FETCHED if good else ProbeOutcome.FETCH_FAILED), f"{seen.url}: {seen.why}"


def _without(notes: Notes, why: str) -> tuple[ProbeOutcome, str]:
    notes.happens(ProbeStage.FILE, False, why)
    return ProbeOutcome.LEASED, why


async def _reached(neighbours: Neighbours6, notes: Notes, file: BootFile) -> SeenFetch | None:
    server = file.server or _host_of(file.url)
    if not isinstance(server, IPv6Address):
        return None
    hop = neighbours.by_routers(server)
    mac = await neighbours.mac_of(hop)
    asked: Literal["boot-server", "gateway"] = "boot-server" if hop == server else "gateway"
    notes.arp(SeenArp(at=notes.now, asked=asked, address=str(hop), mac=mac))
    what = f"the boot server {hop}" if hop == server else f"the gateway {hop} on the way to {server}"
    told = f"{what} is at {mac}" if mac else f"nobody answers neighbor discovery for {what}"
    notes.happens(ProbeStage.BOOT_SERVER, bool(mac), told)
    return None if mac else SeenFetch(at=notes.now, seconds=0.0, url=file.url, outcome="silent", why=told)


async def _fetched(
    station: Station, neighbours: Neighbours6, notes: Notes, reply: Dhcp6, file: BootFile, profile: Profile6
) -> SeenFetch:
    address = neighbours.own
    assert address is not None
    notes.happens(ProbeStage.FILE, None, f"asks for {file.url}")
    if not file.is_http:
        return await Reading(station, neighbours.send, notes, address).read(file, profile.tftp or PLAIN)
    gateway = next((router for router in neighbours.routers if router.forwards), None)
    on_link = [prefix for router in neighbours.routers for prefix in router.prefixes if address in prefix]
    asked = HttpFetch(
        url=file.url,
        habits=profile.http or _HTTP,
        mac=station.mac,
        address=str(address),
        prefix=on_link[0].prefixlen if on_link else _HOST,
        gateway=str(gateway.address) if gateway else "",
        dns=_dns(reply),
        domain=_domain(reply),
        mtu=station.port.ground.mtu,
    )
    # The namespace that fetches has the address now, and answers for it.
    neighbours.own = None
    try:
        return await fetch_by_http(asked, StationCarry(station), notes.now)
    finally:
        neighbours.own = address


def _dns(reply: Dhcp6) -> tuple[str, ...]:
    try:
        return tuple(str(server) for server in DNS_SERVERS.find(reply.options) or ())
    except WireError:
        return ()


def _domain(reply: Dhcp6) -> str:
    """The first to search in; "" for none."""
    try:
        return next(iter(DOMAIN_LIST.find(reply.options) or ()), "")
    except WireError:
        return ""


def _host_of(url: str) -> IPv6Address | None:
    try:
        return IPv6Address(urlsplit(url).hostname or "")
    except ValueError:
        return None
