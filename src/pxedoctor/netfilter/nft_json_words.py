"""Expressions and values of nft's JSON as the words that its text has for them (libnftables-json(5), "EXPRESSIONS").

Whatever a string holds, it stays one word. NotUnderstoodError for what has no words here.
"""

from collections.abc import Callable, Mapping

from pxedoctor.netfilter.nft_kind import Kind, Names
from pxedoctor.netfilter.nft_selector import begins_selector, read_keys
from pxedoctor.netfilter.nft_words import NotUnderstoodError, Words

_UNQUALIFIED = frozenset({"iif", "iifname", "iifgroup", "oif", "oifname", "oifgroup"})
_OPERATORS = frozenset({"&", "|", "^", "<<", ">>"})


def expression_words(value: object) -> list[str]:
    """What is looked at: {"payload": {...}}, {"meta": {...}}, {"&": [.., ..]}, {"concat": [..]}."""
    kind, inside = single(value)
    if kind == "concat":
        parts = [expression_words(part) for part in as_list(inside)]
        return [word for part in parts for word in (".", *part)][1:]
    if kind in _OPERATORS:
        left, *rights = as_list(inside)
        words = expression_words(left)
        for right in rights:
            words += [kind, value_word(right)]
        return words
    if kind not in _EXPRESSIONS or not isinstance(inside, Mapping):
        raise NotUnderstoodError(kind)
    return [word for word in _EXPRESSIONS[kind](inside) if word]


def kinds_of(words: list[str], family: str) -> tuple[Kind, ...]:
    """The kinds of what expression words look at: a name is quoted among words, and not in JSON."""
    if not words or not begins_selector(words[0]):
        raise NotUnderstoodError("no expression")
    return tuple(key.kind for key in read_keys(Words(words), family))


def value_word(value: object, kind: Kind | None = None) -> str:
    """A value, a prefix, a range or flags, as one word."""
    match value:
        case bool():
            return "exists" if value else "missing"
        case int():
            return str(value)
        case str():
            return _string(value, kind)
        case list():
            return ",".join(value_word(flag) for flag in value)
        case {"prefix": {"addr": address, "len": int(length)}}:
            return f"{value_word(address, kind)}/{length}"
        case {"range": [low, high]}:
            return f"{value_word(low, kind)}-{value_word(high, kind)}"
        case {"|": [*flags]}:
            return ",".join(value_word(flag) for flag in flags)
        case _:
            raise NotUnderstoodError("a value")


def _string(text: str, kind: Kind | None) -> str:
    # The number of a device that is gone is a string too; a device called so is not told apart.
    if isinstance(kind, Names) and not (not kind.prefixes and text.isdecimal()):
        return f'"{text}"'
    return text or '""'


def element_words(value: object, kinds: tuple[Kind, ...]) -> list[str]:
    """The key of an element: one value, or {"concat": [...]}."""
    if value == "*":
        return ["*"]
    parts = as_list(value["concat"]) if isinstance(value, Mapping) and "concat" in value else [value]
    of = kinds if len(kinds) == len(parts) else (None,) * len(parts)
    words = [_part_words(part, kind) for part, kind in zip(parts, of, strict=True)]
    return [word for part in words for word in (".", *part)][1:]


def _part_words(value: object, kind: Kind | None) -> list[str]:
    """Flags come in a list, or two by two: ["syn", "ack"], {"|": [{"|": ["fin", "syn"]}, "ack"]}."""
    flags = value if isinstance(value, list) else value["|"] if isinstance(value, Mapping) and "|" in value else None
    if flags is None:
        return [value_word(value, kind)]
    return [word for flag in as_list(flags) for word in ("|", *_part_words(flag, kind))][1:]


def single(value: object) -> tuple[str, object]:
    """The only key of an object, and what it holds."""
    if not isinstance(value, Mapping) or len(value) != 1:
        raise NotUnderstoodError("not an object with one key")
    ((key, inside),) = value.items()
    return str(key), inside


def as_list(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise NotUnderstoodError("not a list")
    return value


def string(found: Mapping[str, object], key: str) -> str:
    """The string or number of that name; "" where there is none."""
    value = found.get(key)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _meta(found: Mapping[str, object]) -> list[str]:
    key = string(found, "key")
    return [key] if key in _UNQUALIFIED else ["meta", key]


def _payload(found: Mapping[str, object]) -> list[str]:
    if "tunnel" in found:
        raise NotUnderstoodError("inside a tunnel")
    if "base" in found:
        return [f"@{string(found, 'base')},{string(found, 'offset')},{string(found, 'len')}"]
    return [string(found, "protocol"), *string(found, "field").split()]


def _extension_header(found: Mapping[str, object]) -> list[str]:
    name, field = string(found, "name"), string(found, "field")
    return [name, field] if field else ["exthdr", name]


def _option(header: str, word: str) -> Callable[[Mapping[str, object]], list[str]]:
    def words(found: Mapping[str, object]) -> list[str]:
        if "base" in found:
            return [header, word, f"@{string(found, 'base')},{string(found, 'offset')},{string(found, 'len')}"]
        return [header, word, string(found, "name"), string(found, "field")]

    return words


def _connection(found: Mapping[str, object]) -> list[str]:
    return ["ct", string(found, "dir"), string(found, "family"), *string(found, "key").split()]


def _fib(found: Mapping[str, object]) -> list[str]:
    flags = found.get("flags")
    asked = [str(flag) for flag in flags] if isinstance(flags, list) else [str(flags)]
    return ["fib", *[word for flag in asked for word in (".", flag)][1:], string(found, "result")]


def _number_generator(found: Mapping[str, object]) -> list[str]:
    return ["numgen", string(found, "mode"), "mod", string(found, "mod"), *_given(found, "offset")]


def _hash(found: Mapping[str, object]) -> list[str]:
    keys = expression_words(found.get("expr"))
    return ["jhash", *keys, "mod", string(found, "mod"), *_given(found, "seed"), *_given(found, "offset")]


def _symmetric_hash(found: Mapping[str, object]) -> list[str]:
    return ["symhash", "mod", string(found, "mod"), *_given(found, "offset")]


def _given(found: Mapping[str, object], key: str) -> list[str]:
    value = string(found, key)
    return [] if value in {"", "0"} else [key, value]


def _ipsec(found: Mapping[str, object]) -> list[str]:
    return ["ipsec", string(found, "dir"), *_given(found, "spnum"), string(found, "family"), string(found, "key")]


_EXPRESSIONS: dict[str, Callable[[Mapping[str, object]], list[str]]] = {
    "meta": _meta,
    "payload": _payload,
    "exthdr": _extension_header,
    "tcp option": _option("tcp", "option"),
    "ip option": _option("ip", "option"),
    "dccp option": _option("dccp", "option"),
    "sctp chunk": _option("sctp", "chunk"),
    "ct": _connection,
    "fib": _fib,
    "numgen": _number_generator,
    "jhash": _hash,
    "symhash": _symmetric_hash,
    "socket": lambda found: ["socket", string(found, "key")],
    "osf": lambda found: ["osf", *(["ttl", string(found, "ttl")] if "ttl" in found else []), string(found, "key")],
    "rt": lambda found: ["rt", string(found, "family"), string(found, "key")],
    "ipsec": _ipsec,
}
