"""What routers and neighbors say of themselves in options."""

import contextlib
from ipaddress import IPv6Address

import pytest
from hypothesis import given

from packets import hostile, nd_options, tuples
from pxedoctor.wire import nd_options as options
from pxedoctor.wire.error import WireError
from pxedoctor.wire.nd_options import (
    Mtu,
    NdOption,
    Other,
    PrefixInformation,
    RecursiveServers,
    RouteInformation,
    SearchList,
    SourceLinkLayer,
    TargetLinkLayer,
)

PREFIX = IPv6Address("fd00:d0d::")
lists = tuples(nd_options)


@given(lists)
def test_what_is_built_is_parsed_again(value: tuple[NdOption, ...]) -> None:
    content = options.build(value)
    assert len(content) % 8 == 0
    assert options.parse(content) == value


@given(hostile(options.build, lists))
def test_any_bytes_are_options_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = options.parse(content)
        assert options.parse(options.build(read)) == read


def test_a_prefix_on_the_wire() -> None:
    prefix = PrefixInformation(prefix=PREFIX, length=64, valid=3600, preferred=1800, autonomous=False)
    assert options.build((prefix,)).hex(" ", 4) == (
        "03044080 00000e10 00000708 00000000 fd000d0d 00000000 00000000 00000000"
    )


def test_a_route_may_leave_out_the_zeros_of_its_prefix() -> None:
    """RFC 4191 section 2.3: length 1, 2 or 3 words."""
    short = bytes.fromhex("1802400800000e10fd000d0d00000000")
    wanted = RouteInformation(prefix=PREFIX, length=64, lifetime=3600, preference=1)
    assert options.parse(short) == (wanted,)
    assert options.parse(bytes.fromhex("1801000000000e10")) == (
        RouteInformation(prefix=IPv6Address("::"), length=0, lifetime=3600),
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("0100525400000001", "option of length zero", id="length zero: an endless loop"),
        pytest.param("0102525400000001", "ends in its option: 14 bytes long, of which 6 are here", id="cut"),
        pytest.param("0101", "ends in its option", id="cut at once"),
        pytest.param("0102" + "00" * 14, "option 1 is followed by 8 bytes", id="a MAC that is too long"),
        pytest.param("0301" + "00" * 6, "neighbor discovery option 3 ends in its preferred lifetime", id="prefix"),
        pytest.param("0304810000000000" + "00" * 24, "0 to 128 bits, not 129", id="prefix of 129 bits"),
        pytest.param("1901000000000e10", "1 to 127 DNS servers, not 0", id="no DNS server"),
        pytest.param("1902" + "00" * 14, "a list of DNS servers of 8 bytes", id="half a DNS server"),
        pytest.param("1802410000000e10" + "00" * 8, "a route to /65 with 8 bytes", id="a route's prefix cut"),
        pytest.param("1804000000000e10" + "00" * 24, "with 24 bytes of prefix", id="a route's prefix too long"),
        pytest.param("1f01000000000e10", "one domain at least", id="no domain"),
        pytest.param("1f02000000000e10" + "3f" * 8, "ends in one of its labels", id="a domain cut"),
        pytest.param("1f02000000000e10" + "c000" * 4, "compression pointer", id="a domain that points at itself"),
    ],
)
def test_what_is_no_option_says_why(content: str, says: str) -> None:
    with pytest.raises(WireError, match=says):
        options.parse(bytes.fromhex(content))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (SourceLinkLayer, {"mac": "x"}),
        (TargetLinkLayer, {"mac": "x"}),
        (Mtu, {"mtu": -1}),
        (Other, {"kind": 3, "content": bytes(6)}),
        (Other, {"kind": 256, "content": bytes(6)}),
        (Other, {"kind": 4, "content": bytes(7)}),
        (PrefixInformation, {"prefix": PREFIX, "length": 64, "valid": -1, "preferred": 0}),
        (PrefixInformation, {"prefix": PREFIX, "length": 64, "valid": 0, "preferred": 1 << 32}),
        (RouteInformation, {"prefix": PREFIX, "length": 64, "lifetime": -1}),
        (RouteInformation, {"prefix": PREFIX, "length": 64, "lifetime": 0, "preference": 4}),
        (RecursiveServers, {"lifetime": -1, "servers": (PREFIX,)}),
        (SearchList, {"lifetime": -1, "domains": ("a",)}),
        (SearchList, {"lifetime": 0, "domains": ("a", "")}),
        (SearchList, {"lifetime": 0, "domains": ("a" * 63,) * 32}),
    ],
)
def test_a_value_that_no_wire_carries_is_refused(kind: type[Mtu], values: dict[str, int]) -> None:
    with pytest.raises(WireError):
        kind(**values)
