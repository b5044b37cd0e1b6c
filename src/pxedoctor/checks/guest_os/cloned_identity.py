"""Two guests that run were given one address: to the DHCP server they are one client, for one is a copy of the other.

What it does
    Reads in the log of this host's DHCP server (dnsmasq, dhcpd, Kea) which address each guest that runs was given
    last, on its own bridge, and whether another guest that runs was given the same one last. A reservation that names
    several MACs is no fault by itself; nor is an address that one guest gave back (DHCPRELEASE), or left by getting
    another. What a server elsewhere gave out, no log here tells.

Why the guest fails
    A DHCP server knows a client by its identity (option 61) before its MAC. systemd-networkd, NetworkManager and
    dhcpcd make it of /etc/machine-id, Kea's and DHCPv6's DUID is of the same kind: a guest that was cloned with that
    file is the same client. The server takes its lease over for the other one, and both use one address: each of them
    loses its connections when the other speaks, or declines the address, over and over.

What you see
    Both guests show the same address. On the host: "52:54:00:... uses my IP address", a flapping entry in `ip neigh`;
    in the server's log DHCPACK for one address and two MACs, or DHCPDECLINE and "abandoned".

Fix
    In each clone: truncate /etc/machine-id to nothing and boot (systemd-machine-id-setup), remove
    /var/lib/dbus/machine-id and the leases in /var/lib; virt-sysprep -d GUEST does it from outside. Or by MAC:
    dhcp-identifier: mac (netplan), ClientIdentifier=mac (networkd), dhcp-ignore-clid for dnsmasq.

Fix safety
    No plan: which of the two is the copy is for a person to say, and the change is in the guest.

References
    RFC 2131 section 4.2, RFC 4361, dnsmasq src/lease.c (lease_find_by_client), systemd.network(5) (ClientIdentifier);
    systemd/systemd#9609, canonical/lxd#7180, openSUSE/wicked#929
"""

import re

import msgspec

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.log import LogLine
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan

META = Meta(
    code="GO001",
    name="cloned-identity",
    stage=Stage.GUEST_OS,
    needs=("domains",),
    consults=("logs", "networks"),
    fix="never",
)
_MAC = r"(?P<mac>(?:[0-9a-f]{2}:){5}[0-9a-f]{2})"
_ADDRESS = r"(?P<address>\d{1,3}(?:\.\d{1,3}){3})"
# dnsmasq: DHCPACK(virbr0) ADDRESS MAC; dhcpd: DHCPACK on ADDRESS to MAC via br0; Kea: [hwtype=1 MAC] ... lease ADDRESS
# has been allocated.
_GIVEN = (
    rf"DHCPACK\((?P<device>[^()\s]+)\) {_ADDRESS} {_MAC}",
    rf"DHCPACK on {_ADDRESS} to {_MAC}.*? via (?P<device>[^\s:]+)",
    rf"DHCP4_LEASE_ALLOC \[hwtype=1 {_MAC}\].*lease {_ADDRESS} has been allocated",
)
_GIVEN_BACK = (
    rf"DHCP(?:RELEASE|DECLINE)\((?P<device>[^()\s]+)\) {_ADDRESS} {_MAC}",
    rf"DHCP(?:RELEASE|DECLINE) of {_ADDRESS} from {_MAC}",
)


class Given(msgspec.Struct, frozen=True):
    """The last address of one MAC, and the line that says so; `device` "" where the server does not name it."""

    address: str
    device: str
    line: LogLine


def check(facts: Facts, target: Target) -> Outcome:
    host = facts.host
    if not target.mac or not target.running or target.kind != "nic":
        return NotApplicable("no guest runs that could have been given an address")
    if isinstance(host.logs, Missing):
        return NotApplicable(f"no log tells who was given which address: {host.logs.why}")
    given = facts.once(_last_given)
    mine = given.get(target.mac)
    if mine is None:
        return NotApplicable("no log of a DHCP server on this host tells of an address that it was given")
    others = {
        mac: theirs
        for mac, theirs in given.items()
        if mac != target.mac and theirs.address == mine.address and theirs.device == mine.device
    }
    twins = {mac: others[mac] for mac, name in _that_run(host).items() if mac in others and name != target.guest}
    if not twins:
        return Fine(f"it was given {mine.address}, and no other guest that runs was given it last")
    return _broken(host, target, mine, twins)


def _last_given(facts: Facts) -> dict[str, Given]:
    """By MAC, the address that each was given last and has not given back, as the logs tell in their order."""
    given: dict[str, Given] = {}
    for line in known(facts.host.logs):
        text = line.text.lower()
        found = _match(_GIVEN, line.text, text)
        if found is not None:
            given[found["mac"]] = Given(found["address"], found["device"], line)
            continue
        back = _match(_GIVEN_BACK, line.text, text)
        if back is not None:
            given.pop(back["mac"], None)
    return given


def _match(patterns: tuple[str, ...], text: str, small: str) -> dict[str, str] | None:
    """A device's name counts with its capitals, a MAC without."""
    if "dhcp" not in small:
        return None
    for pattern in patterns:
        found = re.search(pattern, text, re.IGNORECASE)
        if found is not None:
            told = found.groupdict()
            return {"mac": told["mac"].lower(), "address": told["address"], "device": told.get("device") or ""}
    return None


def _that_run(host: Host) -> dict[str, str]:
    """MAC to name, of the NICs of the guests that run."""
    return {nic.mac: domain.name for domain in known(host.domains) if domain.running for nic in domain.nics if nic.mac}


def _broken(host: Host, target: Target, mine: Given, twins: dict[str, Given]) -> Broken:
    names = _that_run(host)
    others = " and ".join(sorted(names[mac] for mac in twins))
    reserved = any(
        entry.address == mine.address
        for network in (() if isinstance(host.networks, Missing) else host.networks)
        for subnet in network.subnets
        for entry in subnet.reserved
        if not entry.mac
    )
    why = "a reservation by their name" if reserved else "they tell the server the same identity"
    return Broken(
        headline=f"{target.guest} and {others} run, and were both given {mine.address}: {why}.",
        subject=f"{mine.device or target.bridge or ''} {mine.address}".strip(),
        scope="bridge",
        hop=Hop.CLIENT,
        certainty="likely",
        evidence=(
            Evidence(f"what {target.guest} ({target.mac}) was given last", mine.line.origin, mine.line.text),
            *(
                Evidence(f"what {names[mac]} ({mac}) was given last", theirs.line.origin, theirs.line.text)
                for mac, theirs in sorted(twins.items())
            ),
        ),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    return NoPlan(
        "which of the two is the copy is for a person to say, and the change is in the guest",
        (
            "in the copy: truncate -s0 /etc/machine-id, remove /var/lib/dbus/machine-id and old leases, and boot it",
            "or let the server go by MACs: dhcp-ignore-clid for dnsmasq",
        ),
    )
