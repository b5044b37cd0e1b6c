"""What a dnsmasq that is not libvirt's serves, from its arguments and its configuration files (dnsmasq(8)).

1. Without --interface and --listen-address it serves every device but those that --except-interface and
   --no-dhcp-interface name. A final * stands for any rest of a name.
2. On a device it hands out a range that lies in one of the device's own networks.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

import msgspec

from pxedoctor.model.libvirt import Reservation
from pxedoctor.model.link import Address, Link
from pxedoctor.model.process import Process

# Single letters of the options that matter.
_LETTERS = {"i": "interface", "I": "except-interface", "2": "no-dhcp-interface", "a": "listen-address"}
_LETTERS |= {"F": "dhcp-range", "M": "dhcp-boot", "p": "port", "z": "bind-interfaces"}
_LETTERS |= {"G": "dhcp-host", "X": "dhcp-lease-max", "x": "pid-file"}
_ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Options with their values, in order; an option without a value has ""."""

    options: tuple[tuple[str, str], ...]

    def values(self, name: str) -> tuple[str, ...]:
        return tuple(value for option, value in self.options if option == name)

    def has(self, name: str) -> bool:
        return any(option == name for option, _ in self.options)


# A host may have one dnsmasq with a range for each of 500 bridges, and every check of each bridge asks.
@lru_cache(maxsize=256)
def settings_of(process: Process) -> Settings | None:
    """None where its configuration files could not all be read, or its arguments are closed to us."""
    if process.settings is None or not process.command:
        return None
    pairs = [line.partition("=") for line in process.settings]
    in_files = [(name.strip(), value.strip()) for name, _, value in pairs]
    return Settings(options=(*_arguments(process.command), *in_files))


def _arguments(command: str) -> list[tuple[str, str]]:
    """Options may have their value behind `=`, behind a blank or, with one letter, right behind it."""
    words = command.split()[1:]
    found: list[tuple[str, str]] = []
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) and not words[place + 1].startswith("-") else ""
        if word.startswith("--"):
            name, sign, value = word[2:].partition("=")
            found.append((name, value if sign else after))
        elif len(word) > 1 and word[0] == "-" and word[1] in _LETTERS:
            found.append((_LETTERS[word[1]], word[2:].removeprefix("=") or after))
    return found


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What it hands out on one device: from its own address there, the range as `low-high`; the boot file, if any.

    None where the device's addresses are not known. `boot_server` is "" for itself; `tftp`: it serves files too.
    """

    server: str | None
    range: str | None
    boot_file: str = ""
    boot_server: str = ""
    tftp: bool = False


@lru_cache(maxsize=1024)
def served_on(settings: Settings, device: str, link: Link | None) -> Served | None:
    """None where it serves no DHCP on this device. `link` None: of the device no more is known than its name."""
    ranges = settings.values("dhcp-range")
    if not ranges or not listens_on(settings, device, link):
        return None
    if link is None:
        return _served(settings, None, None) if _named(settings.values("interface"), device) else None
    for entry in link.addresses:
        if entry.family == "inet":
            spans = (_range_in(value, _network_for(value, entry)) for value in ranges)
            span = next(filter(None, spans), None)
            if span is not None:
                return _served(settings, entry.address, span)
    return None


def relayed_to(settings: Settings, link: Link | None) -> str:
    """The server to which it hands on what it hears on this device; "" where it relays nothing from there.

    dhcp-relay=LOCAL[,SERVER[,DEVICE]]: LOCAL is its own address on the device that it listens on (dnsmasq(8)).
    """
    own = {entry.address for entry in (link.addresses if link else ())}
    for value in settings.values("dhcp-relay"):
        local, _, rest = value.partition(",")
        if local.strip() in own:
            return rest.partition(",")[0].strip() or "all servers on its other devices"
    return ""


def names_device(settings: Settings, device: str) -> bool:
    """It is told to serve this very device (or its like, with a final *), and not told to leave it out."""
    left_out = [*settings.values("except-interface"), *settings.values("no-dhcp-interface")]
    return _named(settings.values("interface"), device) and not _named(left_out, device)


def _network_for(value: str, entry: Address) -> IPv4Network:
    """The network that a range is held against: with a mask of its own, that mask's (src/dhcp.c, complete_context)."""
    found = re.findall(_ADDRESS, value)
    try:
        return _network(entry.address, found[2] if len(found) > 2 else str(entry.prefix))
    except ValueError:
        return _network(entry.address, str(entry.prefix))


