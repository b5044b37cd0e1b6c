"""Asks tc for queueing disciplines, and for the filters of those devices that can have any.

1. One listing of all qdiscs.
2. The filters of bridges whose root qdisc can carry them: libvirt's nftables backend has its checksum filter there.
3. The egress filters of bridges and taps with a clsact qdisc.
4. The ingress filters of bridges and of their ports with a clsact or ingress qdisc.
"""

import json

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook

NET = "/sys/class/net"
QDISCS = ("tc", "-j", "qdisc", "show")

# What a device has by itself; none of them can carry a filter that changes packets.
_WITHOUT_FILTERS = frozenset({"noqueue", "noop", "pfifo_fast", "pfifo", "mq"})


def filters(device: str) -> tuple[str, ...]:
    return ("tc", "filter", "show", "dev", device)


def egress_filters(device: str) -> tuple[str, ...]:
    return ("tc", "filter", "show", "dev", device, "egress")


def ingress_filters(device: str) -> tuple[str, ...]:
    return ("tc", "filter", "show", "dev", device, "ingress")


def roots(listing: str) -> dict[str, str]:
    """Device to its root qdisc, as `htb 1:`, of those that can carry filters."""
    return {
        device: f"{kind} {record.get('handle', '')}"
        for device, kind, record in _qdiscs(listing)
        if record.get("root") and kind not in _WITHOUT_FILTERS
    }


def with_clsact(listing: str) -> frozenset[str]:
    if "clsact" not in listing:
        return frozenset()
    return frozenset(device for device, kind, _ in _qdiscs(listing) if kind == "clsact")


def with_ingress(listing: str) -> frozenset[str]:
    if "clsact" not in listing and "ingress" not in listing:
        return frozenset()
    return frozenset(device for device, kind, _ in _qdiscs(listing) if kind in {"clsact", "ingress"})


def _qdiscs(listing: str) -> list[tuple[str, str, dict[str, object]]]:
    try:
        records = json.loads(listing)
    except (ValueError, RecursionError):
        return []
    known = (record for record in records if isinstance(record, dict)) if isinstance(records, list) else ()
    return [(str(record.get("dev", "")), str(record.get("kind", "")), record) for record in known]


def ask(host: Notebook) -> None:
    answer = host.run(QDISCS)
    if not isinstance(answer, Text):
        return
    for device in roots(answer.text):
        if host.names(f"{NET}/{device}/bridge"):
            host.run(filters(device))
    for device in sorted(with_clsact(answer.text)):
        if host.names(f"{NET}/{device}/bridge") or "tun_flags" in host.names(f"{NET}/{device}"):
            host.run(egress_filters(device))
    for device in sorted(with_ingress(answer.text)):
        if host.names(f"{NET}/{device}/bridge") or host.names(f"{NET}/{device}/brport"):
            host.run(ingress_filters(device))
