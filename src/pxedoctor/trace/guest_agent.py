"""What a guest's operating system says of its own NIC, by qemu-guest-agent and libvirt's own question for addresses.

Asked is `virsh domifaddr --source agent` alone. The agent's counters of packets are only had by `qemu-agent-command`,
which taints the domain (libvirt src/qemu/qemu_driver.c, qemuDomainQemuAgentCommand: custom-ga-command). Everything that
is read is the guest's own, and hostile: of it only MACs and addresses are kept, and a few.
"""

import re
from ipaddress import IPv4Interface, IPv6Interface, ip_interface

import msgspec

from pxedoctor.trace.virsh import RefusedError, virsh
from pxedoctor.trace.wish import AbsentError

ORIGIN = "virsh domifaddr --source agent --full"
# libvirt waits 5 s for an agent's first word, and for the next one for ever; an agent that runs needs milliseconds.
_SECONDS = 3.0
_LARGEST = 256 * 1024
_MOST_NICS, _MOST_ADDRESSES, _SHOWN = 64, 16, 4
# cmdDomIfAddr (libvirt tools/virsh-domain-monitor.c): name, MAC, "ipv4" or "ipv6", address; "N/A" for none.
_ROW = r"\s.*?\s((?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2})\s+(?:ipv4|ipv6|N/A)\s+(\S+)\s*"
_LOOPBACK = "00:00:00:00:00:00"

Address = IPv4Interface | IPv6Interface


class AgentNic(msgspec.Struct, frozen=True):
    """One of the guest's NICs: its MAC, in lower case, and its addresses in the guest's order."""

    mac: str
    addresses: tuple[Address, ...] = ()


def ask(guest: str) -> tuple[AgentNic, ...]:
    """Raises AbsentError where there is no agent, or it does not answer in time."""
    try:
        # As one word: a name may begin with a dash.
        return parse(virsh("domifaddr", f"--domain={guest}", "--full", "--source=agent", seconds=_SECONDS))
    except RefusedError as error:
        raise AbsentError(f"its agent is not heard: {error}", "is qemu-guest-agent running in the guest?") from error


def parse(text: str) -> tuple[AgentNic, ...]:
    """virsh's table; what is no row of it is passed over."""
    found: dict[str, list[Address]] = {}
    for line in text[:_LARGEST].splitlines():
        row = re.fullmatch(_ROW, line)
        if row is None or row[1] == _LOOPBACK or (len(found) == _MOST_NICS and row[1].lower() not in found):
            continue
        addresses = found.setdefault(row[1].lower(), [])
        address = _address(row[2])
        if address is not None and len(addresses) < _MOST_ADDRESSES:
            addresses.append(address)
    return tuple(AgentNic(mac, tuple(addresses)) for mac, addresses in found.items())


def _address(text: str) -> Address | None:
    try:
        return ip_interface(text)
    except ValueError:
        return None


def told(mac: str, before: tuple[AgentNic, ...] | None, after: tuple[AgentNic, ...]) -> str:
    """One sentence about the NIC of that MAC. `before`: as the trace began; None: it was not heard then."""
    own = _of(mac, after)
    if own is None:
        others = [nic.mac for nic in after]
        has = f"it has {_few(others)}" if others else "it has no NIC at all"
        return f"the guest's operating system knows no NIC of {mac}; {has}"
    first = None if before is None else _of(mac, before)
    return f"its NIC {mac} {_holding(own)}{_change(first, own)}"


def _holding(nic: AgentNic) -> str:
    routed = [address for address in nic.addresses if not address.ip.is_link_local]
    if routed:
        return f"has {_few([str(address) for address in nic.addresses])}"
    alone = [address for address in nic.addresses if address.version == 4]
    if alone:
        # RFC 3927: what a host gives itself where no server answered.
        return f"gave itself {alone[0]}: no DHCP server answered it"
    if nic.addresses:
        return f"has no address but its own of the link ({nic.addresses[0]})"
    return "has no address"


def _change(first: AgentNic | None, nic: AgentNic) -> str:
    if first is None:
        return ""
    if set(first.addresses) == set(nic.addresses):
        return ", as when the trace began"
    return f"; when the trace began it {_holding(first).replace('has', 'had', 1)}"


def _few(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _of(mac: str, nics: tuple[AgentNic, ...]) -> AgentNic | None:
    return next((nic for nic in nics if nic.mac == mac.lower()), None)
