"""Understands the features of devices: whether one hands on packets whose sums are not filled yet."""

import re

import msgspec

from pxedoctor.access.answer import (
    Absent,
    Answer,
    Answers,
    Text,
    dump_question,
    list_question,
    read_question,
    run_question,
)
from pxedoctor.access.netlink_ethtool import FEATURES
from pxedoctor.collect.ask.offloads import NET, VHOST_NET, features
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.traffic_control import Offload

# HW_CSUM, under the name that ethtool gives it (net/ethtool/common.c, NETIF_F_HW_CSUM_BIT).
_GENERIC = "tx-checksum-ip-generic"
_LINE = rf"(?m)^\s*{_GENERIC}: (on|off)\b"


def parse(answers: Answers) -> tuple[Offload, ...] | Missing:
    """A device that vanished between the listing and the question is passed over; ethtool missing is told as such."""
    listing = text_of(answers, list_question(NET))
    if listing is None:
        return why_missing(answers, list_question(NET), "mount sysfs at /sys")
    wanted = [name for name in listing.splitlines() if _is_tap(answers, name) or _is_bridge(answers, name)]
    dumped = _dumped(answers)
    if dumped is not None:
        found = {device: _GENERIC in names for device, names in dumped.items()}
    else:
        found = {device: said for device in wanted if (said := _said(answers, device)) is not None}
        if wanted and not found:
            return why_missing(answers, run_question(features(wanted[0])), "install ethtool")
    return tuple(_offload(answers, device, found[device]) for device in wanted if device in found)


def _is_tap(answers: Answers, device: str) -> bool:
    return "tun_flags" in (text_of(answers, list_question(f"{NET}/{device}")) or "").splitlines()


def _is_bridge(answers: Answers, device: str) -> bool:
    return bool(text_of(answers, list_question(f"{NET}/{device}/bridge")))


def _dumped(answers: Answers) -> dict[str, frozenset[str]] | None:
    """The features that are on, of every device; None where there is no dump, or it is none."""
    text = text_of(answers, dump_question(FEATURES))
    if text is None:
        return None
    try:
        lines = [msgspec.json.decode(line, type=tuple[str, ...]) for line in text.splitlines()]
    except msgspec.MsgspecError:
        return None
    return {line[0]: frozenset(line[1:]) for line in lines if line}


def _said(answers: Answers, device: str) -> bool | None:
    """By `ethtool -k`; None where it said nothing of the kind."""
    said = re.search(_LINE, text_of(answers, run_question(features(device))) or "")
    return None if said is None else said.group(1) == "on"


def _offload(answers: Answers, device: str, takes_partial_sums: bool) -> Offload:
    return Offload(
        device=device,
        takes_partial_sums=takes_partial_sums,
        origin=" ".join(features(device)),
        vhost_net=_vhost_net(answers.get(read_question(VHOST_NET))),
    )


def _vhost_net(answer: Answer | None) -> bool | None:
    match answer:
        case Text():
            return True
        case Absent():
            return False
        case _:
            return None
