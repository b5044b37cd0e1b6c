"""Which rules of nf_tables iptables-nft and its kin can have written, by the expressions that the kernel holds of them.

1. A save command prints what it knows of a rule and may pass over the rest (1.8.9: `ip saddr 10.0.0.1-10.0.0.9` is
   `-s 10.0.0.9`, `udp length 8` is `-p udp`). What is in the forms below it prints as it is, whoever wrote it: each
   field once, loaded, masked, compared; extensions of xtables; a counter; one verdict or target at the end.
2. Everything else is foreign, also where a save command might print it well: then nft's listing says what it is.

Sources: iptables/nft-shared.c, nft-ipv4.c, nft-ipv6.c, nft-arp.c, nft-bridge.c, nft.c (1.8.9);
include/uapi/linux/netfilter/nf_tables.h.
"""

from collections.abc import Mapping
from functools import lru_cache

from pxedoctor.access.netlink_attribute import Attributes, attributes, spans

_LIST_ELEMENT = 1
_LINK, _NETWORK, _TRANSPORT = 0, 1, 2
_IPV6, _IPV4, _ARP, _BRIDGE = "ip6", "ip", "arp", "bridge"
_PACKETS = 0

# What comes after a field is loaded.
_EQUALS = frozenset({("equals",), ("differs",)})
_MASKED = _EQUALS | {("masked", "equals"), ("masked", "differs")}
_SPANS = _EQUALS | {("at most",), ("at least",), ("within",), ("not within",), ("at least", "at most")}
_FORMS: dict[str, frozenset[tuple[str, ...]]] = {
    "in": _EQUALS,
    "out": _EQUALS,
    "bridge in": _EQUALS,
    "bridge out": _EQUALS,
    "protocol": _EQUALS,
    "ethertype": _EQUALS,
    "mark": _MASKED,
    "source": _MASKED,
    "destination": _MASKED,
    "source beginning": _EQUALS,
    "destination beginning": _EQUALS,
    "link source": _MASKED,
    "link destination": _MASKED,
    "link source beginning": _EQUALS,
    "link destination beginning": _EQUALS,
    "hardware": _EQUALS,
    "hardware protocol": _EQUALS,
    "hardware length": _EQUALS,
    "protocol length": _EQUALS,
    "operation": _EQUALS,
    "fragment": frozenset({("masked offset", "equals"), ("masked offset", "differs")}),
    "source port": _SPANS,
    "destination port": _SPANS,
    "both ports": frozenset({("equals",)}),
    "flags": frozenset({("masked", "equals"), ("masked", "differs")}),
}
_OPERATIONS = frozenset(word for forms in _FORMS.values() for form in forms for word in form)
_OF_PORTS = frozenset({"source port", "destination port", "both ports", "flags"})
_ANYWHERE = frozenset({"counter", "match", "limit"})
_LAST = frozenset({"verdict", "target", "nflog"})

_META = {3: "mark", 6: "in", 7: "out", 16: "protocol"}
_META_OF = {_BRIDGE: {1: "ethertype", 3: "mark", 6: "in", 7: "out", 17: "bridge in", 18: "bridge out"}}
# (header, offset, length) of each family.
_LOADS: dict[str, Mapping[tuple[int, int, int], str]] = {
    _IPV4: {
        (_NETWORK, 6, 2): "fragment",
        (_NETWORK, 9, 1): "protocol",
        (_NETWORK, 12, 4): "source",
        (_NETWORK, 16, 4): "destination",
        **{(_NETWORK, 12, length): "source beginning" for length in range(1, 4)},
        **{(_NETWORK, 16, length): "destination beginning" for length in range(1, 4)},
    },
    _IPV6: {
        (_NETWORK, 8, 16): "source",
        (_NETWORK, 24, 16): "destination",
        **{(_NETWORK, 8, length): "source beginning" for length in range(1, 16)},
        **{(_NETWORK, 24, length): "destination beginning" for length in range(1, 16)},
    },
    _ARP: {
        (_NETWORK, 0, 2): "hardware",
        (_NETWORK, 2, 2): "hardware protocol",
        (_NETWORK, 4, 1): "hardware length",
        (_NETWORK, 5, 1): "protocol length",
        (_NETWORK, 6, 2): "operation",
        (_NETWORK, 8, 6): "link source",
        (_NETWORK, 14, 4): "source",
        (_NETWORK, 18, 6): "link destination",
        (_NETWORK, 24, 4): "destination",
        **{(_NETWORK, 8, length): "link source beginning" for length in range(1, 6)},
        **{(_NETWORK, 14, length): "source beginning" for length in range(1, 4)},
        **{(_NETWORK, 18, length): "link destination beginning" for length in range(1, 6)},
        **{(_NETWORK, 24, length): "destination beginning" for length in range(1, 4)},
    },
    _BRIDGE: {
        (_LINK, 0, 6): "link destination",
        (_LINK, 6, 6): "link source",
        (_LINK, 12, 2): "ethertype",
        **{(_LINK, 0, length): "link destination beginning" for length in range(1, 6)},
        **{(_LINK, 6, length): "link source beginning" for length in range(1, 6)},
    },
}
_PORTS = {
    (_TRANSPORT, 0, 2): "source port",
    (_TRANSPORT, 2, 2): "destination port",
    (_TRANSPORT, 0, 4): "both ports",
    (_TRANSPORT, 13, 1): "flags",
}
_COMPARES = {0: "equals", 1: "differs", 3: "at most", 5: "at least"}
_RANGES = {0: "within", 1: "not within"}
_TCP, _UDP = b"\x06", b"\x11"
_OFFSET_MASK = b"\x1f\xff"
# NF_DROP, NF_ACCEPT, NFT_JUMP, NFT_GOTO, NFT_RETURN
_VERDICTS = frozenset({0, 1, -3, -4, -5})


