"""Codes and bytes, and what they mean."""

import contextlib
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packets import suboptions
from pxedoctor.wire.dhcp4_known import HOST_NAME, ROUTER
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Option, build_option, parse_options, parse_plain, require_codes


def built(options: tuple[Option, ...]) -> bytes:
    return b"".join(build_option(option) for option in options)


@given(suboptions)
def test_what_is_built_is_parsed_again(options: tuple[Option, ...]) -> None:
    assert parse_options(built(options), "it") == options
    assert parse_plain(built(options), "it") == options


@given(st.binary(max_size=300))
def test_any_bytes_are_options_or_the_one_error(content: bytes) -> None:
    for parse in (parse_options, parse_plain):
        with contextlib.suppress(WireError):
            read = parse(content, "it")
            assert parse(built(read), "it") == read


def test_pads_are_passed_over_and_the_end_ends() -> None:
    assert parse_options(b"\0\0\x0c\2hi\0\xff\x0c\1x", "it") == (Option(12, b"hi"),)
    assert parse_plain(b"\0\1a\xff\0", "it") == (Option(0, b"a"), Option(255, b""))


@pytest.mark.parametrize(("content", "says"), [(b"\x0c", "ends in its option"), (b"\x0c\5hi", "ends in its option 12")])
def test_an_option_that_is_cut_says_which(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        parse_options(content, "option 43")


def test_an_option_is_asked_for_by_name_and_only_then_can_be_wrong() -> None:
    server = IPv4Address("192.168.150.1")
    options = (HOST_NAME.of("web01"), ROUTER.of((server,)))
    assert ROUTER.find(options) == (server,)
    assert ROUTER.find(options[:1]) is None
    with pytest.raises(WireError, match=r"option 3 \(Router\): 3 bytes are no list of pieces of 4"):
        ROUTER.find((Option(3, b"abc"),))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(WireError, match="option 12 has 0 to 255 bytes, not 256"):
        build_option(Option(12, bytes(256)))
    for code in (0, 255, -1):
        with pytest.raises(WireError, match=f"a code in a message is 1 to 254, not {code}"):
            require_codes((Option(code, b""),), "a message")
