"""Understands `bridge -j fdb show br BRIDGE` (iproute2 bridge/fdb.c): which addresses a bridge knows behind a port."""

from pxedoctor.access.answer import Answers, run_question
from pxedoctor.collect.ask.bridges import fdb
from pxedoctor.collect.texts import json_of, records, word
from pxedoctor.model.fact import Missing


def macs_of(answers: Answers, bridge: str, port: str) -> tuple[str, ...] | None:
    """In lower case; without the port's own address and those that its device listens to. None: could not be had."""
    value = json_of(answers, run_question(fdb(bridge)))
    if isinstance(value, Missing) or not isinstance(value, list):
        return None
    return tuple(word(entry.get("mac")).lower() for entry in records(value) if _is_behind(entry, port))


def _is_behind(entry: dict[str, object], port: str) -> bool:
    """`self` entries are the device's own filter; "permanent" ones with a master are local to the bridge (fdb.c)."""
    flags = entry.get("flags")
    own = (isinstance(flags, list) and "self" in flags) or entry.get("state") == "permanent"
    return entry.get("ifname") == port and not own
