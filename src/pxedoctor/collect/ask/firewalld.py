"""Asks firewalld over D-Bus what it does now, and only where it already runs.

No call may start it (D-Bus activation): each carries --auto-start=no, and none is made before NameHasOwner said yes.
busctl(1) costs a hundredth of a second a question, firewall-cmd(1) half a second: that is the alternative for hosts
without busctl, and for a firewalld before 0.9, which has no getZoneSettings2.
"""

import json
import re

from pxedoctor.access.answer import Answer, Failed, Forbidden, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.redact import without_secrets
from pxedoctor.collect.ask.libvirt import NETWORKS_DEFINED, NETWORKS_LIVE

BUS_FOLDER = "/run/dbus"
BUS_SOCKET = "system_bus_socket"
CONFIG = "/etc/firewalld/firewalld.conf"
# The administrator's copy of a file wins over the one that a package brought (firewalld.dirs(5)).
ZONE_FOLDERS = ("/etc/firewalld/zones", "/usr/lib/firewalld/zones")
SERVICE_FOLDERS = ("/etc/firewalld/services", "/usr/lib/firewalld/services")

_NAME = "org.fedoraproject.FirewallD1"
_PATH = "/org/fedoraproject/FirewallD1"
_BUSCTL = ("busctl", "--system", "--auto-start=no", "--json=short")
_BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")

OWNED = (*_BUSCTL, "call", *_BUS, "NameHasOwner", "s", _NAME)
STATE = (*_BUSCTL, "get-property", _NAME, _PATH, _NAME, "state")
DEFAULT_ZONE = (*_BUSCTL, "call", _NAME, _PATH, _NAME, "getDefaultZone")
ZONES = (*_BUSCTL, "call", _NAME, _PATH, f"{_NAME}.zone", "getZones")
ACTIVE_ZONES = (*_BUSCTL, "call", _NAME, _PATH, f"{_NAME}.zone", "getActiveZones")
POLICIES = (*_BUSCTL, "call", _NAME, _PATH, f"{_NAME}.policy", "getPolicies")

_DBUS_SEND = ("dbus-send", "--system", "--print-reply", f"--dest={_BUS[0]}", _BUS[1])
OWNED_BY_DBUS_SEND = (*_DBUS_SEND, f"{_BUS[2]}.NameHasOwner", f"string:{_NAME}")
CMD_DEFAULT_ZONE = ("firewall-cmd", "--get-default-zone")
CMD_ZONES = ("firewall-cmd", "--list-all-zones")
CMD_POLICIES = ("firewall-cmd", "--list-all-policies")

# libvirt's own zones are asked for even while empty: they are where a lost bridge belongs.
LIBVIRT_ZONES = ("libvirt", "libvirt-routed")
_ZONE_OF_NETWORK = r"<bridge\b[^>]*\bzone=['\"]([\w-]+)['\"]"
_INCLUDE = r"<include\s+service=['\"]([\w.-]+)['\"]"
_FILE_NAME = r"[\w.-]+"


def zone_settings(zone: str) -> tuple[str, ...]:
    return (*_BUSCTL, "call", _NAME, _PATH, f"{_NAME}.zone", "getZoneSettings2", "s", zone)


def policy_settings(policy: str) -> tuple[str, ...]:
    return (*_BUSCTL, "call", _NAME, _PATH, f"{_NAME}.policy", "getPolicySettings", "s", policy)


def ask(host: Notebook) -> None:
    if BUS_SOCKET not in host.names(BUS_FOLDER):
        return
    owned = host.run(OWNED)
    if isinstance(owned, Text):
        if reply(owned) is True:
            host.read(CONFIG)
            _ask_bus(host)
        return
    by_dbus_send = host.run(OWNED_BY_DBUS_SEND)
    if isinstance(by_dbus_send, Text) and "boolean true" in by_dbus_send.text:
        host.read(CONFIG)
        _ask_firewall_cmd(host)


def reply(answer: Answer) -> object:
    """The value of a busctl answer: `data` is a list for a call and the value itself for a property."""
    try:
        data = json.loads(answer.text)["data"] if isinstance(answer, Text) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return data[0] if isinstance(data, list) and len(data) == 1 else data


def _ask_bus(host: Notebook) -> None:
    host.run(STATE)
    default = reply(host.run(DEFAULT_ZONE))
    known = _names(reply(host.run(ZONES)))
    active = _names(reply(host.run(ACTIVE_ZONES)))
    wanted = {default, *active, *LIBVIRT_ZONES, *_zones_of_networks(host)} & {*known}
    zones = [zone for zone in known if zone in wanted]
    settings: list[Answer] = []
    for zone in zones:
        settings.append(host.run(zone_settings(zone)))
        if isinstance(settings[-1], Forbidden):
            # A plain user: each further question would be refused too, after a tenth of a second with polkit.
            return
    if any(isinstance(answer, Failed) for answer in settings):
        _ask_firewall_cmd(host)
        return
    settings += [host.run(policy_settings(policy)) for policy in _names(reply(host.run(POLICIES)))]
    for zone in zones:
        _read_first(host, ZONE_FOLDERS, zone)
    for answer in settings:
        for service in _services(reply(answer)):
            _read_service(host, service)


def _ask_firewall_cmd(host: Notebook) -> None:
    default = host.run(CMD_DEFAULT_ZONE)
    for zone in (*LIBVIRT_ZONES, default.text.strip() if isinstance(default, Text) else ""):
        _read_first(host, ZONE_FOLDERS, zone)
    for argv in (CMD_ZONES, CMD_POLICIES):
        answer = host.run(argv)
        if isinstance(answer, Text):
            for line in re.findall(r"^  services: (.*)$", answer.text, re.MULTILINE):
                for service in line.split():
                    _read_service(host, service)


def _names(value: object) -> tuple[str, ...]:
    """The words of a list, or the keys of a dictionary."""
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list | dict) else ()


def _services(settings: object) -> tuple[str, ...]:
    services = settings.get("services") if isinstance(settings, dict) else None
    return _names(services.get("data")) if isinstance(services, dict) else ()


def _zones_of_networks(host: Notebook) -> set[str]:
    """The zones that libvirt's networks ask for by name (<bridge zone=>); nobody may be in them now."""
    found: set[str] = set()
    for folder in (NETWORKS_DEFINED, NETWORKS_LIVE):
        for name in host.names(folder):
            if name.endswith(".xml"):
                answer = host.read(f"{folder}/{name}", cut=without_secrets)
                found |= {*re.findall(_ZONE_OF_NETWORK, answer.text)} if isinstance(answer, Text) else set()
    return found


def _read_first(host: Notebook, folders: tuple[str, ...], name: str) -> str:
    """The text of NAME.xml in the first folder that has it, or ""."""
    if re.fullmatch(_FILE_NAME, name):
        for folder in folders:
            answer = host.read(f"{folder}/{name}.xml")
            if isinstance(answer, Text):
                return answer.text
    return ""


def _read_service(host: Notebook, name: str) -> None:
    """Its definition and those of the services it includes."""
    waiting, read = [name], set[str]()
    while waiting:
        service = waiting.pop()
        if service not in read:
            read.add(service)
            waiting += re.findall(_INCLUDE, _read_first(host, SERVICE_FOLDERS, service))
