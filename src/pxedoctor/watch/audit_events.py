"""Listens to the kernel's audit, where it is on: NETFILTER_CFG tells of iptables-legacy, with the process.

What nf_tables does is told there too; the keeper hears that from nf_tables itself. The kernel tells in the first
network namespace alone (linux kernel/audit.c kauditd_send_multicast_skb).
"""

import struct

from pxedoctor.access.heard import Heard
from pxedoctor.access.netlink_message import messages
from pxedoctor.access.netlink_socket import asked, opened
from pxedoctor.watch.audit_message import GET_STATUS, Configured, is_on, parse

_NETLINK_AUDIT = 9
_READ_LOG = 1  # AUDIT_NLGRP_READLOG, as a bit of bind(2).
_RECEIVE_BYTES = 1024 * 1024
_ANSWER_BYTES = 64 * 1024
_ANSWER_SECONDS = 1.0


class AuditEvents:
    """Raises OSError where audit is not in the kernel, is off, or may not be heard."""

    def __init__(self) -> None:
        self.lost = 0
        _require_on()
        self._heard = Heard(_NETLINK_AUDIT, room=_RECEIVE_BYTES, groups=_READ_LOG)

    def fileno(self) -> int:
        return self._heard.fileno()

    def close(self) -> None:
        self._heard.close()

    def drain(self) -> tuple[Configured, ...]:
        found = []
        for datagram in self._heard.datagrams(self._lose):
            found += [told for kind, body in messages(datagram) if (told := parse(kind, body)) is not None]
        return tuple(found)

    def _lose(self) -> None:
        self.lost += 1


def _require_on() -> None:
    with opened(_NETLINK_AUDIT) as link:
        link.settimeout(_ANSWER_SECONDS)
        try:
            status = next(iter(asked(link, GET_STATUS, 0, b"", _ANSWER_BYTES)), b"")
            on = is_on(status)
        except (TimeoutError, struct.error) as error:
            raise OSError(0, "the kernel does not say whether audit is on") from error
    if not on:
        raise OSError(0, "audit is off in the kernel")
