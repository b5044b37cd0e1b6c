"""Elements of sets and maps in nft's JSON, and verdicts, as the words that its text has for them."""

from collections.abc import Mapping

from pxedoctor.netfilter.nft_json_words import element_words, single, string
from pxedoctor.netfilter.nft_kind import Kind
from pxedoctor.netfilter.nft_words import NotUnderstoodError

_DATA = frozenset({"comment", "timeout", "expires", "counter", "limit", "quota", "last", "ct count"})


def verdict_words(value: object) -> list[str]:
    """{"drop": null}, {"jump": {"target": "lan"}}."""
    kind, inside = single(value)
    if kind in {"jump", "goto"} and isinstance(inside, Mapping):
        return [kind, non_empty(string(inside, "target"))]
    if kind in {"accept", "drop", "return", "continue"}:
        return [kind]
    raise NotUnderstoodError(kind)


def right_words(value: object, kinds: tuple[Kind, ...], is_map: bool = False) -> list[str]:
    """What something is compared with or looked up in: a value, "@name", {"set": [...]}."""
    if isinstance(value, str) and value[:1] == "@":
        return [value]
    if isinstance(value, Mapping) and "set" in value:
        inside = value["set"]
        elements = inside if isinstance(inside, list) else [inside]
        words = [pair_words(element, kinds) if is_map else key_words(element, kinds) for element in elements]
        return ["{", *[word for element in words for word in (",", *element)][1:], "}"]
    return element_words(value, kinds)


def pair_words(element: object, kinds: tuple[Kind, ...]) -> list[str]:
    """An element of a map, [key, data]."""
    if not isinstance(element, list) or len(element) != 2:
        raise NotUnderstoodError("not a key and its data")
    key, data = element
    return [*key_words(key, kinds), ":", *_data_words(data)]


def key_words(element: object, kinds: tuple[Kind, ...]) -> list[str]:
    """An element of a set, or an element's key: {"elem": {...}} where something stands beside it."""
    if not isinstance(element, Mapping) or "elem" not in element:
        return element_words(element, kinds)
    inside = element["elem"]
    if not isinstance(inside, Mapping):
        raise NotUnderstoodError("an element")
    beside = [word for key, value in inside.items() if key != "val" for word in _beside(str(key), value)]
    return [*element_words(inside.get("val"), kinds), *beside]


def _beside(key: str, value: object) -> list[str]:
    if key not in _DATA:
        raise NotUnderstoodError(key)
    if key in {"comment", "timeout", "expires"}:
        return [key, f'"{value}"' if key == "comment" else str(value)]
    return key.split()[:1]


def _data_words(data: object) -> list[str]:
    try:
        return verdict_words(data)
    except NotUnderstoodError:
        return element_words(data, ())


def non_empty(word: str) -> str:
    if not word:
        raise NotUnderstoodError("an empty name")
    return word
