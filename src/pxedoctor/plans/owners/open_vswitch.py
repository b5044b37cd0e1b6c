"""Open vSwitch: a bridge of its own kind, in /etc/openvswitch/conf.db.

STP and RSTP are off unless `stp_enable` or `rstp_enable` is set; the delay is 4 to 30 s. What `ovs-vsctl set` writes is
in force at once and after the next start alike, so that there is nothing to edit.
"""

import json
import re

from pxedoctor.model.bridge_owner import KERNEL_DELAY, Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners.lines import split
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of

NAME = "Open vSwitch"
NEVER: tuple[Never, ...] = (
    Never("ovs-vsctl del-br BR", "takes the bridge away"),
    Never("systemctl restart openvswitch-switch", "stops every guest's traffic until the flows are back"),
)
_DATABASE = "/etc/openvswitch/conf.db"
_HEADER = re.compile(r"OVSDB (?:JSON|CLUSTER)")


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    file = files_of(host).at(_DATABASE)
    row: dict[str, object] = {}
    line, uuid = 0, ""
    for index, text in enumerate(split(file.text) if file else []):
        for key, change in _bridge_rows(text):
            if change.get("name") == bridge:
                uuid, line, row = key, index + 1, {}
            if key == uuid:
                row |= change
    if file is None or not uuid:
        return ()
    return (Claim(owner=NAME, bridge=bridge, path=file.path, line=line, text="", setting=_setting(row)),)


def _bridge_rows(line: str) -> list[tuple[str, dict[str, object]]]:
    """Of one record of ovsdb(5): the rows of table Bridge that it changes."""
    if not line.startswith("{"):
        return []
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return []
    rows = record.get("Bridge") if isinstance(record, dict) else None
    return [(key, row) for key, row in rows.items() if isinstance(row, dict)] if isinstance(rows, dict) else []


def _setting(row: dict[str, object]) -> Setting | Unclear:
    on = row.get("stp_enable") is True or row.get("rstp_enable") is True
    other = row.get("other_config")
    if on and isinstance(other, list) and "forward-delay" in json.dumps(other):
        return Unclear("its delay is in other_config")
    return Setting(stp=on, delay=KERNEL_DELAY)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    key, least = "stp-forward-delay", max(4, round(wish.delay))
    words = f"other_config:{key}={least}" if wish.stp else "stp_enable=false"
    return Told("its database is changed by itself alone", f"ovs-vsctl set Bridge {claim.bridge} {words}")
