"""ICMP and ICMPv6 types as iptables prints them: a number, number/code, or a name from its own lists."""

from pxedoctor.netfilter.condition import Always, Condition, Member, Number
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.saved_values import whole

# extensions/libxt_icmp.h. Only what has no code of its own; listings print numbers, files that a person wrote names.
NAMES4 = {
    "echo-reply": 0, "pong": 0, "destination-unreachable": 3, "source-quench": 4, "redirect": 5, "echo-request": 8,
    "ping": 8, "router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11, "ttl-exceeded": 11,
    "parameter-problem": 12, "timestamp-request": 13, "timestamp-reply": 14, "address-mask-request": 17,
    "address-mask-reply": 18,
}  # fmt: skip
NAMES6 = {
    "destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "ttl-exceeded": 3, "parameter-problem": 4,
    "echo-request": 128, "ping": 128, "echo-reply": 129, "pong": 129, "router-solicitation": 133,
    "router-advertisement": 134, "neighbour-solicitation": 135, "neighbor-solicitation": 135,
    "neighbour-advertisement": 136, "neighbor-advertisement": 136, "redirect": 137,
}  # fmt: skip


def icmp4(text: str, negated: bool) -> Condition:
    """--icmp-type; 255 is any (net/netfilter/xt_tcpudp.c icmp_type_code_match)."""
    if text in ("any", "255"):
        return Always(not negated, f"--icmp-type {text}")
    return _of_type(text, negated, NAMES4)


def icmp6(text: str, negated: bool) -> Condition:
    """--icmpv6-type."""
    return _of_type(text, negated, NAMES6)


def _of_type(text: str, negated: bool, names: dict[str, int]) -> Condition:
    name, slash, code_text = text.partition("/")
    number = whole(name, 0xFF) if name not in names else names[name]
    kind = (number, number)
    if not slash:
        return Number(Field.ICMP_TYPE, (kind,), negated)
    code = whole(code_text, 0xFF)
    fields = (Field.ICMP_TYPE, Field.ICMP_CODE)
    return Member(fields, elements=((kind, (code, code)),), negated=negated, text=text)
