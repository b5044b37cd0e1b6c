"""Understands `bridge -j vlan show` (iproute2 bridge/vlan.c): which VLANs a port, or a bridge itself, belongs to.

iproute2 before 4.19 prints one object keyed by device, later ones a list of objects with `ifname`; a range of ids is
`vlan` to `vlanEnd`.
"""

from pxedoctor.access.answer import Answers, run_question
from pxedoctor.collect.ask.bridges import VLANS
from pxedoctor.collect.texts import json_of, records
from pxedoctor.model.bridge import Vlan
from pxedoctor.model.fact import Missing


def vlans_of(answers: Answers, device: str) -> tuple[Vlan, ...] | None:
    """None where they could not be had or not be understood; () for a device that belongs to none."""
    value = json_of(answers, run_question(VLANS))
    if isinstance(value, Missing):
        return None
    if isinstance(value, dict):
        listed = value.get(device, [])
    else:
        entries = [entry.get("vlans") for entry in records(value) if entry.get("ifname") == device]
        listed = entries[0] if entries else []
    try:
        return tuple(_vlan(entry) for entry in listed) if isinstance(listed, list) else None
    except ValueError:
        return None


def _vlan(entry: object) -> Vlan:
    """ValueError where it is no VLAN."""
    if not isinstance(entry, dict) or not isinstance(entry.get("vlan"), int):
        raise ValueError(f"no VLAN: {entry}")
    first, last, flags = entry["vlan"], entry.get("vlanEnd", entry["vlan"]), entry.get("flags", [])
    if not isinstance(last, int) or not isinstance(flags, list):
        raise ValueError(f"no VLAN: {entry}")
    return Vlan(first=first, last=last, pvid="PVID" in flags, untagged="Egress Untagged" in flags)