@lru_cache(maxsize=4096)
def _network(address: str, mask: str) -> IPv4Network:
    return IPv4Network(f"{address}/{mask}", strict=False)


def _served(settings: Settings, server: str | None, span: str | None) -> Served:
    boot_file, boot_server = _boot(settings)
    tftp = settings.has("enable-tftp")
    return Served(server=server, range=span, boot_file=boot_file, boot_server=boot_server, tftp=tftp)


def listens_on(settings: Settings, device: str, link: Link | None) -> bool:
    """As the head of this file says."""
    left_out = [*settings.values("except-interface"), *settings.values("no-dhcp-interface")]
    if _named(left_out, device):
        return False
    interfaces, addresses = settings.values("interface"), settings.values("listen-address")
    if not interfaces and not addresses:
        return True
    own = {entry.address for entry in (link.addresses if link else ())}
    return _named(interfaces, device) or any(own & set(value.split(",")) for value in addresses)


def _named(values: tuple[str, ...] | list[str], device: str) -> bool:
    names = (name.strip() for value in values for name in value.split(","))
    return any(device.startswith(name[:-1]) if name.endswith("*") else device == name for name in names if name)


def _range_in(value: str, net: IPv4Network) -> str | None:
    """The first address of a range says in which network it lies; with `static` or `proxy` for the last, all of it."""
    found = _addresses(value)
    if not found or found[0] not in net:
        return None
    if len(found) > 1 and found[0] <= found[1] and found[1] in net and not _ends_early(value):
        return f"{found[0]}-{found[1]}"
    return f"{net.network_address}-{net.broadcast_address}"


@lru_cache(maxsize=4096)
def _addresses(value: str) -> tuple[IPv4Address, ...]:
    return tuple(IPv4Address(text) for text in re.findall(_ADDRESS, value) if _is_address(text))


def _ends_early(value: str) -> bool:
    return bool({"static", "proxy"} & set(value.split(",")))


def _is_address(text: str) -> bool:
    return all(int(part) < 256 for part in text.split("."))


def _boot(settings: Settings) -> tuple[str, str]:
    """dhcp-boot=[tag:..,]file[,servername[,address]]; the first without a tag, else the first."""
    values = sorted(settings.values("dhcp-boot"), key=lambda value: value.startswith(("tag:", "net:")))
    parts = [part for part in (values[0].split(",") if values else []) if not part.startswith(("tag:", "net:"))]
    address = parts[2].split(" ")[0] if len(parts) > 2 else ""
    return (parts[0] if parts else ""), address


@lru_cache(maxsize=64)
def spans(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The first and last address of each IPv4 range from which any client is served: those without a tag."""
    found = []
    for value in settings.values("dhcp-range"):
        words = [word.strip() for word in value.split(",")]
        ends = [word for word in words if re.fullmatch(_ADDRESS, word) and _is_address(word)]
        tagged = any(word.startswith(("tag:", "net:")) for word in words)
        if len(ends) > 1 and not tagged and not _ends_early(value):
            found.append((ends[0], ends[1]))
    return tuple(found)


def ignored(settings: Settings) -> frozenset[str]:
    """The MACs that it is told to ignore, dhcp-host=MAC,ignore, in small letters."""
    values = ([word.strip() for word in value.split(",")] for value in settings.values("dhcp-host"))
    return frozenset(word.lower() for words in values if "ignore" in words for word in words if word.count(":") == 5)


def reservations(settings: Settings) -> tuple[Reservation, ...]:
    """dhcp-host=MAC,...,ADDRESS: one for each MAC that it names."""
    found = []
    for value in settings.values("dhcp-host"):
        words = [word.strip() for word in value.split(",")]
        address = next((word for word in words if re.fullmatch(_ADDRESS, word)), "")
        macs = [word.lower() for word in words if word.count(":") == 5]
        found += [Reservation(mac=mac, address=address) for mac in macs or [""]]
    return tuple(found)
