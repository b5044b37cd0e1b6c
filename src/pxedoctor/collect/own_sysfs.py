"""Whether /sys shows this network namespace's devices: a mounted sysfs keeps to the namespace it was mounted in.

`unshare --net` and `nsenter --net` alone leave /sys as it was (fs/sysfs/mount.c sysfs_init_fs_context).
"""

from pxedoctor.access.answer import Answers, read_question, run_question
from pxedoctor.collect.ask.bridges import NET
from pxedoctor.collect.ask.links import LINKS
from pxedoctor.collect.texts import json_of, records, text_of, word
from pxedoctor.model.fact import Missing

_LOOPBACK = frozenset({"lo"})


def is_of_another_namespace(answers: Answers, listing: frozenset[str]) -> bool:
    """`listing`: the devices in /sys. False where `ip`, which asks the kernel, tells of no bridge or was not heard.

    A device may go or come between the two questions. So no bridge may be in both, and besides /sys has devices that
    `ip` has not, or none but lo, or a device of the same name with another number.
    """
    told = json_of(answers, run_question(LINKS))
    links = () if isinstance(told, Missing) else records(told)
    names = frozenset(word(record.get("ifname")) for record in links)
    bridges = {word(record.get("ifname")): record.get("ifindex") for record in links if _is_bridge(record)}
    others = {name for name, index in bridges.items() if name in listing and _index(answers, name) not in {None, index}}
    if not bridges or any(name in listing and name not in others for name in bridges):
        return False
    return bool(listing - names) or listing <= _LOOPBACK or bool(others)


def _is_bridge(record: dict[str, object]) -> bool:
    info = record.get("linkinfo")
    return isinstance(info, dict) and info.get("info_kind") == "bridge"


def _index(answers: Answers, name: str) -> int | None:
    text = (text_of(answers, read_question(f"{NET}/{name}/ifindex")) or "").strip()
    return int(text) if text.isascii() and text.isdecimal() else None
