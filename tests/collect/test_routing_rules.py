"""Rules of policy routing, as `ip -j rule show` of iproute2 6.1 printed them in a namespace."""

from pxedoctor.access.answer import Absent, Answer, Failed, Text
from pxedoctor.collect.routing_rules import parse
from pxedoctor.model.fact import Missing
from pxedoctor.model.route import RoutingRule

RULES = "run ip -j -4 rule show"
RULES6 = "run ip -j -6 rule show"
# As every host has them; of others: a jump, a VRF's, a refusal, WireGuard's two, a source's, a mark's.
V4 = (
    '[{"priority":0,"src":"all","table":"local"},{"priority":3,"src":"all","goto":32766},'
    '{"priority":32760,"src":"all","l3mdev":null},{"priority":32761,"src":"all","dst":"1.2.3.4","action":"blackhole"},'
    '{"priority":32762,"src":"all","table":"main","suppress_prefixlen":0},'
    '{"priority":32763,"not":null,"src":"all","fwmark":"0xca6c","table":"51820"},'
    '{"priority":32764,"src":"10.0.0.0","srclen":8,"iif":"lo","table":"5"},'
    '{"priority":32764,"src":"10.9.0.1","table":"6"},'
    '{"priority":32765,"src":"all","fwmark":"0x10","fwmask":"0xff","table":"100"},'
    '{"priority":32766,"src":"all","table":"main"},{"priority":32767,"src":"all","table":"default"}]'
)
V6 = '[{"priority":0,"src":"all","table":"local"},{"priority":32766,"src":"all","table":"main"}]'


def rule(priority: int, table: str = "", family: str = "inet", **more: object) -> RoutingRule:
    return RoutingRule(family=family, priority=priority, table=table, **more)  # type: ignore[arg-type]


def test_each_rule_in_its_order_with_what_else_it_asks() -> None:
    told: dict[str, Answer] = {RULES: Text(V4), RULES6: Text(V6)}
    assert parse(told) == (
        rule(0, "local"),
        rule(3, others=("goto",)),
        rule(32760, others=("l3mdev",)),
        rule(32761, others=("dst", "action")),
        rule(32762, "main", suppresses=0),
        rule(32763, "51820", mark=(0xCA6C, 0xFFFFFFFF), others=("not",)),
        rule(32764, "5", device="lo", source="10.0.0.0/8"),
        rule(32764, "6", source="10.9.0.1"),
        rule(32765, "100", mark=(0x10, 0xFF)),
        rule(32766, "main"),
        rule(32767, "default"),
        rule(0, "local", "inet6"),
        rule(32766, "main", "inet6"),
    )


def test_a_mark_that_is_no_number_is_something_that_it_asks() -> None:
    told: dict[str, Answer] = {RULES: Text('[{"priority":7,"src":"all","fwmark":"blue","table":"9"}]')}
    assert parse(told) == (rule(7, "9", others=("fwmark",)),)


def test_a_kernel_without_ipv6_has_rules_of_ipv4_alone() -> None:
    told: dict[str, Answer] = {RULES: Text(V6), RULES6: Failed("ip ended with 1: not supported")}
    assert parse(told) == (rule(0, "local"), rule(32766, "main"))


def test_what_was_not_asked_is_missing_and_not_empty() -> None:
    assert isinstance(parse({}), Missing)
    assert isinstance(parse({RULES: Absent("no such program")}), Missing)
