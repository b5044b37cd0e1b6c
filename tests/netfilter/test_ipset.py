"""`ipset save` text to sets; what a rule that names one means; what is not certain about a set is said."""

from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter.condition import Always, Member, Unmodelled
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.ipset import meant, parse_ipset
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.syntax import ListingError, NamedSet

# Printed by ipset 7.17; hash:mac, hash:ip,mac and hash:net,net are not in the kernel that it was printed on.
PRINTED = (Path(__file__).parent / "data/save/ipset-7.17.save").read_text(encoding="utf-8")
SETS = parse_ipset(PRINTED)


def _n(address: str) -> int:
    return int(ip_address(address))


def _one(number: int) -> tuple[int, int]:
    return (number, number)


_10_8 = (_n("10.0.0.0"), _n("10.255.255.255"))


@pytest.mark.parametrize(
    ("name", "kinds", "elements"),
    [
        ("a", ("ip",), [(_one(_n(f"10.0.0.{last}")),) for last in (1, 2, 3, 4, 5)]),
        ("a6", ("ip6",), [(_one(_n("fe80::1")),)]),
        ("nm", ("ip",), [((_n("10.1.2.0"), _n("10.1.2.255")),)]),
        ("ippi", ("ip", "protocol", "port", "ip"), [(_one(_n("10.0.0.1")), _one(17), _one(67), _one(_n("10.0.0.2")))]),
        ("ippn", ("ip", "protocol", "port", "ip"), [(_one(_n("10.0.0.1")), _one(17), _one(67), _10_8)]),
        ("np", ("ip", "protocol", "port"), [(_10_8, _one(17), _one(67))]),
        ("bi", ("ip",), [(_one(_n("10.0.0.5")),)]),
        ("bin", ("ip",), [((_n("10.0.5.0"), _n("10.0.5.255")),)]),
        ("bp", ("port",), [(_one(67),)]),
        ("cm", ("ip",), [(_one(_n("10.9.9.9")),)]),
    ],
)
def test_sets_that_are_known(name: str, kinds: tuple[str, ...], elements: list[tuple[object, ...]]) -> None:
    found = SETS[name]
    assert (found.known, found.why, found.kinds) == (True, "", kinds)
    assert sorted(found.elements) == sorted(elements)  # type: ignore[type-var]
    assert found.text.startswith(f"create {name} ")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("n", "it has exceptions (nomatch)"),
        ("to", "its elements time out"),
        ("ipp", "its element 10.0.0.1,icmp:echo-request is not modelled"),
        ("ni", "its element 10.0.0.0/8,physdev:eth0 is not modelled"),
        ("bm", "its element 10.0.0.6 is not modelled"),
        ("l", "sets of type list:set are not modelled"),
    ],
)
def test_sets_that_are_not_known_and_why(name: str, why: str) -> None:
    found = SETS[name]
    assert (found.known, found.elements) == (False, ())
    assert found.why == why


def _made(kind: str, *elements: str, options: str = "family inet") -> NamedSet:
    lines = [f"create x {kind} {options}", *(f"add x {element}" for element in elements)]
    return parse_ipset("\n".join(lines))["x"]


def test_types_of_other_kernels() -> None:
    assert _made("hash:mac", "52:54:00:00:00:01", options="").elements == ((_one(0x525400000001),),)
    assert _made("hash:ip,mac", "10.0.0.1,52:54:00:00:00:01").kinds == ("ip", "mac")
    assert _made("hash:net,net", "10.0.0.0/8,10.0.0.0/8").elements == ((_10_8, _10_8),)
    assert _made("hash:ip,mark", "10.0.0.1,0x0000000f").elements == ((_one(_n("10.0.0.1")), _one(15)),)
    assert not _made("hash:ip,mark", "10.0.0.1,0x0000000f", options="family inet markmask 0xff").known
    assert not _made("hash:ip", "10.0.0.1", options="family inet bitmask 255.0.255.0").known
    assert not _made("hash:future", "x").known


def test_a_device_may_be_the_beginning_of_a_name() -> None:
    found = _made("hash:net,iface", "10.0.0.0/8,virbr0", "10.0.0.0/8,eth wildcard")
    assert found.elements == ((_10_8, ("virbr0", False)), (_10_8, ("eth", True)))


def rule_names(directions: str, negated: bool = False, family: str = "ip") -> Member:
    text = (
        f"*filter\n:INPUT ACCEPT\n-A INPUT -m set {'! ' if negated else ''}--match-set x {directions} -j DROP\nCOMMIT\n"
    )
    rule = parse_iptables(text, family, "x", "nft")[0].chains["INPUT"].rules[0]  # type: ignore[arg-type]
    member = rule.parts[0]
    assert isinstance(member, Member)
    return member


