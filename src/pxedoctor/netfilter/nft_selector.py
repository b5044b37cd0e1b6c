"""The left side of nft's comparisons: which words name what is looked at, one expression or several joined by dots."""

import msgspec

from pxedoctor.netfilter.nft_key import EXTENSIONS, HEADERS, Key, key_of
from pxedoctor.netfilter.nft_words import NotUnderstoodError, Words

# meta keys that nft prints without `meta`, today or in older versions and in xtables' translations.
_UNQUALIFIED = frozenset(
    {"iif", "iifname", "iifgroup", "iiftype", "oif", "oifname", "oifgroup", "oiftype", "mark", "skuid", "skgid"}
    | {"pkttype", "cpu", "cgroup", "rtclassid", "ibrname", "obrname", "ibriport", "obriport", "nftrace"}
)
_CT_WORDS = frozenset(
    {"state", "status", "mark", "direction", "expiration", "helper", "label", "l3proto", "protocol", "zone", "id"}
    | {"saddr", "daddr", "proto-src", "proto-dst", "bytes", "packets", "avgpkt", "secmark", "event"}
    | {"timeout", "expectation"}
)
_FIB_RESULTS = frozenset({"oif", "oifname", "type"})
_FIB_INPUTS = frozenset({"saddr", "daddr", "mark", "iif", "oif"})
_NO_FIELDS = frozenset({"exists", "missing", "==", "!=", ""})
_ROUTE_WORDS = frozenset({"classid", "nexthop", "mtu", "ipsec"})
_OTHERS = frozenset({"fib", "socket", "osf", "numgen", "jhash", "symhash", "rt", "ipsec", "ct", "meta"})
SELECTORS = _UNQUALIFIED | EXTENSIONS | _OTHERS | HEADERS.keys()
# Words that begin expressions of which not even the extent is known here; they look at packets and do nothing to them.
LOOKING = SELECTORS | {"vxlan", "geneve", "gretap", "("}


class Operand(msgspec.Struct, frozen=True):
    """What is compared: expressions joined by dots, and for a single one the bits that are looked at.

    A value v becomes (v & keep) ^ flip first; keep None is all bits. `computed`: by something nobody models.
    """

    keys: tuple[Key, ...]
    keep: int | None = None
    flip: int = 0
    computed: bool = False


def begins_selector(word: str) -> bool:
    return word in SELECTORS or is_raw(word)


def is_raw(word: str) -> bool:
    """@nh,96,32: bits of a header by their place. @name is a set."""
    return word[:1] == "@" and word.count(",") == 2


def read_keys(words: Words, family: str) -> tuple[Key, ...]:
    """One expression, or several joined by dots. NotUnderstoodError for words that name none."""
    keys = [read_key(words, family)]
    while words.next == "." and begins_selector(words.ahead(1)):
        words.take()
        keys.append(read_key(words, family))
    return tuple(keys)


def read_key(words: Words, family: str) -> Key:
    start = words.at
    first = words.take()
    if first in _UNQUALIFIED:
        return key_of(f"meta {first}", family)
    if is_raw(first):
        return Key(first)
    if first in HEADERS:
        _header(words, first)
    elif first in _READERS:
        _READERS[first](words, family)
    elif first == "meta":
        words.take()
    elif first in EXTENSIONS:
        _extension(words)
    else:
        raise NotUnderstoodError(first)
    return key_of(words.text_since(start), family)


def _header(words: Words, header: str) -> None:
    field = words.take()
    if header == "arp" and field in {"saddr", "daddr"}:
        words.take()
    elif field in {"option", "chunk"} and not is_raw(words.take()):
        _extension(words)


def _extension(words: Words) -> None:
    """A header's or option's field, unless it is only asked whether there is one."""
    if words.next not in _NO_FIELDS:
        words.take()


def _connection(words: Words, family: str) -> None:
    del family
    if words.next in {"original", "reply"}:
        words.take()
        if words.next in {"ip", "ip6"}:
            words.take()
    if words.take() not in _CT_WORDS:
        raise NotUnderstoodError("ct")


def _route(words: Words, family: str) -> None:
    del family
    if words.next in {"ip", "ip6"}:
        words.take()
    words.take()


def _fib(words: Words, family: str) -> None:
    del family
    while words.next in _FIB_INPUTS:
        words.take()
        if not words.take_if("."):
            break
    if words.take_if("check"):
        return
    if words.take() not in _FIB_RESULTS:
        raise NotUnderstoodError("fib")


def _socket(words: Words, family: str) -> None:
    del family
    if words.take() == "cgroupv2":
        words.expect("level")
        words.take()


def _fingerprint(words: Words, family: str) -> None:
    del family
    if words.take_if("ttl"):
        words.take()
    words.take()


def _ipsec(words: Words, family: str) -> None:
    del family
    words.take()
    if words.take_if("spnum"):
        words.take()
    if words.take() in {"ip", "ip6"}:
        words.take()


def _number_generator(words: Words, family: str) -> None:
    del family
    words.take()
    _modulus(words)


def _hash(words: Words, family: str) -> None:
    read_keys(words, family)
    _modulus(words)


def _symmetric_hash(words: Words, family: str) -> None:
    del family
    _modulus(words)


def _modulus(words: Words) -> None:
    words.expect("mod")
    words.take()
    while words.next in {"seed", "offset"}:
        words.take()
        words.take()


_READERS = {
    "ct": _connection,
    "fib": _fib,
    "socket": _socket,
    "osf": _fingerprint,
    "ipsec": _ipsec,
    "numgen": _number_generator,
    "jhash": _hash,
    "symhash": _symmetric_hash,
    "rt": _route,
}
