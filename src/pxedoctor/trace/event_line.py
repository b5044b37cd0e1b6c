"""One line of a tracefs instance's trace_pipe, understood: pure, and total.

    kworker/1:2-19715   [001] ..s1. 24792.528149: netif_receive_skb: dev=vnet9 skbaddr=ffff88823a846300 len=328

The task's name is anybody's text of 15 characters at most, padded to 16 (kernel/trace/trace_output.c,
trace_print_context): what follows is looked for behind it. The fields are those of the events' `format` files; kernels
before 5.17 print no reason, those before 6.6 no rx_sk, and up to 6.1 the location is a hashed address.
"""

import re
from collections.abc import Callable

from pxedoctor.model.traced import HeardEvent

_TASK = 16
_HEAD = re.compile(
    r"-\d+ +(?:\([ \d-]+\) )?\[(\d{1,5})\] +(?:\S{4,8} +)?(\d{1,12}\.\d{1,9}): (\w{1,40}): (.*)", re.ASCII | re.DOTALL
)
_RECEIVE = re.compile(r"dev=(\S{1,32}) skbaddr=(\S{1,20}) len=(\d{1,9})", re.ASCII)
_XMIT = re.compile(r"dev=(\S{1,32}) .*?skbaddr=(\S{1,20}) .*?protocol=0x([\da-f]{1,4}) .*?len=(\d{1,9})", re.ASCII)
_FREE = re.compile(r"skbaddr=(\S{1,20}) (?:rx_sk=\S{1,20} )?protocol=(\d{1,5}) location=(\S{1,100})(.*)", re.ASCII)
_REASON = re.compile(r" reason: (\w{1,60})", re.ASCII)
_LOST = re.compile(r"CPU:\d+ \[LOST (\d{1,12}) EVENTS\]", re.ASCII)

_DROP = re.compile(r"\[(\d{1,5})\][^:]* (\d{1,12}\.\d{1,9}): kfree_skb: skbaddr=(\S{1,20}) ", re.ASCII)

# Seconds of the trace's clock to seconds after the trace began.
OfMono = Callable[[float], float]


def parse(line: str, of_mono: OfMono) -> HeardEvent | None:
    """None for what is no event of ours."""
    head = _HEAD.match(line[_TASK:])
    if head is None:
        return None
    cpu, at, name, rest = int(head[1]), of_mono(float(head[2])), head[3], head[4].rstrip("\n")
    if name in {"netif_receive_skb", "net_dev_queue"}:
        found = _RECEIVE.match(rest)
        event = "receive" if name == "netif_receive_skb" else "queue"
        if found is None:
            return None
        return HeardEvent(at=at, cpu=cpu, event=event, device=found[1], buffer=found[2], length=int(found[3]))  # type: ignore[arg-type]
    if name == "net_dev_start_xmit":
        return _xmit(at, cpu, rest)
    return _free(at, cpu, rest) if name == "kfree_skb" else None


def lost(line: str) -> int:
    """How many events the kernel had no room for, where a line says so."""
    found = _LOST.match(line)
    return int(found[1]) if found else 0


def drop_in(line: str) -> tuple[str, int, float] | None:
    """Of a drop alone the buffer, the processor and the trace's own time: a tenth of the work of `parse`."""
    found = _DROP.search(line, _TASK)
    return (found[3], int(found[1]), float(found[2])) if found else None


def _xmit(at: float, cpu: int, rest: str) -> HeardEvent | None:
    found = _XMIT.match(rest)
    if found is None:
        return None
    return HeardEvent(
        at=at,
        cpu=cpu,
        event="xmit",
        device=found[1],
        buffer=found[2],
        protocol=int(found[3], 16),
        length=int(found[4]),
    )


def _free(at: float, cpu: int, rest: str) -> HeardEvent | None:
    found = _FREE.match(rest)
    if found is None:
        return None
    reason = _REASON.match(found[4])
    return HeardEvent(
        at=at,
        cpu=cpu,
        event="free",
        buffer=found[1],
        protocol=int(found[2]),
        location=found[3],
        reason=reason[1] if reason else "",
    )