@pytest.mark.parametrize(
    ("kind", "element", "directions", "fields"),
    [
        ("hash:ip", "10.0.0.1", "src", (Field.SOURCE4,)),
        ("hash:net", "10.0.0.0/8", "dst,src", (Field.DESTINATION4,)),
        ("hash:ip,port", "10.0.0.1,udp:67", "src,dst", (Field.SOURCE4, Field.PROTOCOL, Field.DESTINATION_PORT)),
        (
            "hash:ip,port,ip",
            "10.0.0.1,udp:67,10.0.0.2",
            "src,dst,dst",
            (Field.SOURCE4, Field.PROTOCOL, Field.DESTINATION_PORT, Field.DESTINATION4),
        ),
        ("hash:net,iface", "10.0.0.0/8,virbr0", "src,src", (Field.SOURCE4, Field.IN_NAME)),
        ("hash:net,iface", "10.0.0.0/8,virbr0", "dst,dst", (Field.DESTINATION4, Field.OUT_NAME)),
        ("hash:mac", "52:54:00:00:00:01", "src", (Field.MAC_SOURCE,)),
        ("hash:ip,mark", "10.0.0.1,0x1", "src,dst", (Field.SOURCE4, Field.MARK)),
        ("bitmap:port", "67", "dst", (Field.DESTINATION_PORT,)),
    ],
)
def test_the_sets_type_says_what_the_directions_mean(
    kind: str, element: str, directions: str, fields: tuple[Field, ...]
) -> None:
    found = meant(rule_names(directions), _made(kind, element))
    assert isinstance(found, Member)
    assert (found.fields, found.set_name) == (fields, "x")


def test_too_few_directions_and_another_family_are_never_met() -> None:
    """ip_set_core.c ip_set_test: it is no error, and `!` turns it round."""
    pairs = _made("hash:ip,port", "10.0.0.1,udp:67")
    addresses6 = _made("hash:ip", "fe80::1", options="family inet6")
    for named in (pairs, addresses6):
        for negated in (False, True):
            found = meant(rule_names("src", negated), named)
            assert isinstance(found, Always)
            assert found.holds is negated


def test_a_set_of_macs_by_destination_differs_between_kernels() -> None:
    member = rule_names("dst")
    assert meant(member, _made("hash:mac", "52:54:00:00:00:01", options="")) == Unmodelled(member.text)


def test_a_set_that_is_not_known_decides_nothing() -> None:
    member = rule_names("src")
    assert meant(member, _made("hash:ip", "10.0.0.1", options="family inet timeout 3")) == Unmodelled(member.text)
    assert meant(member, _made("list:set", "y")) == Unmodelled(member.text)


def test_a_set_for_ipv6() -> None:
    found = meant(rule_names("dst", family="ip6"), _made("hash:ip", "fe80::1", options="family inet6"))
    assert isinstance(found, Member)
    assert found.fields == (Field.DESTINATION6,)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("add x 10.0.0.1", 1, "not created"),
        ("create x hash:ip\ncreate x hash:ip", 2, "created twice"),
        ("create x", 1, "neither a set nor an element"),
        ("\nflush x now", 2, "neither a set nor an element"),
        ('create x hash:ip\nadd x 10.0.0.1 comment "a', 2, "not closed"),
        ("Name: a\nType: hash:ip\n", 1, "neither a set nor an element"),
    ],
)
def test_what_is_no_listing(text: str, line: int, why: str) -> None:
    with pytest.raises(ListingError, match=why) as caught:
        parse_ipset(text)
    assert caught.value.line == line


def _tried(text: str) -> dict[str, NamedSet] | ListingError:
    try:
        return parse_ipset(text)
    except ListingError as error:
        return error


@given(st.one_of(st.text(), st.lists(st.sampled_from([*PRINTED.splitlines(), "add a", "create", ""])).map("\n".join)))
def test_any_text_gives_sets_or_the_one_error(text: str) -> None:
    found = _tried(text)
    if isinstance(found, ListingError):
        assert 1 <= found.line <= text.count("\n") + 1
    else:
        assert all(named.known is not bool(named.why) for named in found.values())


@given(st.data())
def test_a_real_listing_with_an_error_in_it(data: st.DataObject) -> None:
    at, length = data.draw(st.integers(0, len(PRINTED))), data.draw(st.integers(0, 40))
    found = _tried(PRINTED[:at] + data.draw(st.text(max_size=8)) + PRINTED[at + length :])
    if not isinstance(found, ListingError):
        assert all(len(each) == len(named.kinds) for named in found.values() for each in named.elements)
