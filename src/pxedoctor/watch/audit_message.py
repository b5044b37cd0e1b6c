"""What the kernel's audit says of a changed table: `table=filter:5 family=2 entries=8 op=xt_replace pid=7 comm="..."`.

Sources: include/uapi/linux/audit.h (AUDIT_GET, AUDIT_NETFILTER_CFG, struct audit_status), kernel/auditsc.c
(__audit_log_nfcfg).
"""

import re
import struct

import msgspec

GET_STATUS = 1000
_NETFILTER_CFG = 1325
_STATUS = struct.Struct("=II")
_CHANGE = re.compile(r"table=(\S+?)(?::\d+)? .*?op=(xt_\w+) pid=(\d+)")
_QUOTED = re.compile(r'comm="([^"]*)"')
# What is not printable is written in hexadecimal (audit_log_untrustedstring).
_HEX = re.compile(r"comm=((?:[0-9A-F]{2})+)(?:\s|$)")


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """A table of iptables-legacy was changed by this process."""

    table: str
    pid: int
    name: str


def is_on(status: bytes) -> bool:
    """struct.error where the answer breaks off."""
    return bool(_STATUS.unpack_from(status)[1])


def parse(kind: int, body: bytes) -> Configured | None:
    """None for every other record, and for a change by nf_tables."""
    text = body.partition(b"\0")[0].decode(errors="backslashreplace")
    change = _CHANGE.search(text) if kind == _NETFILTER_CFG else None
    if change is None:
        return None
    return Configured(table=change.group(1), pid=int(change.group(3)), name=_name(text))


def _name(text: str) -> str:
    if quoted := _QUOTED.search(text):
        return quoted.group(1)
    coded = _HEX.search(text)
    return bytes.fromhex(coded.group(1)).decode(errors="backslashreplace") if coded else ""
