"""nft's statements that are no comparisons: verdicts, counters, limits, logs, queues, sets that are written.

Each reader takes the words of one statement and adds what it says. NotUnderstoodError where its end is not known.
"""

import re
from collections.abc import Callable

from pxedoctor.netfilter.condition import Unmodelled
from pxedoctor.netfilter.nft_compare import read_operand, read_right
from pxedoctor.netfilter.nft_key import IS_IP, IS_IP6, is_protocol
from pxedoctor.netfilter.nft_nat import NAT
from pxedoctor.netfilter.nft_reading import Part, Reading
from pxedoctor.netfilter.nft_selector import begins_selector, read_keys
from pxedoctor.netfilter.nft_words import HIDDEN, NotUnderstoodError, Words
from pxedoctor.netfilter.nft_xt import XT
from pxedoctor.netfilter.syntax import End, Ends, GoesOn, Jump, NoTrack, Queue, Strange

_UNITS = frozenset({"packets", "packet", "bytes", "kbytes", "mbytes"})
_LOG_FLAGS = frozenset({"all", "tcp", "ip", "skuid", "ether"})
_QUEUE_WORDS = frozenset({"queue", "num", "to", "flags", "bypass", "fanout", ""})
_QUEUES = r"(?a)(\d{1,5})(?:-(\d{1,5}))?"
_REJECTS = {"icmp": IS_IP, "icmpv6": IS_IP6}


def _verdict(verdict: Ends) -> Callable[[Reading], None]:
    def read(reading: Reading) -> None:
        reading.words.take()
        reading.add([End(verdict)])

    return read


def _jump(reading: Reading) -> None:
    word = reading.words.take()
    if reading.words.next == "{":
        # A chain without a name, written where it is jumped to.
        raise NotUnderstoodError("a chain in a rule")
    reading.add([Jump(reading.words.take(), goto=word == "goto")])


def _reject(reading: Reading) -> None:
    words = reading.words
    words.take()
    if words.take_if("with"):
        kind = words.take()
        words.take_if("type")
        words.take()
        if kind in _REJECTS and reading.family != {"icmp": "ip", "icmpv6": "ip6"}[kind]:
            reading.add([_REJECTS[kind]])
        elif kind == "tcp":
            reading.add([is_protocol(6)])
    reading.add([End(Ends.REJECT)])


def _queue(reading: Reading) -> None:
    """Nothing comes after it."""
    words = reading.words.rest()
    bypass = any("bypass" in word.split(",") for word in words)
    reading.add([Queue(bypass, reading.text, _queues(words))])


def _queues(words: list[str]) -> tuple[int, int] | None:
    """`queue num 1-3 bypass,fanout`, `queue flags bypass to 1`; without a number it is queue 0."""
    said = [word for word in words if not {*word.split(",")} <= _QUEUE_WORDS]
    found = re.fullmatch(_QUEUES, said[0]) if len(said) == 1 else None
    if found is None:
        return None if said else (0, 0)
    return int(found[1]), int(found[2] or found[1])


def _named_object(reading: Reading) -> bool:
    """`name "x"`, or `name KEYS map {...}`, which may find none: whether that came."""
    words = reading.words
    if not words.take_if("name"):
        return False
    if begins_selector(words.next):
        operand = read_operand(words, reading.family)
        words.expect("map")
        read_right(words)
        reading.add(condition for key in operand.keys for condition in key.implied)
        reading.add([Unmodelled(reading.text)])
    else:
        words.take()
    return True


def _counter(reading: Reading) -> None:
    words = reading.words
    words.take()
    if not _named_object(reading) and words.next == "packets":
        for _ in range(4):
            words.take()
    reading.add([GoesOn(reading.text)])


def _last(reading: Reading) -> None:
    reading.words.take()
    if reading.words.take_if("used"):
        reading.words.take()
    reading.add([GoesOn(reading.text)])


def _limit(reading: Reading) -> None:
    """How full the bucket is, nobody knows."""
    words = reading.words
    words.take()
    if not _named_object(reading):
        _rate(words)
    reading.add([Unmodelled(reading.text)])


