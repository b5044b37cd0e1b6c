"""Understands `ethtool -k`: whether a device hands on packets whose sums are not filled yet."""

import re

from pxedoctor.access.answer import Absent, Answer, Answers, Text, list_question, read_question, run_question
from pxedoctor.collect.ask.offloads import NET, VHOST_NET, features
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.traffic_control import Offload

# HW_CSUM, under the name that ethtool gives it (net/ethtool/common.c, NETIF_F_HW_CSUM_BIT).
_GENERIC = re.compile(r"^\s*tx-checksum-ip-generic: (on|off)\b", re.MULTILINE)


def parse(answers: Answers) -> tuple[Offload, ...] | Missing:
    """A device that vanished between the listing and the question is passed over; ethtool missing is told as such."""
    listing = text_of(answers, list_question(NET))
    if listing is None:
        return why_missing(answers, list_question(NET), "mount sysfs at /sys")
    asked = [device for device in listing.splitlines() if run_question(features(device)) in answers]
    found = [offload for offload in (_offload(answers, device) for device in asked) if offload is not None]
    if asked and not found:
        return why_missing(answers, run_question(features(asked[0])), "install ethtool")
    return tuple(found)


def _offload(answers: Answers, device: str) -> Offload | None:
    argv = features(device)
    said = _GENERIC.search(text_of(answers, run_question(argv)) or "")
    if said is None:
        return None
    return Offload(
        device=device,
        takes_partial_sums=said.group(1) == "on",
        origin=" ".join(argv),
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
