"""A rule's parts in one line, so that a test says what a rule means in words."""

from ipaddress import ip_address

from pxedoctor.netfilter.condition import (
    AddressType,
    Always,
    AnyOf,
    Bits,
    Member,
    Name,
    Number,
    Part,
    RouteBack,
    Unmodelled,
)
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.nft_rule import read_rule
from pxedoctor.netfilter.seen import Range
from pxedoctor.netfilter.syntax import (
    End,
    Fill,
    GoesOn,
    Jump,
    NoTrack,
    Queue,
    Rewrite,
    Rule,
    Strange,
    VerdictMap,
    WriteMark,
)

_WORDS = {
    Field.IN_NAME: "in",
    Field.OUT_NAME: "out",
    Field.SOURCE4: "source",
    Field.DESTINATION4: "destination",
    Field.SOURCE6: "source6",
    Field.DESTINATION6: "destination6",
    Field.SOURCE_PORT: "sport",
    Field.DESTINATION_PORT: "dport",
    Field.TRANSPORT_SOURCE: "bits 0-15",
    Field.TRANSPORT_DESTINATION: "bits 16-31",
    Field.PROTOCOL: "protocol",
    Field.ETHERTYPE: "ethertype",
    Field.HEADER_TYPE: "type",
    Field.MARK: "mark",
    Field.CT_MARK: "ct mark",
    Field.CT_STATE: "state",
    Field.CT_DIRECTION: "direction",
    Field.CT_STATUS: "status",
}
_ADDRESSES = frozenset({Field.SOURCE4, Field.DESTINATION4, Field.ARP_SOURCE, Field.ARP_TARGET})
_ADDRESSES6 = frozenset({Field.SOURCE6, Field.DESTINATION6})
_HEXADECIMAL = frozenset(
    {Field.ETHERTYPE, Field.HEADER_TYPE, Field.MARK, Field.CT_MARK, Field.MAC_SOURCE, Field.MAC_DESTINATION},
)


def says(text: str, family: str = "inet") -> str:
    """What the rule of a table of this family says, as nft prints the rule."""
    return shown(read_rule(family, "c", 1, text))


def shown(rule: Rule) -> str:
    return "; ".join(_part(part) for part in rule.parts)


def _part(part: object) -> str:  # noqa: PLR0912 - one case for each class
    match part:
        case Number(field, ranges, negated, mask):
            under = "" if mask is None else f" & {mask:#x}"
            return f"{_field(field)}{under} {_sign(negated)} {_ranges(field, ranges)}"
        case Bits(field, bits, negated):
            return f"{_field(field)} {'without' if negated else 'with'} {bits:#x}"
        case Name(field, names, negated):
            return f"{_field(field)} {_sign(negated)} {' | '.join(_value(field, name) for name in names)}"
        case Member(fields, set_name, elements, negated, _):
            within = f"@{set_name}" if set_name else f"{{{', '.join(_element(fields, e) for e in elements)}}}"
            return f"{' . '.join(map(_field, fields))} {'not in' if negated else 'in'} {within}"
        case VerdictMap(fields, set_name, elements, _):
            verdicts = ", ".join(f"{_element(fields, key)} : {_part(verdict)}" for key, verdict in elements)
            return f"{' . '.join(map(_field, fields))} -> {f'@{set_name}' if set_name else f'{{{verdicts}}}'}"
        case AddressType(which, types, negated, _):
            return f"{_field(which)} is {'no ' if negated else ''}{'/'.join(sorted(types))}"
        case AnyOf(conditions, negated, _):
            return f"{'neither' if negated else 'either'} ({' or '.join(map(_part, conditions))})"
        case RouteBack(missing, _):
            return "no route back" if missing else "a route back"
        case Always(holds, _):
            return "always" if holds else "never"
        case Unmodelled(text):
            return f"?{text}?"
        case Strange(text):
            return f"!{text}!"
        case GoesOn(text):
            return f"({text})"
        case End(verdict):
            return verdict.value.upper()
        case Jump(chain, goto):
            return f"{'GOTO' if goto else 'JUMP'} {chain}"
        case Queue(bypass, _, numbers):
            which = f" {'-'.join(str(number) for number in dict.fromkeys(numbers))}" if numbers else ""
            return f"QUEUE{which} bypass" if bypass else f"QUEUE{which}"
        case Rewrite(what, _):
            return f"REWRITE {what}"
        case WriteMark():
            return _write(part)
        case NoTrack():
            return "NOTRACK"
        case Fill():
            return "FILL"
        case _:
            return repr(part)


def _write(part: WriteMark) -> str:
    if not part.known:
        return f"{_field(part.field)} := ?"
    if part.copied_from is not None:
        return f"{_field(part.field)} := {_field(part.copied_from)}"
    own = f"{_field(part.field)} & {part.keep:#x} ^ " if part.keep else ""
    return f"{_field(part.field)} := {own}{part.flip:#x}"


def _field(field: Field) -> str:
    return _WORDS.get(field, field.value)


def _sign(negated: bool) -> str:
    return "!=" if negated else "="


def _ranges(field: Field, ranges: tuple[Range, ...]) -> str:
    return " | ".join(_value(field, one) for one in ranges) or "nothing"


def _element(fields: tuple[Field, ...], element: tuple[Part, ...]) -> str:
    return " . ".join(_value(field, part) for field, part in zip(fields, element, strict=True))


def _value(field: Field, part: Part) -> str:
    first, last = part
    if isinstance(first, str):
        return f'"{first}{"*" if last else ""}"'
    low, high = _number(field, first), _number(field, int(last))
    return low if low == high else f"{low}-{high}"


def _number(field: Field, number: int) -> str:
    if field in _ADDRESSES:
        return str(ip_address(number.to_bytes(4, "big")))
    if field in _ADDRESSES6:
        return str(ip_address(number.to_bytes(16, "big")))
    return f"{number:#x}" if field in _HEXADECIMAL else str(number)
