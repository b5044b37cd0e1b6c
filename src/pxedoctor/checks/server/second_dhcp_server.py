"""Two DHCP servers answer on the guest's segment, and the guest takes whichever comes first.

What it does
    Compares the offers that a probe got, DHCPv4: from how many machines are they? One machine with several addresses is
    one server, and so are servers behind one relay; a proxyDHCP offer, which has no address, is none. Then: would the
    guest be in the same network, with the same router and the same boot file, whichever it took? Without a probe
    nothing is said.

Why the guest fails
    A client takes the first offer that suits it. A router somebody plugged in, a guest that runs a DHCP server of its
    own, an Internet sharing left on: the guest lands in a network of theirs, or gets no boot file. It works today and
    not tomorrow, because it is a race.

What you see
    Guests with addresses of another network, or PXE-E53 now and then. In a capture two OFFERs for one DISCOVER, with
    different server identifiers (option 54).

Fix
    Find the one that should not be there by its MAC: a guest of this host is named by pxedoctor, else the tables of the
    switch tell the port. Where two servers are meant to be (failover), have both hand out the same.

Fix safety
    No plan: which of the two is the wanted one, pxedoctor cannot know, and the other one is somebody else's machine.
    Two that offer the same are a risk and no fault: a failover pair looks so.

References
    RFC 2131, 3.1 (the client chooses) and 4.2; RFC 3046 (relays); PXE 2.1, 2.2.3 (proxyDHCP)
"""

from ipaddress import IPv4Address, IPv4Network

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.observation import Probed, SeenOffer
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan

META = Meta(
    code="DS007",
    name="second-dhcp-server",
    stage=Stage.SERVER,
    needs=(),
    consults=("links", "domains"),
    fix="never",
)

_PACKETS = "the probe's packets: DHCPOFFER"
_MASK, _ROUTER = 1, 3
_ADDRESS_BYTES = 4


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What one offer would make of the guest: its network, its router, and where it boots from."""

    network: str
    router: str
    file: str
    boot_server: str


def check(facts: Facts, target: Target) -> Outcome:
    probes = [seen for seen in facts.probed(target.id) if seen.offers]
    if not probes:
        return NotApplicable("how many servers answer only a probe sees, and none saw an offer")
    probe = probes[-1]
    offers = _one_a_machine(probe)
    if len(offers) < 2 or len({offer.server for offer in offers}) < 2:
        return Fine(f"every offer of an address came from {offers[0].server if offers else 'nobody'}")
    given = {_given(offer) for offer in offers}
    netboots = target.client is not None and target.client.firmware
    alike = len(given) == 1 or (not netboots and len({(entry.network, entry.router) for entry in given}) == 1)
    return Broken(
        headline=_headline(facts.host, offers, alike),
        subject=probe.bridge,
        scope="bridge",
        hop=Hop.SERVER,
        severity="risk" if alike else "broken",
        evidence=(*(_evidence(facts.host, offer) for offer in offers), *_neighbours(probe)),
    )


def _one_a_machine(probe: Probed) -> list[SeenOffer]:
    """The first offer of each MAC that offers an IPv4 address."""
    found: dict[str, SeenOffer] = {}
    for offer in probe.offers:
        if not offer.proxy and _is_ipv4(offer.address):
            found.setdefault(offer.mac, offer)
    return list(found.values())


def _is_ipv4(address: str) -> bool:
    try:
        return int(IPv4Address(address)) != 0
    except ValueError:
        return False


def _given(offer: SeenOffer) -> Given:
    options = dict(offer.options)
    return Given(
        network=_network(offer.address, options.get(_MASK, b"")),
        router=_address(options.get(_ROUTER, b"")),
        file=offer.file,
        boot_server=offer.next_server if offer.file else "",
    )


def _network(address: str, mask: bytes) -> str:
    try:
        return str(IPv4Network(f"{address}/{IPv4Address(mask[:_ADDRESS_BYTES])}", strict=False))
    except ValueError:
        return address


def _address(value: bytes) -> str:
    return str(IPv4Address(value[:_ADDRESS_BYTES])) if len(value) >= _ADDRESS_BYTES else ""


def _headline(host: Host, offers: list[SeenOffer], alike: bool) -> str:
    names = " and ".join(f"{offer.server} ({_who(host, offer.mac)})" for offer in offers)
    if alike:
        return f"{len(offers)} DHCP servers answer: {names}. They offer the same; a failover pair does so."
    return f"{len(offers)} DHCP servers answer, and the guest takes the first: {names} do not offer the same."


def _who(host: Host, mac: str) -> str:
    links = () if isinstance(host.links, Missing) else host.links
    if any(link.mac.lower() == mac.lower() for link in links):
        return "this host"
    guest = _guest(host, mac)
    return f"the guest {guest}" if guest else mac


def _guest(host: Host, mac: str) -> str:
    domains = () if isinstance(host.domains, Missing) else host.domains
    return next((one.name for one in domains for nic in one.nics if nic.mac.lower() == mac.lower()), "")


def _evidence(host: Host, offer: SeenOffer) -> Evidence:
    given = _given(offer)
    router = f", router {given.router}" if given.router else ", no router"
    file = f", file {given.file}" if given.file else ", no boot file"
    text = f"offered {offer.at:.2f} s after the port came up, by {offer.server}: {_who(host, offer.mac)}"
    return Evidence(text, _PACKETS, f"{offer.address} of {given.network}{router}{file}, from {offer.mac}")


def _neighbours(probe: Probed) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            f"the switch next to it names itself: {switch.name or switch.mac}", f"{switch.by} heard", switch.detail
        )
        for switch in probe.switches[:1]
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    probe = next((seen for seen in reversed(facts.observations) if seen.bridge == finding.broken.subject), None)
    ways = [way for offer in (_one_a_machine(probe) if probe else ()) for way in _ways(facts.host, offer)]
    return NoPlan(
        "which of them is the wanted one, no packet tells, and the other is somebody else's machine",
        (*ways, "where both are meant to be, have both hand out the same network, router and boot file"),
    )


def _ways(host: Host, offer: SeenOffer) -> tuple[str, ...]:
    guest = _guest(host, offer.mac)
    if guest:
        return (f"if it is {guest}: virsh domif-setlink {guest} {offer.mac} down, and end the server in it",)
    if _who(host, offer.mac) == "this host":
        return ()
    return (f"if it is {offer.server}: the switch's MAC table tells the port behind which {offer.mac} is",)
