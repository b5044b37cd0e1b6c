"""Understands firewalld's D-Bus answers, firewall-cmd's lists where those were asked instead, and service files.

Both lists become the same settings: D-Bus' own keys (org.fedoraproject.FirewallD1, getZoneSettings2) with plain values.
"""

import re

import msgspec

from pxedoctor.access.answer import Answers, Failed, Forbidden, Text, list_question, read_question, run_question
from pxedoctor.collect.ask import firewalld as asked
from pxedoctor.collect.texts import number, text_of, why_missing, word
from pxedoctor.collect.xml import children, root_of
from pxedoctor.model.fact import Missing
from pxedoctor.model.firewalld import Firewalld, Policy, PortSpec, Service, Zone

Settings = dict[str, object]

_SETTING = r"(?m)^\s*(\w+)\s*=\s*(\S+)"
_HELP = "firewall-cmd --list-all-zones, as root"
_LISTS = ("interfaces", "sources", "services", "protocols", "ingress_zones", "egress_zones")
_PORT_LISTS = ("ports", "source_ports")


def parse(answers: Answers) -> Firewalld | Missing:
    if isinstance(answers.get(list_question(asked.BUS_FOLDER)), Failed):
        return why_missing(answers, list_question(asked.BUS_FOLDER), _HELP)
    names = text_of(answers, list_question(asked.BUS_FOLDER)) or ""
    if asked.BUS_SOCKET not in names.splitlines():
        # firewalld ends when it cannot have its name on the system bus.
        return Firewalld(running=False)
    if isinstance(answers.get(run_question(asked.OWNED)), Text):
        owned = _reply(answers, asked.OWNED)
        if not isinstance(owned, bool):
            return Missing("failed", f"not understood: {run_question(asked.OWNED)}", _HELP)
        return _running(answers) if owned else Firewalld(running=False)
    by_dbus_send = text_of(answers, run_question(asked.OWNED_BY_DBUS_SEND))
    if by_dbus_send is None:
        return why_missing(answers, run_question(asked.OWNED), "busctl or dbus-send, run as root")
    return _running(answers) if "boolean true" in by_dbus_send else Firewalld(running=False)


def _running(answers: Answers) -> Firewalld | Missing:
    # firewall-cmd was asked only where the bus could not tell everything.
    zones = _blocks(text_of(answers, run_question(asked.CMD_ZONES)) or "") or _zones_from_bus(answers)
    policies = _blocks(text_of(answers, run_question(asked.CMD_POLICIES)) or "") or _policies_from_bus(answers)
    by_cmd = (text_of(answers, run_question(asked.CMD_DEFAULT_ZONE)) or "").strip()
    default = word(_reply(answers, asked.DEFAULT_ZONE)) or by_cmd
    if not zones or not default:
        return _why_not(answers)
    config = text_of(answers, read_question(asked.CONFIG))
    values = dict(re.findall(_SETTING, config or ""))
    return Firewalld(
        running=True,
        state=word(_reply(answers, asked.STATE)),
        default_zone=default,
        zone_names=_words(_reply(answers, asked.ZONES)) or tuple(zones),
        zones=tuple(_stored(answers, _zone(name, settings)) for name, settings in zones.items()),
        policies=tuple(_policy(name, settings) for name, settings in policies.items()),
        services=_service_files(answers),
        # firewalld.conf(5): what a line that is not there means.
        flush_all_on_reload=None if config is None else values.get("FlushAllOnReload", "yes") in {"yes", "true"},
        backend="" if config is None else values.get("FirewallBackend", "nftables"),
    )


def _why_not(answers: Answers) -> Missing:
    """Why the settings of a firewalld that runs are not known: a plain user, for one, may not ask for them."""
    names = _words(_reply(answers, asked.ZONES))
    tried = (asked.CMD_ZONES, *(asked.zone_settings(name) for name in names), asked.DEFAULT_ZONE)
    question = next((run_question(argv) for argv in tried if run_question(argv) in answers), run_question(tried[0]))
    return why_missing(answers, question, _HELP)


def _reply(answers: Answers, argv: tuple[str, ...]) -> object:
    answer = answers.get(run_question(argv))
    return None if answer is None else asked.reply(answer)


def _zones_from_bus(answers: Answers) -> dict[str, Settings]:
    names = _words(_reply(answers, asked.ZONES))
    found = {name: _plain(_reply(answers, asked.zone_settings(name))) for name in names}
    return {name: settings for name, settings in found.items() if settings}


def _policies_from_bus(answers: Answers) -> dict[str, Settings]:
    names = _words(_reply(answers, asked.POLICIES))
    found = {name: _plain(_reply(answers, asked.policy_settings(name))) for name in names}
    return {name: settings for name, settings in found.items() if settings}


def _plain(value: object) -> Settings:
    """busctl's {"target": {"type": "s", "data": "default"}} as {"target": "default"}; policies and zones name their
    rich rules differently."""
    if not isinstance(value, dict):
        return {}
    plain = {key: entry.get("data") for key, entry in value.items() if isinstance(entry, dict)}
    if "rules_str" in plain:
        plain["rich_rules"] = plain.pop("rules_str")
    return plain