def _rate(words: Words) -> None:
    words.expect("rate")
    words.take_if("over")
    if "/" not in words.take():
        words.take()
    if words.take_if("burst"):
        words.take()
        if words.next in _UNITS:
            words.take()


def _quota(reading: Reading) -> None:
    words = reading.words
    words.take()
    if not _named_object(reading):
        if words.next in {"over", "until"}:
            words.take()
        _amount(words)
        if words.take_if("used"):
            _amount(words)
    reading.add([Unmodelled(reading.text)])


def _amount(words: Words) -> None:
    words.take()
    if words.take() not in _UNITS:
        raise NotUnderstoodError("an amount without a unit")


def _connections(reading: Reading) -> None:
    words = reading.words
    for _ in range(2):
        words.take()
    words.take_if("over")
    words.take()
    reading.add([Unmodelled(reading.text)])
    # nft 0.9 prints a space too many behind it.
    words.take_if(HIDDEN)


def _log(reading: Reading) -> None:
    words = reading.words
    words.take()
    while words.next in {"prefix", "level", "group", "snaplen", "queue-threshold"}:
        words.take()
        words.take()
    while words.take_if("flags"):
        while words.next in _LOG_FLAGS:
            if words.take() in {"tcp", "ip"}:
                words.take()
    reading.add([GoesOn(reading.text)])


def _notrack(reading: Reading) -> None:
    reading.words.take()
    reading.add([NoTrack()])


def _set_written(reading: Reading) -> None:
    """`add @s { ip saddr timeout 1m }`. A set that is full, or a limit in the braces, breaks the rule off."""
    words = reading.words
    if words.take() == "set":
        words.take()
        while words.take()[:1] != "@":
            pass
    else:
        if words.take()[:1] != "@":
            raise NotUnderstoodError("no set")
        reading.add(_key_conditions(words.braces(), reading.family))
    _goes_on_where_last(reading)


def _meter(reading: Reading) -> None:
    words = reading.words
    for _ in range(2):
        words.take()
    if words.take_if("size"):
        words.take()
    reading.add(_key_conditions(words.braces(), reading.family))
    reading.add([Unmodelled(reading.text)])


def _key_conditions(inside: list[str], family: str) -> list[Part]:
    try:
        return [condition for key in read_keys(Words(inside), family) for condition in key.implied]
    except NotUnderstoodError:
        return []


def _goes_on_where_last(reading: Reading) -> None:
    """It lets every packet go on, but perhaps not with this rule."""
    reading.add([Unmodelled(reading.text) if reading.words else GoesOn(reading.text)])


def _flow(reading: Reading) -> None:
    words = reading.words
    for _ in range(2):
        words.take()
    if words.take()[:1] != "@":
        raise NotUnderstoodError("no flowtable")
    _goes_on_where_last(reading)


def _synproxy(reading: Reading) -> None:
    """Other protocols are not its business (net/netfilter/nft_synproxy.c)."""
    words = reading.words
    words.take()
    if not _named_object(reading):
        while words.next in {"mss", "wscale", "timestamp", "sack-perm"}:
            if words.take() in {"mss", "wscale"}:
                words.take()
    reading.add([is_protocol(6), Strange(reading.text)])


def _option_reset(reading: Reading) -> None:
    reading.words.take()
    read_keys(reading.words, reading.family)
    _goes_on_where_last(reading)


STATEMENTS: dict[str, Callable[[Reading], None]] = {
    **{word.value: _verdict(word) for word in (Ends.ACCEPT, Ends.DROP, Ends.RETURN, Ends.CONTINUE)},
    "jump": _jump,
    "goto": _jump,
    "reject": _reject,
    "queue": _queue,
    "counter": _counter,
    "last": _last,
    "limit": _limit,
    "quota": _quota,
    "ct count": _connections,
    "log": _log,
    "notrack": _notrack,
    "add": _set_written,
    "update": _set_written,
    "delete": _set_written,
    "set": _set_written,
    "meter": _meter,
    "flow": _flow,
    "synproxy": _synproxy,
    "reset": _option_reset,
    **NAT,
    **XT,
}
