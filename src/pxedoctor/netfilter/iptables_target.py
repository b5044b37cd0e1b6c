"""The targets of iptables and ip6tables: what a rule does when its matches are met.

Semantics: iptables-extensions(8), net/netfilter/xt_*.c. A target that answers XT_CONTINUE and changes nothing that
later rules see is `GoesOn`; one that nobody here knows is `Strange`: the packet may end there.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.saved_values import with_mask
from pxedoctor.netfilter.saved_words import shown
from pxedoctor.netfilter.syntax import (
    Action,
    Changes,
    End,
    Ends,
    Fill,
    GoesOn,
    NoTrack,
    Queue,
    Rewrite,
    Strange,
    WriteMark,
)

Actions = tuple[Action, ...]
_FULL = 0xFFFFFFFF
_QUEUE_OPTIONS = frozenset({"--queue-num", "--queue-balance", "--queue-bypass", "--queue-cpu-fanout"})
_QUEUE_DIGITS = 5

_ENDS = {"ACCEPT": Ends.ACCEPT, "DROP": Ends.DROP, "RETURN": Ends.RETURN}
_GOES_ON = frozenset({
    "AUDIT", "CLASSIFY", "CONNSECMARK", "DSCP", "ECN", "IDLETIMER", "LED", "LOG", "NFLOG", "RATEEST", "SECMARK",
    "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TRACE", "ULOG",
})  # fmt: skip


# The same few targets end most rules of a large listing.
@lru_cache(maxsize=4096)
def of_target(name: str, words: tuple[str, ...], chain: str) -> Actions:
    """`words` are what stands behind `-j name`; `chain` the rule's chain (NETMAP depends on it)."""
    strange = Strange(shown(["-j", name, *words]))
    if name in _ENDS:
        return (End(_ENDS[name]),) if not words else (strange,)
    if name in _GOES_ON:
        return (GoesOn(strange.text),)
    build = _TARGETS.get(name)
    if build is None:
        return (strange,)
    try:
        return build(words, chain, strange)
    except (KeyError, ValueError):
        return (strange,)


def _reject(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    del chain
    known = not words or (len(words) == 2 and words[0] == "--reject-with")
    return (End(Ends.REJECT),) if known else (strange,)


def _queue(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    """Libxt_NFQUEUE.c: queue 0 where nothing else is said."""
    del chain
    said = dict(pairwise(words))
    numbers = said.get("--queue-balance", said.get("--queue-num", "0")).split(":")
    known = {word for word in words if word.startswith("-")} <= _QUEUE_OPTIONS
    known = known and all(number.isascii() and number.isdigit() and len(number) <= _QUEUE_DIGITS for number in numbers)
    return (Queue("--queue-bypass" in words, strange.text, (int(numbers[0]), int(numbers[-1])) if known else None),)


def mark_bits(option: str, text: str) -> tuple[int, int]:
    """(keep, flip) of --set-xmark, --set-mark, --and-mark, --or-mark, --xor-mark (xt_mark.c). KeyError, ValueError."""
    value, mask = with_mask(text)
    return {
        "--set-xmark": (~mask & _FULL, value),
        "--set-mark": (~(mask | value) & _FULL, value),
        "--and-mark": (value, 0),
        "--or-mark": (~value & _FULL, value),
        "--xor-mark": (_FULL, value),
    }[option]


def _writes(words: tuple[str, ...]) -> tuple[int, int]:
    option, text = words
    return mark_bits(option, text)


def _mark(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    """xt_mark.c goes on whatever it writes."""
    del chain, strange
    try:
        keep, flip = _writes(words)
    except (KeyError, ValueError):
        return (WriteMark(Field.MARK, known=False),)
    return (WriteMark(Field.MARK, keep, flip),)


def _connmark(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    """xt_connmark.c goes on whatever it writes."""
    del chain, strange
    try:
        if words[:1] == ("--restore-mark",):
            return (WriteMark(Field.MARK, ~_copied(words[1:]) & _FULL, copied_from=Field.CT_MARK),)
        if words[:1] == ("--save-mark",):
            return (WriteMark(Field.CT_MARK, ~_copied(words[1:]) & _FULL, copied_from=Field.MARK),)
        keep, flip = _writes(words)
    except (KeyError, ValueError):
        return (WriteMark(Field.CT_MARK, known=False), WriteMark(Field.MARK, known=False))
    return (WriteMark(Field.CT_MARK, keep, flip),)


def _copied(words: tuple[str, ...]) -> int:
    """The bits that are copied. ValueError where the masks of the two marks differ: that is not modelled."""
    masks = dict(zip(words[::2], words[1::2], strict=True))
    if not {"--nfmask", "--ctmask", "--mask"}.issuperset(masks):
        raise ValueError(f"not masks: {shown(words)}")
    bits = {with_mask(mask)[0] for mask in masks.values()} or {_FULL}
    if len(bits) != 1 or masks.keys() in ({"--nfmask"}, {"--ctmask"}):
        raise ValueError(f"two masks: {shown(words)}")
    return bits.pop()


def _hmark(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    del words, chain
    return (WriteMark(Field.MARK, known=False), GoesOn(strange.text))


def _set(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    """xt_set.c goes on; --map-set writes the mark that it finds in the set."""
    return _hmark(words, chain, strange) if "--map-set" in words else (GoesOn(strange.text),)


def _notrack(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    del chain
    return (strange,) if words else (NoTrack(),)


def _ct(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    """xt_CT.c: helper, zone, events, timeout: a template for the connection; the packet goes on."""
    del chain
    return (NoTrack(),) if words == ("--notrack",) else (GoesOn(strange.text),)


def _ttl(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    """xt_HL.c, both versions."""
    del words, chain
    return (Changes((Field.TTL,), strange.text),)


def _source(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    del words, chain
    return (Rewrite("source", strange.text),)


def _destination(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    del words, chain
    return (Rewrite("destination", strange.text),)


def _netmap(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    """xt_NETMAP.c: which end depends on the hook, which a user's chain does not tell."""
    if chain in ("PREROUTING", "OUTPUT"):
        return _destination(words, chain, strange)
    return _source(words, chain, strange) if chain in ("POSTROUTING", "INPUT") else (strange,)


def _checksum(words: tuple[str, ...], chain: str, strange: Strange) -> Actions:
    del chain
    return (Fill(),) if words == ("--checksum-fill",) else (strange,)


_TARGETS: dict[str, Callable[[tuple[str, ...], str, Strange], Actions]] = {
    "REJECT": _reject,
    "QUEUE": _queue,
    "NFQUEUE": _queue,
    "MARK": _mark,
    "CONNMARK": _connmark,
    "HMARK": _hmark,
    "SET": _set,
    "NOTRACK": _notrack,
    "CT": _ct,
    "TTL": _ttl,
    "HL": _ttl,
    "SNAT": _source,
    "MASQUERADE": _source,
    "DNAT": _destination,
    "REDIRECT": _destination,
    "NETMAP": _netmap,
    "CHECKSUM": _checksum,
}
TARGETS = frozenset(_ENDS) | _GOES_ON | frozenset(_TARGETS)
