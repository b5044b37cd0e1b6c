"""Understands sysfs' bridge files: times in 1/100 s, ids as hexadecimal words."""

from pxedoctor.access.answer import Answers, list_question, read_question, run_question
from pxedoctor.collect.ask.bridges import NET, xstats
from pxedoctor.collect.texts import json_of, number, records, text_of, why_missing
from pxedoctor.model.bridge import Bridge, Port, PortState, Stp
from pxedoctor.model.fact import Missing


def parse(answers: Answers) -> tuple[Bridge, ...] | Missing:
    listing = text_of(answers, list_question(NET))
    if listing is None:
        return why_missing(answers, list_question(NET), "mount sysfs at /sys")
    bridges: list[Bridge] = []
    for device in listing.splitlines():
        if not text_of(answers, list_question(f"{NET}/{device}/bridge")):
            continue
        bridge = _bridge(answers, device)
        if isinstance(bridge, Missing):
            return bridge
        bridges.append(bridge)
    return tuple(bridges)


def _bridge(answers: Answers, device: str) -> Bridge | Missing:
    folder = f"{NET}/{device}/bridge"
    try:
        return Bridge(
            name=device,
            stp=Stp(int(_read(answers, f"{folder}/stp_state"))),
            forward_delay=int(_read(answers, f"{folder}/forward_delay")) / 100,
            hello_time=int(_read(answers, f"{folder}/hello_time")) / 100,
            max_age=int(_read(answers, f"{folder}/max_age")) / 100,
            bridge_id=_read(answers, f"{folder}/bridge_id"),
            root_id=_read(answers, f"{folder}/root_id"),
            root_port=int(_read(answers, f"{folder}/root_port")),
            ports=_ports(answers, device),
        )
    except ValueError as error:
        return Missing("failed", f"{folder} could not be understood: {error}")


def _read(answers: Answers, path: str) -> str:
    text = text_of(answers, read_question(path))
    if text is None:
        raise ValueError(why_missing(answers, read_question(path)).why)
    return text.strip()


def _ports(answers: Answers, device: str) -> tuple[Port, ...]:
    names = text_of(answers, list_question(f"{NET}/{device}/brif")) or ""
    ports = (_port(answers, name) for name in names.splitlines())
    return tuple(port for port in ports if port is not None)


def _port(answers: Answers, name: str) -> Port | None:
    state = text_of(answers, read_question(f"{NET}/{name}/brport/state"))
    # A tap may vanish between the listing and the reading: then it is no port any more.
    if state is None:
        return None
    return Port(name=name, state=PortState(int(state)), bpdus_received=_bpdus(answers, name))


def _bpdus(answers: Answers, port: str) -> int | None:
    """The rx_bpdu and rx_tcn of `ip -j link xstats`; None where they were not asked for or not counted."""
    value = json_of(answers, run_question(xstats(port)))
    if isinstance(value, Missing):
        return None
    for record in records(value):
        for key in ("rx_bpdu", "rx_tcn"):
            if key not in _flat(record):
                return None
        flat = _flat(record)
        return number(flat["rx_bpdu"]) + number(flat["rx_tcn"])
    return None


def _flat(record: dict[str, object]) -> dict[str, object]:
    """All keys of nested dictionaries in one; iproute2 nests the counters under names that differ between versions."""
    flat: dict[str, object] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value)
        elif isinstance(value, list):
            for entry in records(value):
                flat |= _flat(entry)
        else:
            flat[key] = value
    return flat