def foreign(family: str, expressions: bytes) -> str:
    """Why iptables-nft has not written this rule: the first thing it could not have; "" where it could.

    `expressions` is NFTA_RULE_EXPRESSIONS.
    """
    elements = [(kind, expressions[start:end]) for kind, start, end in spans(expressions, 0, len(expressions))]
    return _judged(tuple([_word(family, element) for kind, element in elements if kind == _LIST_ELEMENT]))


# Of 50,000 rules most are of a few shapes.
@lru_cache(maxsize=4096)
def _judged(words: tuple[str, ...]) -> str:
    said: set[str] = set()
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word in _FORMS:
            followed = []
            while waiting and waiting[0].partition(":")[0] in _OPERATIONS:
                followed.append(waiting.pop(0))
            if why := _wrong(word, followed, said):
                return why
        elif word in _LAST and waiting:
            return f"{waiting[0]} behind {word}"
        elif word not in _ANYWHERE and word not in _LAST:
            return word
    return ""


def _wrong(field: str, followed: list[str], said: set[str]) -> str:
    """`said`: the fields, and the protocol, that the rule has compared so far; this one is added."""
    whole = field.removesuffix(" beginning")
    form = tuple(word.partition(":")[0] for word in followed)
    needed = "protocol:tcp" if field == "flags" else "protocol:tcp or udp"
    if form not in _FORMS[field]:
        return f"{field} {' '.join(form)}".strip()
    if whole in said or (field == "both ports" and said & _OF_PORTS) or (field in _OF_PORTS and "both ports" in said):
        return f"{field} twice"
    if field in _OF_PORTS and needed not in said:
        return f"{field} of any protocol"
    said.add(whole)
    if field == "protocol" and followed in (["equals:tcp"], ["equals:udp"]):
        said |= {"protocol:tcp or udp", f"protocol:{followed[0].partition(':')[2]}"}
    return ""


def _word(family: str, element: bytes) -> str:
    """An expression's part in a rule; of one that has none its name."""
    found = attributes(element)
    name = found.get(1, b"").rstrip(b"\0").decode("ascii", errors="backslashreplace")
    if name in {"counter", "match", "target"}:
        return name
    data = attributes(found.get(2, b""))
    match name:
        case "meta":
            return _of_meta(family, data)
        case "payload":
            return _of_payload(family, data)
        case "bitwise":
            return _of_bitwise(data)
        case "cmp":
            return _of_compare(data)
        case "range":
            return (_RANGES.get(_number(data.get(2)), "") if 2 in data else "") or "range of another kind"
        case "immediate":
            return _of_immediate(data)
        case "limit":
            is_plain = _number(data.get(4)) == _PACKETS and not _number(data.get(5))
            return "limit" if is_plain else "limit of another kind"
        case "log":
            return "nflog" if 1 in data else "log"
    return name or "an expression without a name"


def _number(attribute: bytes | None) -> int:
    return int.from_bytes(attribute or b"", "big")


def _of_meta(family: str, data: Attributes) -> str:
    known = _META_OF.get(family, _META)
    field = known.get(_number(data.get(2)), "")
    return field if field and 3 not in data else f"meta key {_number(data.get(2))}{' written' if 3 in data else ''}"


def _of_payload(family: str, data: Attributes) -> str:
    place = (_number(data.get(2)), _number(data.get(3)), _number(data.get(4)))
    known = _PORTS if place[0] == _TRANSPORT and family in {_IPV4, _IPV6} else _LOADS.get(family, {})
    field = known.get(place, "")
    return field if field and 5 not in data else f"payload {place[0]},{place[1]},{place[2]}"


def _of_bitwise(data: Attributes) -> str:
    mask, flip = (attributes(data.get(kind, b"")).get(1, b"") for kind in (4, 5))
    if _number(data.get(6)) or not mask or any(flip):
        return "bitwise of another kind"
    return "masked offset" if mask == _OFFSET_MASK else "masked"


def _of_compare(data: Attributes) -> str:
    word = _COMPARES.get(_number(data.get(2)), "") if 2 in data else ""
    if not word:
        return "cmp of another kind"
    value = attributes(data.get(3, b"")).get(1, b"")
    if word == "equals" and value in {_TCP, _UDP}:
        return "equals:tcp" if value == _TCP else "equals:udp"
    return word


def _of_immediate(data: Attributes) -> str:
    verdict = attributes(attributes(data.get(2, b"")).get(2, b""))
    code = int.from_bytes(verdict.get(1, b""), "big", signed=True)
    return "verdict" if verdict and not _number(data.get(1)) and code in _VERDICTS else "immediate of another kind"
