"""Which boot file a DHCP server names for a client, as far as its settings tell.

1. Named: this file, from this server. `menu`: a menu of PXE's (dnsmasq's pxe-service), which names it.
2. None: it names no file for this client.
3. Missing: its settings are not known, or not understood so far.

A dnsmasq takes the last line whose tags are all set, then the last one without a tag (dnsmasq 2.90 src/rfc2131.c
find_boot; src/option.c puts each new line in front).
"""

from ipaddress import ip_address

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network
from pxedoctor.model.target import Target
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.boot_tags import Asker, all_set, asker
from pxedoctor.road.dnsmasq import Settings, settings_of
from pxedoctor.road.netboot import architecture_of
from pxedoctor.road.serving6 import Serving6

_TAGS = ("tag:", "net:")
# pxe-service's names of systems (dnsmasq(8)); a number is taken too. Which of 7 and 9 each of the two names for UEFI on
# x86-64 means has changed between versions.
_X64 = frozenset({7, 9})
_SYSTEMS = {
    "x86pc": frozenset({0}),
    "ia32_efi": frozenset({6}),
    "bc_efi": _X64,
    "x86-64_efi": _X64,
    "arm32_efi": frozenset({10}),
    "arm64_efi": frozenset({11}),
}
_SCHEMES = ("http://", "https://", "tftp://")
_TOLD = "dnsmasq's settings"
_OPTION_WORDS = ("dhcp-option", "dhcp-option-force")
_URL6 = frozenset({"option6:59", "option6:bootfile-url"})


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """`server` "": the DHCP server itself. `origin`, `value`: where it is written, and how."""

    file: str
    server: str
    origin: str
    value: str
    menu: bool = False

    @property
    def by_name(self) -> str:
        """The name of the server in its URL; "" for an address, and for what is no URL."""
        return url_by_name(self.file)

    @property
    def is_url(self) -> bool:
        return self.file.startswith(("http://", "https://"))


def url_by_name(file: str) -> str:
    """`boot.lab` of `http://boot.lab/ipxe.efi`; "" for an address, and for what is no URL."""
    if not file.startswith(_SCHEMES):
        return ""
    # Few hosts boot from a URL, and its rules are 3 ms to import.
    from urllib.parse import urlsplit

    try:
        name = urlsplit(file).hostname or ""
    except ValueError:
        return ""
    return "" if _is_address(name) else name


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def named(host: Host, target: Target, server: Server) -> Named | Missing | None:
    """What this server names for the target's own firmware; Missing where it is not known which one that is."""
    if target.client is None:
        return Missing("absent", "which client asks is not known", "name it with --client")
    return named_for(host, target, server, asker(target.client.name, architecture_of(host, target)))


def named_for(host: Host, target: Target, server: Server, client: Asker) -> Named | Missing | None:
    """What it names for a client that introduces itself so."""
    device = target.bridge or ""
    if server.network is not None:
        return _in(network_settings(server.network), client, device, server.network.origin)
    settings = server_settings(host, server)
    if isinstance(settings, Missing):
        return settings
    return _in(settings, client, device, f"/proc/{server.pid}/cmdline and its configuration files")


def server_settings(host: Host, server: Server) -> Settings | Missing:
    """A dnsmasq's own, or libvirt's for it; of other servers nothing is read."""
    if server.network is not None:
        return network_settings(server.network)
    processes = () if isinstance(host.processes, Missing) else host.processes
    process = next((process for process in processes if process.pid == server.pid), None)
    if process is None or "dnsmasq" not in process.name:
        why = f"what {server.program or 'the server'} is set to hand out is not read: {server.why}"
        return Missing("absent", why, "ask it: pxedoctor diagnose --probe")
    settings = settings_of(process)
    if settings is None:
        return Missing("forbidden", "dnsmasq's settings could not all be read", "run it as root")
    if settings.has("dhcp-relay") and not settings.has("dhcp-range"):
        why = "what the server hands out to which this host's dnsmasq relays is not known here"
        return Missing("absent", why, "ask it: pxedoctor diagnose --probe")
    return settings


def network_settings(network: Network) -> Settings:
    """As libvirt writes them to its dnsmasq (src/network/bridge_driver.c networkDnsmasqConfContents)."""
    found: list[tuple[str, str]] = [] if network.dns else [("port", "0")]
    for subnet in network.subnets:
        if subnet.family == "ipv4":
            found += [("enable-tftp", ""), ("tftp-root", subnet.tftp_root)] if subnet.tftp_root else []
            where = f",,{subnet.boot_server}" if subnet.boot_server else ""
            found += [("dhcp-boot", f"{subnet.boot_file}{where}")] if subnet.boot_file else []
    pairs = (line.partition("=") for line in network.server_options)
    return Settings(options=(*found, *((name.strip(), value.strip()) for name, _, value in pairs)))


