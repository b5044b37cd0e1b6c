"""JSON listings of nft: the same tree as from text, statement by statement; what is no listing names the line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft_shown import shown
from pxedoctor.netfilter.nft_json import parse_nft_json
from pxedoctor.netfilter.nft_json_rule import read_json_rule
from pxedoctor.netfilter.syntax import End, Ends, Jump, ListingError, NamedSet, Table

METAINFO = {"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}}
TABLE = {"table": {"family": "inet", "name": "t", "handle": 1}}
HOOKED = {"type": "filter", "hook": "input", "prio": -5, "policy": "drop"}
CHAIN = {"chain": {"family": "inet", "table": "t", "name": "c", "handle": 1, **HOOKED}}


def tables(*entries: object) -> tuple[Table, ...]:
    return parse_nft_json(json.dumps({"nftables": [METAINFO, *entries]}), "nft -j list ruleset")


def rule(*statements: object, **more: object) -> dict[str, object]:
    return {"rule": {"family": "inet", "table": "t", "chain": "c", "handle": 7, **more, "expr": list(statements)}}


def says(*statements: object, family: str = "inet") -> str:
    return shown(read_json_rule(family, "c", 1, json.dumps({"handle": 7, "expr": list(statements)})))


def one_set(**found: object) -> NamedSet:
    (table,) = tables(TABLE, {"set": {"family": "inet", "table": "t", "name": "s", **found}})
    return table.sets["s"]


def match(left: object, right: object, operator: str = "==") -> object:
    return {"match": {"op": operator, "left": left, "right": right}}


def payload(protocol: str, field: str) -> object:
    return {"payload": {"protocol": protocol, "field": field}}


def meta(key: str) -> object:
    return {"meta": {"key": key}}


def test_tables_chains_and_rules() -> None:
    accept = rule(match(payload("udp", "dport"), 67), {"accept": None}, comment="guests")
    (table,) = tables(TABLE, CHAIN, {"chain": {"family": "inet", "table": "t", "name": "d", "handle": 2}}, accept)
    assert (table.family, table.name, table.dialect, table.dormant) == ("inet", "t", "nft", False)
    chain = table.chains["c"]
    assert (chain.hook, chain.priority, chain.policy, chain.kind) == ("input", -5, "drop", "filter")
    assert (table.chains["d"].hook, table.chains["d"].policy) == ("", "")
    (read,) = chain.rules
    assert (read.handle, read.comment, read.line) == (7, "guests", 1)
    assert read.text == 'udp dport 67 accept comment "guests"'
    assert shown(read) == "protocol = 17; dport = 67; ACCEPT"


def test_list_chain_names_the_table_in_the_chain_alone() -> None:
    (table,) = tables(CHAIN, rule({"drop": None}))
    assert (table.family, table.name) == ("inet", "t")
    assert shown(table.chains["c"].rules[0]) == "DROP"


DISPATCH = {"set": [[67, {"accept": None}], [{"elem": {"val": 68, "comment": "x"}}, {"jump": {"target": "d"}}]]}
PAIR = {"concat": [payload("ip", "saddr"), payload("udp", "dport")]}
PAIRS = {"set": [{"concat": [{"prefix": {"addr": "10.0.0.0", "len": 8}}, {"range": [67, 68]}]}]}
ARITHMETIC = {"|": [{"&": [meta("mark"), 0xFFFFFF05]}, 5]}
LOOKED_UP = {"map": {"key": payload("ip", "saddr"), "data": "@m"}}
SAVED = {"family": "ip", "addr": {"map": {"key": payload("tcp", "dport"), "data": {"set": [[80, "10.0.0.1"]]}}}}


@pytest.mark.parametrize(
    ("statement", "meaning"),
    [
        (match(meta("iifname"), "virbr*"), 'in = "virbr*"'),
        (match(meta("iifname"), {"set": ["lo", "b*"]}, "!="), 'in != "lo" | "b*"'),
        (match(meta("iifname"), "@names"), "in in @names"),
        (match(meta("iif"), "lo"), 'in = "lo"'),
        (match(meta("iif"), "99"), "in device's index = 99"),
        (match(meta("mark"), 16, ">="), "mark = 0x10-0xffffffff"),
        (match({"&": [meta("mark"), 255]}, 16), "mark & 0xff = 0x10"),
        (match(payload("ip", "saddr"), {"prefix": {"addr": "10.0.0.0", "len": 8}}), "source = 10.0.0.0-10.255.255.255"),
        (match({"ct": {"key": "state"}}, ["established", "related"], "in"), "state with 0x6"),
        (match({"ct": {"key": "state"}}, "established"), "state = 2"),
        (match({"ct": {"key": "state"}}, {"set": ["established", "new"]}), "state = 2 | 8"),
        (match({"ct": {"key": "ip saddr", "dir": "original"}}, "10.0.0.1"),
         "direction = 0-1; ?ct original ip saddr == 10.0.0.1?"),
        (match({"&": [payload("tcp", "flags"), ["syn", "ack"]]}, "syn"), "protocol = 6; TCP flags & 0x12 = 2"),
        (match(payload("tcp", "flags"), {"set": ["syn", {"|": ["syn", "ack"]}, ["fin", "ack"]]}),
         "protocol = 6; TCP flags = 2 | 18 | 17"),
        (match(payload("icmp", "type"), {"range": ["router-solicitation", 20]}), "protocol = 1; ICMP type = 10-20"),
        (match(PAIR, PAIRS), "protocol = 17; source . dport in {10.0.0.0-10.255.255.255 . 67-68}"),
        (match({"fib": {"result": "oif", "flags": ["saddr", "iif"]}}, False), "no route back"),
        (match({"fib": {"result": "oif", "flags": ["saddr", "mark", "iif"]}}, "0", "!="), "a route back"),
        (match({"tcp option": {"name": "sack-perm"}}, True), "?tcp option sack-perm exists?"),
        (match({"tunnel": {"key": "id"}}, 5),
         '?{"match":{"op":"==","left":{"tunnel":{"key":"id"}},"right":5}}?'),
        (match(meta("iifname"), {"new": "form"}),
         '?{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":{"new":"form"}}}?'),
        ({"vmap": {"key": payload("udp", "dport"), "data": DISPATCH}},
         "protocol = 17; dport -> {67 : ACCEPT, 68 : JUMP d}"),
        ({"vmap": {"key": meta("iifname"), "data": "@from"}}, "in -> @from"),
        ({"vmap": {"key": meta("iifname"), "data": {"set": [["a", "odd"]]}}}, '!iifname vmap { "a" : odd }!'),
        ({"mangle": {"key": meta("mark"), "value": 16}}, "mark := 0x10"),
        ({"mangle": {"key": meta("mark"), "value": ARITHMETIC}}, "mark := mark & 0xffffff00 ^ 0x5"),
        ({"mangle": {"key": meta("mark"), "value": {"ct": {"key": "mark"}}}}, "direction = 0-1; mark := ct mark"),
        ({"mangle": {"key": meta("mark"), "value": LOOKED_UP}}, "?meta mark set ip saddr map @m?; mark := ?"),
        ({"mangle": {"key": payload("ip", "ttl"), "value": 5}}, "ethertype = 0x800; !ip ttl set 5!"),
        ({"mangle": {"key": payload("udp", "checksum"), "value": 0}}, "protocol = 17; (udp checksum set 0)"),
        ({"counter": {"packets": 1, "bytes": 2}}, "(counter packets 1 bytes 2)"),
        ({"counter": "seen"}, '(counter name "seen")'),
        ({"limit": {"rate": 10, "burst": 20, "per": "minute", "inv": True}},
         "?limit rate over 10/minute burst 20 packets?"),
        ({"quota": {"val": 10, "val_unit": "mbytes", "inv": True}}, "?quota over 10 mbytes?"),
        ({"ct count": {"val": 20}}, "?ct count 20?"),
        ({"log": {"prefix": "accept", "flags": "all"}}, '(log prefix "accept" flags all)'),
        ({"log": None}, "(log)"),
        ({"reject": {"type": "icmp", "expr": "host-unreachable"}}, "ethertype = 0x800; REJECT"),
        ({"reject": {"type": "tcp reset"}}, "protocol = 6; REJECT"),
        ({"reject": None}, "REJECT"),
        ({"queue": {"num": 1, "flags": ["bypass"]}}, "QUEUE 1 bypass"),
        ({"queue": {"num": {"range": [1, 3]}}}, "QUEUE 1-3"),
        ({"queue": {"num": {"numgen": {"mode": "inc", "mod": 2, "offset": 0}}}}, "QUEUE"),
        ({"queue": None}, "QUEUE 0"),
        ({"masquerade": {"port": {"range": [1024, 65535]}}}, "REWRITE source"),
        ({"dnat": {"family": "ip", "addr": "10.0.0.1", "port": 80}}, "ethertype = 0x800; REWRITE destination"),
        ({"dnat": SAVED},
         "ethertype = 0x800; protocol = 6; ?dnat ip to tcp dport map { 80 : 10.0.0.1 }?; REWRITE destination"),
        ({"redirect": {"port": {"map": {"key": payload("udp", "dport"), "data": "@m"}}}},
         "protocol = 17; ?redirect to udp dport map @m?; REWRITE destination"),
        ({"limit": {"map": {"key": payload("udp", "dport"), "data": "@m"}}},
         "protocol = 17; ?limit name udp dport map @m?"),
        ({"set": {"op": "update", "elem": {"elem": {"val": payload("ip", "saddr"), "timeout": 10}}, "set": "@s"}},
         "(update @s { ip saddr })"),
        ({"xt": {"type": "match", "name": "hashlimit"}}, '?xt match "hashlimit"?'),
        ({"xt": {"type": "target", "name": "CHECKSUM"}}, "FILL"),
        ({"xt": None}, '!{"xt":null}!'),
        ({"notrack": None}, "NOTRACK"),
        ({"fwd": {"dev": "lo"}}, "!fwd to lo!"),
        ({"dup": {"addr": "1.1.1.1"}}, "(dup to 1.1.1.1)"),
        ({"tproxy": {"port": 50080}}, "!tproxy to :50080!"),
        ({"flow": {"op": "add", "flowtable": "@f"}}, "(flow add @f)"),
        ({"goto": {"target": "d"}}, "GOTO d"),
        ({"frobnicate": {"very": "much"}}, '!{"frobnicate":{"very":"much"}}!'),
    ],
)  # fmt: skip
def test_statements(statement: object, meaning: str) -> None:
    assert says(statement) == meaning


def test_a_statement_that_is_not_known_does_not_hide_the_next() -> None:
    strange = {"frobnicate": 7}
    assert says(strange, match(meta("mark"), 1), {"accept": None}) == '!{"frobnicate":7}!; mark = 0x1; ACCEPT'


def test_an_extension_without_a_name_is_a_match_before_the_counter_and_a_target_after_it() -> None:
    counter = {"counter": {"packets": 0, "bytes": 0}}
    assert says({"xt": None}, counter, {"drop": None}) == '?{"xt":null}?; (counter packets 0 bytes 0); DROP'
    assert says(counter, {"xt": None}) == '(counter packets 0 bytes 0); !{"xt":null}!'


@pytest.mark.parametrize("word", ["accept", "", "{", "@x", "drop jump d", "67 accept", '"'])
def test_what_a_string_holds_is_never_a_statement(word: str) -> None:
    for statement in (match(meta("iifname"), word), match(payload("ip", "dscp"), word), match(payload(word, "x"), 1)):
        read = read_json_rule("inet", "c", 1, json.dumps({"expr": [statement]}))
        assert not any(isinstance(part, End | Jump) for part in read.parts)
        assert read.parts


def test_sets_and_maps() -> None:
    elements = ["1.1.1.1", {"elem": {"val": {"range": ["1.1.1.5", "1.1.1.9"]}, "comment": "x"}}]
    known = one_set(type="ipv4_addr", flags=["interval"], elem=elements, stmt=[{"counter": None}])
    assert (known.known, known.elements) == (True, (((0x01010101, 0x01010101),), ((0x01010105, 0x01010109),)))
    pairs = one_set(type=["ifname", "inet_service"], elem=[{"concat": ["lo", {"range": [67, 68]}]}])
    assert pairs.elements == ((("lo", False), (67, 68)),)
    typed = one_set(
        type={"typeof": {"concat": [payload("ip", "saddr"), meta("mark")]}}, elem=[{"concat": ["1.1.1.1", 5]}]
    )
    assert typed.elements == (((0x01010101, 0x01010101), (5, 5)),)
    flags = one_set(type="tcp_flag", elem=["syn", ["syn", "ack"], {"|": ["fin", "ack"]}])
    assert flags.elements == (((2, 2),), ((18, 18),), ((17, 17),))


def test_a_verdict_map() -> None:
    pairs = [["*", {"drop": None}], ["lo", {"accept": None}], ["eth0", {"goto": {"target": "d"}}]]
    entry = {"map": {"family": "inet", "table": "t", "name": "m", "type": "ifname", "map": "verdict", "elem": pairs}}
    (table,) = tables(TABLE, entry)
    assert table.sets["m"].elements == ((("lo", False),), (("eth0", False),), (("", True),))
    assert table.sets["m"].verdicts == (End(Ends.ACCEPT), Jump("d", goto=True), End(Ends.DROP))


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"type": "ipv4_addr", "flags": ["timeout"]}, "its contents change by themselves (flags timeout)"),
        ({"type": "nonsense"}, "an element or its type is not understood: 'nonsense'"),
        ({"type": "ipv4_addr", "stmt": [{"limit": {"rate": 5}}]}, "its statements are not understood"),
        ({"type": "ipv4_addr", "elem": [{"elem": {"val": "1.1.1.1", "limit": {"rate": 5}}}]},
         "an element is not understood: an element with a statement"),
        ({"type": "ipv4_addr", "elem": [{"new": "form"}]}, "an element or its type is not understood: a value"),
    ],
)  # fmt: skip
def test_sets_whose_contents_are_not_known_say_why(found: dict[str, object], why: str) -> None:
    read = one_set(**found)
    assert (read.known, read.why) == (False, why)


def test_a_set_that_rules_write_is_not_known() -> None:
    """nft 1.0.6 leaves the flag `dynamic` out of JSON."""
    write = {"set": {"op": "add", "elem": payload("ip", "saddr"), "set": "@s"}}
    contents = {"set": {"family": "inet", "table": "t", "name": "s", "type": "ipv4_addr"}}
    (table,) = tables(TABLE, contents, CHAIN, rule(write))
    assert (table.sets["s"].known, table.sets["s"].why) == (False, "rules write it")


@pytest.mark.parametrize(
    ("flags", "dormant", "unlisted"),
    [
        ("dormant", True, ""),
        (["dormant", "owner"], True, ""),
        ("owner", False, ""),
        # What nft 1.0.6 really prints for one flag: freed memory.
        ("Lester Gooch #5", False, "whether the table is dormant is not known: nft printed the flag 'Lester Gooch #5'"),
    ],
)
def test_a_tables_flags(flags: object, dormant: bool, unlisted: str) -> None:
    flagged = {"table": {"family": "inet", "name": "t", "handle": 1, "flags": flags}}
    (table,) = tables(flagged, CHAIN)
    assert (table.dormant, table.chains["c"].unlisted) == (dormant, unlisted)


def test_a_netdev_chain_without_devices_is_said_to_be_so() -> None:
    """nft 1.0.6 names the device in text alone."""
    place = {"family": "netdev", "table": "t", "type": "filter", "hook": "ingress", "prio": 0, "policy": "accept"}
    (table,) = tables({"chain": {**place, "name": "a"}}, {"chain": {**place, "name": "b", "dev": ["eth0", "eth1"]}})
    assert table.chains["a"].unlisted == "nft's JSON does not name its devices"
    assert (table.chains["b"].unlisted, table.chains["b"].devices) == ("", ("eth0", "eth1"))


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 1, "not a listing of nft"),
        ('{"nftables": [\n\n  oops]}', 3, "not a listing of nft"),
        ('{"nftables": [{"table": {"family": "inet", "na', 1, "not a listing of nft"),
        ("[]", 1, "not a listing of nft"),
        ('{"nftables": {}}', 1, "not a listing of nft"),
        ('{"nftables": [{"table": {"family": "odd", "name": "t"}}]}', 1, "not a table: odd t"),
        ('{"nftables": [{"rule": {"family": "ip", "table": "t", "chain": "c", "expr": []}}]}', 1,
         "a rule of chain c, which is not listed"),
        ('{"nftables": [{"rule": 5}]}', 1, "not a listing of nft"),
        ("[" * 200000, 1, "not a listing of nft"),
    ],
)  # fmt: skip
def test_what_is_no_listing_is_an_error_that_names_the_line(text: str, line: int, why: str) -> None:
    with pytest.raises(ListingError) as caught:
        parse_nft_json(text, "nft -j")
    assert caught.value.line == line
    assert caught.value.why.startswith(why)


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8))
_KNOWN = """match vmap mangle accept jump set elem op left right key data payload meta ct protocol field target concat
prefix addr len range xt dnat limit reject type fib"""
_NAMES = st.sampled_from(_KNOWN.split())
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(_NAMES, st.text(max_size=4)), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(expression=_JSON, family=st.sampled_from(["ip", "ip6", "inet", "arp", "bridge", "netdev"]))
def test_any_json_gives_a_rule(expression: object, family: str) -> None:
    statements = expression if isinstance(expression, list) else [expression]
    read = read_json_rule(family, "c", 1, json.dumps({"handle": expression, "expr": statements, "comment": expression}))
    # Nothing is passed over without a word.
    assert len(read.parts) >= len(statements)


def chains_or_error(text: str) -> int:
    """The line of the error; 1 where there is none and every rule of every chain could be read."""
    try:
        found = parse_nft_json(text, "nft -j")
    except ListingError as error:
        return error.line
    assert all(isinstance(chain.rules, tuple) for table in found for chain in table.chains.values())
    return 1


@given(st.one_of(st.text(), _JSON.map(json.dumps), st.lists(_JSON).map(lambda found: json.dumps({"nftables": found}))))
def test_any_text_gives_tables_or_one_error(text: str) -> None:
    assert 1 <= chains_or_error(text) <= text.count("\n") + 1


@given(st.lists(st.tuples(st.sampled_from(["table", "chain", "rule", "set", "map"]), _JSON), max_size=4))
def test_any_object_of_a_listing_is_read_or_is_the_error(objects: list[tuple[str, object]]) -> None:
    whole = {"family": "ip", "table": "t", "name": "n", "chain": "c", "type": "ipv4_addr"}
    entries = [{kind: {**whole, **(found if isinstance(found, dict) else {"elem": found})}} for kind, found in objects]
    assert chains_or_error(json.dumps({"nftables": entries})) == 1
