"""Understands sysfs' bridge files: times in 1/100 s, ids as hexadecimal words."""

import re

import msgspec

from pxedoctor.access.answer import Absent, Answers, list_question, read_question, run_question
from pxedoctor.collect.ask.bridges import NET, xstats
from pxedoctor.collect.ask.links import LINKS
from pxedoctor.collect.fdb import macs_of
from pxedoctor.collect.own_sysfs import is_of_another_namespace
from pxedoctor.collect.snooping import snooping_of
from pxedoctor.collect.texts import json_of, number, records, text_of, why_missing
from pxedoctor.collect.vlans import vlans_of
from pxedoctor.model.bridge import Bridge, Port, PortState, Stp
from pxedoctor.model.fact import Missing, Unmodelled


def parse(answers: Answers) -> tuple[Bridge | Unmodelled, ...] | Missing:
    listing = text_of(answers, list_question(NET))
    if listing is None:
        return why_missing(answers, list_question(NET), "mount sysfs at /sys")
    if is_of_another_namespace(answers, frozenset(listing.splitlines())):
        why = "/sys shows the devices of another network namespace, not the bridges of this one"
        return Missing("failed", why, "enter it with `ip netns exec`, or mount its own: mount -t sysfs sysfs /sys")
    devices = (name for name in listing.splitlines() if text_of(answers, list_question(f"{NET}/{name}/bridge")))
    locked = _locked(answers)
    found = (_bridge(answers, name, locked) for name in devices)
    return tuple(bridge for bridge in found if bridge is not None)


def _bridge(answers: Answers, device: str, locked: frozenset[str]) -> Bridge | Unmodelled | None:
    folder = f"{NET}/{device}/bridge"
    # A bridge may vanish between the listing and the reading: then it is no bridge any more.
    if isinstance(answers.get(read_question(f"{folder}/stp_state")), Absent):
        return None
    filtering = _switch(answers, f"{folder}/vlan_filtering", False)
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
            nf_call_iptables=_switch(answers, f"{folder}/nf_call_iptables", False),
            nf_call_ip6tables=_switch(answers, f"{folder}/nf_call_ip6tables", False),
            nf_call_arptables=_switch(answers, f"{folder}/nf_call_arptables", False),
            vlan_filtering=filtering,
            vlans=() if filtering is False else vlans_of(answers, device),
            default_pvid=_default_pvid(answers, folder),
            snooping=snooping_of(answers, device),
            ports=_ports(answers, device, filtering, locked),
        )
    except (ValueError, OverflowError) as error:
        return Unmodelled(kind="bridge", name=device, origin=folder, why=str(error))


def _default_pvid(answers: Answers, folder: str) -> int | None:
    """None where the kernel does not filter by VLAN, or the file could not be read."""
    text = (text_of(answers, read_question(f"{folder}/default_pvid")) or "").strip()
    return int(text) if text.isascii() and text.isdecimal() else None


def _read(answers: Answers, path: str) -> str:
    text = text_of(answers, read_question(path))
    if text is None:
        raise ValueError(why_missing(answers, read_question(path)).why)
    return text.strip()


def _ports(answers: Answers, device: str, filtering: bool | None, locked: frozenset[str]) -> tuple[Port, ...]:
    question = list_question(f"{NET}/{device}/brif")
    names = text_of(answers, question)
    if names is None:
        raise ValueError(why_missing(answers, question).why)
    ports = (_port(answers, device, name, filtering) for name in names.splitlines())
    return tuple(_with_macs(answers, device, port, port.name in locked) for port in ports if port is not None)


def _port(answers: Answers, device: str, name: str, filtering: bool | None) -> Port | None:
    path = f"{NET}/{name}/brport/state"
    # A tap may vanish between the listing and the reading: then it is no port any more.
    if isinstance(answers.get(read_question(path)), Absent):
        return None
    folder = f"{NET}/{name}/brport"
    return Port(
        name=name,
        state=PortState(int(_read(answers, path))),
        bpdus_received=_bpdus(answers, name),
        number=_number(answers, name),
        isolated=_switch(answers, f"{folder}/isolated", False),
        flood=_switch(answers, f"{folder}/unicast_flood", True),
        mcast_flood=_switch(answers, f"{folder}/multicast_flood", True),
        bcast_flood=_switch(answers, f"{folder}/broadcast_flood", True),
        learning=_switch(answers, f"{folder}/learning", True),
        vlans=() if filtering is False else vlans_of(answers, name),
    )


def _with_macs(answers: Answers, device: str, port: Port, locked: bool) -> Port:
    """Which MACs are behind a port matters only where the port does not take any that comes."""
    if port.learning and port.flood and not locked:
        return port
    return msgspec.structs.replace(port, locked=locked, macs=macs_of(answers, device, port.name))


def _switch(answers: Answers, path: str, default: bool) -> bool | None:
    """0 or 1; the default where this kernel has no such file, None where it could not be read."""
    if isinstance(answers.get(read_question(path)), Absent):
        return default
    return {"0": False, "1": True}.get((text_of(answers, read_question(path)) or "").strip())


def _locked(answers: Answers) -> frozenset[str]:
    """Linux 5.18 and later, and told by iproute2 5.18 and later only: an older one cannot lock a port either."""
    if '"locked":true' not in (text_of(answers, run_question(LINKS)) or "").replace(" ", ""):
        return frozenset()
    value = json_of(answers, run_question(LINKS))
    entries = () if isinstance(value, Missing) else records(value)
    return frozenset(str(entry.get("ifname")) for entry in entries if _flat(entry).get("locked") is True)


def _number(answers: Answers, port: str) -> int | None:
    """brport/port_no is hexadecimal with 0x (br_sysfs_if.c); None where it was not asked for or cannot be read."""
    text = (text_of(answers, read_question(f"{NET}/{port}/brport/port_no")) or "").strip()
    return int(text, 16) if re.fullmatch(r"0x[0-9a-f]{1,4}", text) else None


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
