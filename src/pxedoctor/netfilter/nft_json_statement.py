"""Statements of nft's JSON as the words that its text has for them (libnftables-json(5), "STATEMENTS").

NotUnderstoodError for what has no words here.
"""

from collections.abc import Callable, Mapping

from pxedoctor.netfilter.nft_json_set import non_empty, right_words, verdict_words
from pxedoctor.netfilter.nft_json_words import (
    as_list,
    element_words,
    expression_words,
    kinds_of,
    single,
    string,
    value_word,
)
from pxedoctor.netfilter.nft_words import NotUnderstoodError


def statement_words(kind: str, value: object, family: str) -> list[str]:
    """The words of {kind: value}. What they mean is read from them."""
    found = _STATEMENTS.get(kind)
    if found is None:
        raise NotUnderstoodError(kind)
    return [word for word in found(value, family) if word]


def _match(value: object, family: str) -> list[str]:
    match value:
        case {"op": str(operator), "left": left, "right": right}:
            words = expression_words(left)
            kinds = kinds_of(words, family)
            implicit = operator == "in" or (operator == "==" and len(words) < 4 and not any(k.flags for k in kinds))
            return [*words, *([] if implicit else [operator]), *right_words(right, kinds)]
        case _:
            raise NotUnderstoodError("match")


def _verdict_map(value: object, family: str) -> list[str]:
    match value:
        case {"key": key, "data": data}:
            words = expression_words(key)
            return [*words, "vmap", *right_words(data, kinds_of(words, family), is_map=True)]
        case _:
            raise NotUnderstoodError("vmap")


def _mangle(value: object, family: str) -> list[str]:
    match value:
        case {"key": key, "value": written}:
            words = expression_words(key)
            kinds_of(words, family)
            return [*words, "set", *_written(written, family)]
        case _:
            raise NotUnderstoodError("mangle")


def _written(value: object, family: str) -> list[str]:
    """A value that is written: constant, an expression, or what a map says."""
    match value:
        case {"map": {"key": key, "data": data}}:
            words = expression_words(key)
            return [*words, "map", *right_words(data, kinds_of(words, family), is_map=True)]
        case {"prefix": _} | {"range": _} | bool() | int() | str() | list():
            return [value_word(value)]
        case {"concat": _} | {"|": [str(), *_]}:
            return element_words(value, ())
        case _:
            return expression_words(value)


def _counter(value: object, family: str) -> list[str]:
    match value:
        case {"packets": int(packets), "bytes": int(size)}:
            return ["counter", "packets", str(packets), "bytes", str(size)]
        case None:
            return ["counter"]
        case _:
            return ["counter", *_object(value, family)]


def _object(value: object, family: str) -> list[str]:
    """A named object, or a map that says which."""
    if isinstance(value, str):
        return ["name", f'"{value}"']
    return ["name", *_written(value, family)]


def _limit(value: object, family: str) -> list[str]:
    if not isinstance(value, Mapping) or "map" in value:
        return ["limit", *_object(value, family)]
    over = ["over"] if value.get("inv") is True else []
    unit, rate, per = string(value, "rate_unit"), string(value, "rate"), string(value, "per")
    amount = [rate, f"{unit}/{per}"] if unit not in {"", "packets"} else [f"{rate}/{per}"]
    burst = string(value, "burst")
    shown = ["burst", burst, string(value, "burst_unit") or "packets"] if burst not in {"", "0", "5"} else []
    return ["limit", "rate", *over, *amount, *shown]


def _quota(value: object, family: str) -> list[str]:
    if not isinstance(value, Mapping) or "map" in value:
        return ["quota", *_object(value, family)]
    over = "over" if value.get("inv") is True else ""
    used = string(value, "used")
    said = ["used", used, string(value, "used_unit")] if used not in {"", "0"} else []
    return ["quota", over, string(value, "val"), string(value, "val_unit"), *said]


def _connections(value: object, family: str) -> list[str]:
    del family
    if not isinstance(value, Mapping):
        raise NotUnderstoodError("ct count")
    return ["ct", "count", "over" if value.get("inv") is True else "", string(value, "val")]


def _log(value: object, family: str) -> list[str]:
    del family
    if value is None:
        return ["log"]
    if not isinstance(value, Mapping):
        raise NotUnderstoodError("log")
    words = ["log", *(["prefix", f'"{string(value, "prefix")}"'] if "prefix" in value else [])]
    for key in ("level", "group", "snaplen", "queue-threshold"):
        words += [key, string(value, key)] if key in value else []
    flags = value.get("flags")
    # What is logged is nothing to the packet.
    return [*words, *(["flags", "all"] if flags else [])]


def _reject(value: object, family: str) -> list[str]:
    del family
    match value:
        case {"type": "tcp reset"}:
            return ["reject", "with", "tcp", "reset"]
        case {"type": str(kind), "expr": expression}:
            return ["reject", "with", kind, value_word(expression)]
        case None:
            return ["reject"]
        case _:
            raise NotUnderstoodError("reject")


def _queue(value: object, family: str) -> list[str]:
    del family
    if value is None:
        return ["queue"]
    if not isinstance(value, Mapping):
        raise NotUnderstoodError("queue")
    flags = value.get("flags")
    said = ["flags", value_word(flags)] if flags else []
    return ["queue", *said, *_queue_number(value.get("num"))]


