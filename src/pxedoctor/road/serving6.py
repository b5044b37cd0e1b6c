"""What a host hands out over IPv6 on a bridge, as far as its settings tell.

1. libvirt's network: with a <dhcp> its dnsmasq gives leases, else it advertises the prefix alone, of which guests make
   their addresses (src/network/bridge_driver.c networkDnsmasqConfContents: enable-ra, or dhcp-range=ADDRESS,ra-only).
   Ranges among its own lines for dnsmasq count as those of 2.
2. A dnsmasq of somebody else's: each dhcp-range of IPv6 that lies in a network of the bridge, or is made of the
   bridge's (constructor:), and --enable-ra (dnsmasq(8); src/option.c one_opt).
3. Of radvd, Kea and dhcpd no settings are read: they may serve IPv6 there.

Where the boot file is, a dnsmasq tells by its option 59 (RFC 5970), which its settings give for all or for some alone.
"""

import re
from ipaddress import IPv6Address, IPv6Network

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.link import Link
from pxedoctor.model.process import Process
from pxedoctor.road.dnsmasq import Settings, listens_on, settings_of
from pxedoctor.road.network import makes_bridge

_RANGE = "dhcp-range"
_OPTIONS = ("dhcp-option", "dhcp-option-force")
_BOOT_URL = r"option6:(?:59|bootfile-url)\s*,"
_OTHERS = frozenset({"radvd", "kea-dhcp6", "dhcp6s", "odhcpd", "corerad"})
_ADVERTISED = frozenset({"ra-only", "slaac", "ra-names", "ra-stateless", "ra-advrouter"})


class Serving6(msgspec.Struct, frozen=True, kw_only=True):
    """`leases`: addresses by DHCPv6; `tells`: DHCPv6 for who has an address already (RFC 8415 section 6.1).

    `advertises`: routers' advertisements. `why` is one clause. `network`: libvirt's, if it is its own; else `pid`.
    `boot_url`: where everybody is told that the boot file is, "" where nobody is, or not everybody. `tftp`: it hands
    out files itself, from each address as soon as that is up (bind-dynamic, which libvirt always sets).
    """

    why: str
    leases: bool = False
    tells: bool = False
    advertises: bool = False
    network: Network | None = None
    pid: int | None = None
    boot_url: str = ""
    tftp: bool = False


def serving6(host: Host, bridge: str, network: Network | None) -> Serving6 | None:
    """None where nobody on this host is known to serve IPv6 there. `network`: whose bridge it is."""
    link = host.link(bridge)
    if network is not None and makes_bridge(network):
        return _of_libvirt(network, link)
    for process in () if isinstance(host.processes, Missing) else host.processes:
        if "dnsmasq" in process.name and process.alive and not process.elsewhere:
            settings = settings_of(process)
            found = _of_settings(settings, bridge, link) if settings is not None else None
            if found is not None and settings is not None and listens_on(settings, bridge, link):
                why = f"dnsmasq (pid {process.pid}) serves IPv6 alone there, as its settings say"
                return msgspec.structs.replace(found, why=why, pid=process.pid)
    return None


def may_serve6(host: Host) -> str:
    """One clause: which other programs of this host may serve IPv6; "" for none."""
    processes = () if isinstance(host.processes, Missing) else host.processes
    found = [process for process in processes if process.alive and not process.elsewhere and _is_for_ipv6(process)]
    named = ", ".join(f"{process.name} (pid {process.pid})" for process in found)
    return f"{named} may serve IPv6 there, and what it is set to do is not read: a probe would tell" if named else ""


def _is_for_ipv6(process: Process) -> bool:
    return process.name in _OTHERS or (process.name == "dhcpd" and "-6" in process.command.split())


def _of_libvirt(network: Network, link: Link | None) -> Serving6 | None:
    own = [subnet for subnet in network.subnets if subnet.family == "ipv6"]
    if not (own and network.active and network.wants_server):
        return None
    pairs = (line.partition("=") for line in network.server_options)
    settings = Settings(options=tuple((name, value) for name, _, value in pairs))
    added = _of_settings(settings, network.bridge, link)
    leases = any(subnet.serves_dhcp for subnet in own) or (added is not None and added.leases)
    what = "hands out IPv6 addresses alone" if leases else "advertises an IPv6 prefix alone, and hands out no address"
    return Serving6(
        why=f"the network {network.name} {what}",
        leases=leases,
        tells=leases or (added is not None and added.tells),
        advertises=True,
        network=network,
        boot_url=_boot_url(settings),
        tftp=settings.has("enable-tftp"),
    )


def _of_settings(settings: Settings, bridge: str, link: Link | None) -> Serving6 | None:
    modes = [found for value in settings.values(_RANGE) if (found := _modes(value, bridge, link)) is not None]
    if not modes:
        return None
    leases = any(_leases(words) for words in modes)
    return Serving6(
        why="",
        leases=leases,
        tells=leases or any("ra-stateless" in words for words in modes),
        advertises=settings.has("enable-ra") or any(_ADVERTISED & {*words} for words in modes),
        boot_url=_boot_url(settings),
        tftp=settings.has("enable-tftp") and settings.has("bind-dynamic"),
    )


def _boot_url(settings: Settings) -> str:
    """With a tag in front it is for some alone (dnsmasq(8), --dhcp-option)."""
    told = [value for word in _OPTIONS for value in settings.values(word) if re.search(_BOOT_URL, value)]
    named = {re.sub(_BOOT_URL, "", value) for value in told if re.match(_BOOT_URL, value)}
    alike = len(named) == 1 and all(re.match(_BOOT_URL, value) for value in told)
    return named.pop().strip().strip('"') if alike else ""


def _modes(value: str, bridge: str, link: Link | None) -> tuple[str, ...] | None:
    """The words behind a range's first address; None where it is not for this bridge, or not of IPv6."""
    words = [word.strip() for word in value.split(",")]
    words = [word for word in words if not word.startswith(("tag:", "net:", "set:"))]
    first = _address(words[0]) if words else None
    if first is None:
        return None
    made_of = [word.partition(":")[2] for word in words if word.startswith("constructor:")]
    if made_of:
        named = any(bridge.startswith(name[:-1]) if name.endswith("*") else bridge == name for name in made_of)
        return tuple(words[1:]) if named else None
    own = [entry for entry in (link.addresses if link else ()) if entry.family == "inet6"]
    nets = (IPv6Network((entry.address, entry.prefix), strict=False) for entry in own)
    return tuple(words[1:]) if any(first in net for net in nets) else None


def _leases(words: tuple[str, ...]) -> bool:
    """Between two addresses, for hosts that are written down, or, with no word for advertisements, one address."""
    between = bool(words) and _address(words[0]) is not None
    return between or "static" in words or not _ADVERTISED & {*words}


def _address(text: str) -> IPv6Address | None:
    if ":" not in text or not re.fullmatch(r"[0-9a-fA-F:.]+", text):
        return None
    try:
        return IPv6Address(text)
    except ValueError:
        return None