def _in(settings: Settings, client: Asker, device: str, origin: str) -> Named | Missing | None:
    menu = _menu(settings, client, device, origin) if client.vendor_class.startswith("PXEClient") else None
    if menu is not None:
        return menu
    lines = [_split(value) for value in reversed(settings.values("dhcp-boot"))]
    for tags, parts in [*(line for line in lines if line[0]), *(line for line in lines if not line[0])]:
        holds = all_set(settings, tags, client, device)
        if holds is None:
            return _unsure(tags)
        if holds:
            server = parts[2].split(" ")[0] if len(parts) > 2 else ""
            value = f"dhcp-boot={','.join([*(f'tag:{tag}' for tag in tags), *parts])}"
            return Named(file=parts[0], server=server, origin=origin, value=value) if parts[0] else None
    return _by_option(settings, client, device, origin)


def _menu(settings: Settings, client: Asker, device: str, origin: str) -> Named | Missing | None:
    """pxe-service=[tag:..,]SYSTEM,TEXT[,FILE or type[,server]]."""
    for value in settings.values("pxe-service"):
        tags, parts = _split(value)
        word = parts[0].lower()
        systems = frozenset({int(word)}) if word.isdecimal() else _SYSTEMS.get(word)
        if client.architecture is None or systems is None:
            return Missing("absent", f"whether pxe-service={value} is for this client", "ask it: --probe")
        if client.architecture not in systems:
            continue
        holds = all_set(settings, tags, client, device)
        if holds is None:
            return _unsure(tags)
        if holds and len(parts) > 2:
            server = parts[3] if len(parts) > 3 else ""
            return Named(file=parts[2], server=server, origin=origin, value=f"pxe-service={value}", menu=True)
    return None


def _by_option(settings: Settings, client: Asker, device: str, origin: str) -> Named | Missing | None:
    """dhcp-option=[tag:..,]67,FILE names a file too, in an option that firmware asks for."""
    for word in _OPTION_WORDS:
        for value in settings.values(word):
            tags, parts = _split(value)
            if len(parts) > 1 and parts[0] in {"67", "option:bootfile-name"}:
                holds = all_set(settings, tags, client, device)
                if holds is None:
                    return _unsure(tags)
                if holds:
                    return Named(file=parts[1], server="", origin=origin, value=f"{word}={value}")
    return None


def url6(host: Host, six: Serving6) -> str | Missing:
    """The boot file's URL over IPv6 (option 59, RFC 5970), for whatever client; "" where no line names one."""
    settings = server_settings(host, Server(kind=ServerKind.UDP, why=six.why, network=six.network, pid=six.pid))
    if isinstance(settings, Missing):
        return settings
    found = (_split(value)[1] for word in _OPTION_WORDS for value in settings.values(word))
    return next((parts[1] for parts in found if len(parts) > 1 and parts[0] in _URL6), "")


def names_dns(settings: Settings, client: Asker, device: str) -> bool | None:
    """Whether it tells a client of a DNS server (option 6); None where nobody can tell.

    A dnsmasq that answers DNS on port 53 tells of itself, where no line of its own says otherwise (dnsmasq(8),
    --dhcp-option; src/rfc2131.c do_options).
    """
    own: list[bool | None] = []
    for word in _OPTION_WORDS:
        for value in settings.values(word):
            tags, parts = _split(value)
            if parts[0] in {"6", "option:dns-server"}:
                holds = all_set(settings, tags, client, device)
                own.append(None if holds is None else holds and len(parts) > 1)
    if True in own:
        return True
    if None in own:
        return None
    ports = settings.values("port")
    return not own and (not ports or ports[-1] == "53")


def marks_for_http(host: Host, target: Target, server: Server, client: Asker) -> bool | None:
    """Whether its settings send option 60, HTTPClient, to this client; None where nobody can tell."""
    settings = server_settings(host, server)
    if isinstance(settings, Missing):
        return None
    found: list[bool | None] = []
    for word in _OPTION_WORDS:
        for value in settings.values(word):
            tags, parts = _split(value)
            if parts[0] in {"60", "option:vendor-class"} and parts[1:2] and parts[1].startswith("HTTPClient"):
                found.append(all_set(settings, tags, client, target.bridge or ""))
    return True if True in found else None if None in found else False


def _split(value: str) -> tuple[tuple[str, ...], list[str]]:
    """The tags before a value's first other word, and the words from there on."""
    words = [word.strip().strip('"') for word in value.split(",")]
    tags = [word for word in words if word.startswith(_TAGS)]
    return tuple(tag.partition(":")[2] for tag in tags), words[len(tags) :] or [""]


def _unsure(tags: tuple[str, ...]) -> Missing:
    why = f"whether {_TOLD} set the tag {', '.join(tags)} for this client is not known"
    return Missing("absent", why, "ask it: pxedoctor diagnose --probe")
