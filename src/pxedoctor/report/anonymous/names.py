"""Which names of a host are a person's own, and what they are called instead.

Names that everybody's host has (eth0, virbr0, vnet3, the network default) say nothing and stay. A guest may be called
by a word that the texts of libvirt and the kernel are made of (`network`): such a name is told apart only where it
surely stands as a name, for replacing it everywhere would change what the texts say.
"""

import html
import json
import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import quote

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.report.anonymous.secret import word
from pxedoctor.report.harmless import shown

# Device names by which kernel, udev and the programs of this field call what they make.
_USUAL = re.compile(
    r"(lo|eth|en[opsx]|wl[opsx]?|ib|bond|team|br|virbr|lxcbr|lxdbr|vmbr|xenbr|docker|podman|cni|vnet|tap|tun|veth|vlan|"
    r"macvtap|macvlan|dummy|ifb|wg|sit|vif|fwbr|fwpr|fwln|br-|docker_gwbridge)[0-9a-f.npsfdP]*(-nic)?(@[\w.]+)?"
)
_USUAL_WORDS = frozenset({"default", "localhost", "localhost.localdomain", "localdomain", "root", "lost+found", ""})
# Words that the texts are made of. Not all there are; a name among them is replaced only where it stands as a name.
_WORDS = """
    accept address all any arp bios boot bridge broadcast cdrom chain client clock comment config console cpu dev
    device devices dhcp dhcpd disk dnsmasq dns domain down drop driver efi file filter firewall forward group guest
    handle hd hook host hostname hvm if iface in inet input interface ip ip6 iptables ipv4 ipv6 jump kernel kvm lan
    lease leases libvirt libvirtd link list listen local log loop mac mask master memory metadata mode model mtu
    name nat net network nft none null off on os out output owner packet pc pid policy pool port ports postrouting
    prerouting priority proto protocol pxe qemu queue range raw reboot reject route router rule running serial
    server servers set shutdown source state static status stp sys table tap target tcp test tftp time tun type udp
    up uuid version video vlan vm vmlinuz volume xml yes no and or of to from for the a an is it not with by at as
    be this that new old one two true false value id user users root admin www web mail system service proc etc run
    var lib usr bin sbin read dump sysctl img iso qcow2
"""
_OF_TEXTS = frozenset(_WORDS.split())


class Named(msgspec.Struct, frozen=True):
    """A name and what it is called instead. `everywhere`: it is no word of the texts themselves."""

    name: str
    instead: str
    everywhere: bool


def names_of(host: Host, key: bytes, texts: Iterable[str] = (), bridges: Iterable[str] = ()) -> tuple[Named, ...]:
    """Of the facts, of what only the texts tell, and of more `bridges`; no two have the same pseudonym.

    The longest first, so that web01-db is not taken for web01.
    """
    told: dict[str, str] = {}
    more = (("if", name) for name in bridges if not _USUAL.fullmatch(name))
    for kind, name in chain(_found(host), names_in(texts), more):
        if name not in told and name.lower() not in _USUAL_WORDS:
            told[name] = _pseudonym(kind, name, key, set(told.values()))
    ordered = sorted(told.items(), key=lambda pair: (-len(pair[0]), pair[0]))
    return tuple(Named(name, instead, _is_own(name)) for name, instead in ordered)


def _is_own(name: str) -> bool:
    return name.lower() not in _OF_TEXTS and not (name.isdigit() and len(name) < 4) and len(name) > 1


def _pseudonym(kind: str, name: str, key: bytes, taken: set[str]) -> str:
    length = 4
    while f"{kind}-{word(key, kind, name, length)}" in taken:
        length += 1
    return f"{kind}-{word(key, kind, name, length)}"


def _found(host: Host) -> Iterator[tuple[str, str]]:
    """Kind and name, as the facts have them."""
    if not isinstance(host.system, Missing):
        yield "host", host.system.hostname
        short, dot, domain = host.system.hostname.partition(".")
        yield from (("host", short), ("domain", domain)) if dot else ()
    yield from (("guest", domain.name) for domain in ([] if isinstance(host.domains, Missing) else host.domains))
    for network in () if isinstance(host.networks, Missing) else host.networks:
        yield "net", network.name
        yield from (("guest", entry.name) for subnet in network.subnets for entry in subnet.reserved)
    for entry in host.unmodelled:
        yield {"domain": "guest", "network": "net", "bridge": "if"}[entry.kind], entry.name
    yield from (("if", name) for name in _devices(host) if not _USUAL.fullmatch(name.rstrip("+")))


def _devices(host: Host) -> Iterator[str]:
    """Also those that only a firewall's zone speaks of, which may end in + for all that begin so."""
    yield from (link.name for link in ([] if isinstance(host.links, Missing) else host.links))
    yield from (bridge.name for bridge in ([] if isinstance(host.bridges, Missing) else host.bridges))
    if not isinstance(host.firewalld, Missing):
        yield from (name for zone in host.firewalld.zones for name in zone.interfaces)


def spellings(name: str) -> tuple[str, ...]:
    """How texts write it: as it is, in XML, JSON, a shell, an address, a systemd unit, and made harmless."""
    systemd = "".join(c if c.isalnum() or c in ":_." else "".join(f"\\x{b:02x}" for b in c.encode()) for c in name)
    return tuple(
        dict.fromkeys(
            (
                name,
                html.escape(name),
                html.escape(name, quote=False),
                json.dumps(name)[1:-1],
                json.dumps(name, ensure_ascii=False)[1:-1],
                shlex.quote(name),
                quote(name, safe=""),
                systemd,
                shown(name),
            )
        )
    )


# Names that only texts tell: who took a lease (dnsmasq's leases and log, libvirt's status), and the domains served.
_TOLD = (
    ("guest", re.compile(r"(?m)^\d{1,12} (?:[0-9a-f]{2}:){5}[0-9a-f]{2} [0-9.]{7,15} (?!\*)(\S{1,253}) ")),
    ("guest", re.compile(r'"hostname"\s*:\s*"([^"\\]{1,253})"')),
    ("guest", re.compile(r"(?m)DHCPACK\([^)\s]{1,40}\) [0-9.]{7,15} [0-9a-f:]{17} (\S{1,253})$")),
    ("domain", re.compile(r"<domain name=['\"]([^'\"<>]{1,253})['\"]")),
    ("domain", re.compile(r"(?m)^domain=([^\s,#/]{1,253})")),
)


def names_in(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Kind and name of those that no fact holds."""
    for text in texts:
        for kind, pattern in _TOLD:
            yield from ((kind, name) for name in pattern.findall(text))