def _queue_number(number: object) -> list[str]:
    match number:
        case None:
            return []
        case int():
            return ["to", value_word(number)]
        case {"range": [int(first), int(last)]}:
            return ["to", f"{first}-{last}"]
        case _:
            # By an expression, as `numgen inc mod 2`: any of its words says that no number is told.
            return ["to", "numgen"]


def _extension(value: object, family: str) -> list[str]:
    del family
    match value:
        case {"type": str(kind), "name": str(name)}:
            return ["xt", kind, f'"{name}"']
        case _:
            raise NotUnderstoodError("xt")


def _set_written(word: str) -> Callable[[object, str], list[str]]:
    """{"set": {"op": "add", "elem": .., "set": "@s", "stmt": [..]}}, and "map" with its data."""

    def words(value: object, family: str) -> list[str]:
        if not isinstance(value, Mapping):
            raise NotUnderstoodError(word)
        operation, element = string(value, "op"), value.get("elem")
        if operation not in {"add", "update", "delete"}:
            raise NotUnderstoodError(operation)
        keys = _written_keys(element, family)
        statements = [single(statement)[0] for statement in as_list(value["stmt"])] if value.get("stmt") else []
        return [operation, non_empty(string(value, word)), "{", *keys, *statements, "}"]

    return words


def _written_keys(element: object, family: str) -> list[str]:
    """What of the packet is written into a set: an expression, or {"elem": {"val": ...}} with more beside it."""
    if isinstance(element, Mapping) and "elem" in element:
        inside = element["elem"]
        element = inside.get("val") if isinstance(inside, Mapping) else None
    keys = expression_words(element)
    kinds_of(keys, family)
    return keys


def _meter(value: object, family: str) -> list[str]:
    if not isinstance(value, Mapping):
        raise NotUnderstoodError("meter")
    keys = _written_keys(value.get("key"), family)
    return ["meter", non_empty(string(value, "name")), "{", *keys, single(value.get("stmt"))[0], "}"]


def _nat(word: str) -> Callable[[object, str], list[str]]:
    def words(value: object, family: str) -> list[str]:
        if value is None:
            return [word]
        if not isinstance(value, Mapping):
            raise NotUnderstoodError(word)
        address = _written(value["addr"], family) if "addr" in value else []
        port = _written(value["port"], family) if "port" in value else []
        return [word, string(value, "family"), *(["to"] if address or port else []), *address, *port]

    return words


def _proxy(value: object, family: str) -> list[str]:
    del family
    if not isinstance(value, Mapping):
        raise NotUnderstoodError("tproxy")
    target = f"{value_word(value.get('addr', ''))}:{value_word(value.get('port', ''))}".replace('""', "")
    return ["tproxy", string(value, "family"), "to", target]


def _copied(word: str) -> Callable[[object, str], list[str]]:
    def words(value: object, family: str) -> list[str]:
        if not isinstance(value, Mapping) or not ("addr" in value or "dev" in value):
            raise NotUnderstoodError(word)
        to = _written(value["addr"] if "addr" in value else value["dev"], family)
        device = ["device", *_written(value["dev"], family)] if "addr" in value and "dev" in value else []
        return [word, string(value, "family"), "to", *to, *device]

    return words


def _synproxy(value: object, family: str) -> list[str]:
    is_named = isinstance(value, str) or (isinstance(value, Mapping) and "map" in value)
    return ["synproxy", *(_object(value, family) if is_named else [])]


def _flow(value: object, family: str) -> list[str]:
    del family
    match value:
        case {"op": "add", "flowtable": str(name)}:
            return ["flow", "add", non_empty(name)]
        case _:
            raise NotUnderstoodError("flow")


def _verdict(word: str) -> Callable[[object, str], list[str]]:
    return lambda value, family: verdict_words({word: value})


_STATEMENTS: dict[str, Callable[[object, str], list[str]]] = {
    **{word: _verdict(word) for word in ("accept", "drop", "return", "continue", "jump", "goto")},
    "match": _match,
    "vmap": _verdict_map,
    "mangle": _mangle,
    "counter": _counter,
    "limit": _limit,
    "quota": _quota,
    "ct count": _connections,
    "log": _log,
    "reject": _reject,
    "queue": _queue,
    "notrack": lambda value, family: ["notrack"],
    "last": lambda value, family: ["last"],
    "xt": _extension,
    "set": _set_written("set"),
    "map": _set_written("map"),
    "meter": _meter,
    "snat": _nat("snat"),
    "dnat": _nat("dnat"),
    "masquerade": _nat("masquerade"),
    "redirect": _nat("redirect"),
    "tproxy": _proxy,
    "dup": _copied("dup"),
    "fwd": _copied("fwd"),
    "synproxy": _synproxy,
    "flow": _flow,
    "ct helper": lambda value, family: ["ct", "helper", "set", *_written(value, family)],
    "ct timeout": lambda value, family: ["ct", "timeout", "set", *_written(value, family)],
    "ct expectation": lambda value, family: ["ct", "expectation", "set", *_written(value, family)],
    "reset": lambda value, family: ["reset", *expression_words(value)],
}