def _blocks(text: str) -> dict[str, Settings]:
    """firewall-cmd's list: a line with the name, indented lines `key: values`, deeper ones for what has a line each."""
    blocks: dict[str, Settings] = {}
    settings: Settings = {}
    several: list[object] = []
    for line in text.splitlines():
        if line and not line[0].isspace():
            settings = blocks.setdefault(line.split()[0], {})
        elif line.startswith("\t"):
            several.append(line.strip())
        elif line.strip():
            key, _, value = line.strip().partition(":")
            several = []
            _set(settings, key.replace("-", "_").replace(" ", "_"), value.strip(), several)
    return blocks


def _set(settings: Settings, key: str, value: str, several: list[object]) -> None:
    if key in _LISTS:
        settings[key] = value.split()
    elif key in _PORT_LISTS:
        settings[key] = [port.split("/") for port in value.split()]
    elif key in {"rich_rules", "forward_ports"}:
        settings[key] = several
    else:
        settings[key] = int(value) if value.lstrip("-").isdecimal() else value


def _zone(name: str, settings: Settings) -> Zone:
    return Zone(
        name=name,
        target=word(settings.get("target"), "default"),
        services=_words(settings.get("services")),
        ports=_ports(settings.get("ports")),
        protocols=_words(settings.get("protocols")),
        source_ports=_ports(settings.get("source_ports")),
        forward_ports=_forward_ports(settings.get("forward_ports")),
        rich_rules=_words(settings.get("rich_rules")),
        interfaces=_words(settings.get("interfaces")),
        sources=_words(settings.get("sources")),
        ingress_priority=number(settings.get("ingress_priority")),
    )


def _stored(answers: Answers, zone: Zone) -> Zone:
    """The zone with what its permanent configuration says, from the first file that could be read."""
    for folder in asked.ZONE_FOLDERS:
        path = f"{folder}/{zone.name}.xml"
        answer = answers.get(read_question(path))
        text = answer.text if isinstance(answer, Text) else ""
        root = root_of(text)
        if isinstance(answer, Forbidden | Failed):
            return zone
        if root is not None:
            services = tuple(entry.get("name", "") for entry in children(root, "service"))
            return msgspec.structs.replace(zone, stored_services=services, stored_in=path, stored_text=text)
    return zone


def _policy(name: str, settings: Settings) -> Policy:
    return Policy(
        name=name,
        target=word(settings.get("target"), "CONTINUE"),
        services=_words(settings.get("services")),
        ports=_ports(settings.get("ports")),
        protocols=_words(settings.get("protocols")),
        source_ports=_ports(settings.get("source_ports")),
        forward_ports=_forward_ports(settings.get("forward_ports")),
        rich_rules=_words(settings.get("rich_rules")),
        ingress=_words(settings.get("ingress_zones")),
        egress=_words(settings.get("egress_zones")),
        priority=number(settings.get("priority"), -1),
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()


def _ports(value: object) -> tuple[PortSpec, ...]:
    entries = value if isinstance(value, list) else []
    pairs = (_words(entry)[:2] for entry in entries)
    return tuple((pair[0], pair[1]) for pair in pairs if len(pair) == 2)


def _forward_ports(value: object) -> tuple[PortSpec, ...]:
    """Port and protocol of each, from ["69","udp","1069",""] or port=69:proto=udp:toport=1069:toaddr=."""
    ports: list[PortSpec] = []
    for entry in value if isinstance(value, list) else []:
        if isinstance(entry, str):
            parts = dict(part.partition("=")[::2] for part in entry.split(":"))
            ports.append((parts.get("port", ""), parts.get("proto", "")))
        else:
            ports += _ports([entry])
    return tuple(ports)


def _service_files(answers: Answers) -> tuple[Service, ...]:
    found: dict[str, Service] = {}
    for folder in asked.SERVICE_FOLDERS:
        prefix = read_question(f"{folder}/")
        for question in sorted(key for key in answers if key.startswith(prefix)):
            name = question.removeprefix(prefix).removesuffix(".xml")
            service = _service(name, f"{folder}/{name}.xml", text_of(answers, question) or "")
            if service is not None:
                found.setdefault(name, service)
    return tuple(found[name] for name in sorted(found))


def _service(name: str, origin: str, text: str) -> Service | None:
    root = root_of(text)
    if root is None or root.tag != "service":
        return None
    ports = tuple((port.get("port", ""), port.get("protocol", "")) for port in children(root, "port"))
    source_ports = ((port.get("port", ""), port.get("protocol", "")) for port in children(root, "source-port"))
    addresses = (entry.get(family, "") for entry in children(root, "destination") for family in ("ipv4", "ipv6"))
    return Service(
        name=name,
        origin=origin,
        # A <port> without a number stands for its whole protocol (firewalld.service(5)).
        ports=tuple(port for port in ports if port[0]),
        protocols=(
            *(port[1] for port in ports if not port[0]),
            *(entry.get("value", "") for entry in children(root, "protocol")),
        ),
        source_ports=tuple(source_ports),
        includes=tuple(entry.get("service", "") for entry in children(root, "include")),
        destinations=tuple(address for address in addresses if address),
    )
