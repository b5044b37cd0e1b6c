"""Domain names, and what an enemy makes of their compression."""

import contextlib

import pytest
from hypothesis import given

from packets import hostile, names, tuples
from pxedoctor.wire.domain import build_name, build_names, parse_names
from pxedoctor.wire.error import WireError

lists = tuples(names)


@given(lists)
def test_what_is_built_is_parsed_again(value: tuple[str, ...]) -> None:
    assert parse_names(build_names(value)) == value


@given(hostile(build_names, lists))
def test_any_bytes_are_names_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = parse_names(content)
        assert parse_names(build_names(read)) == read


def test_the_example_of_rfc_3397() -> None:
    """eng.apple.com. and marketing.apple.com., the second one with a pointer to the first's apple.com."""
    content = b"\3eng\5apple\3com\0" + b"\x09marketing\xc0\x04"
    assert parse_names(content) == ("eng.apple.com", "marketing.apple.com")


def test_bytes_that_would_part_or_hide_are_escaped() -> None:
    assert parse_names(b"\4a.b\\\3c \xff\0") == (r"a\.b\\.c\032\255",)
    assert parse_names(b"\0") == ("",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"\xc0\0", "pointer to 0 does not point before 0", id="a pointer to itself"),
        pytest.param(b"\1a\xc0\0", "pointer to 0 does not point before 0", id="a name that contains itself"),
        pytest.param(b"\0\1a\xc0\6\1b\xc0\2", "pointer to 6", id="a pointer forwards"),
        pytest.param(b"\xc0", "ends before its last label", id="half a pointer"),
        pytest.param(b"\3ab", "ends in one of its labels", id="a label cut"),
        pytest.param(b"\3abc", "ends before its last label", id="no root"),
        pytest.param(b"\x40" + bytes(64), "a label of 64 bytes", id="a label too long"),
        pytest.param(b"\x3f" + b"a" * 63 + (b"\x3f" + b"b" * 63) * 3 + b"\0", "more than 255 bytes", id="too long"),
    ],
)
def test_what_is_no_name_says_why(content: bytes, says: str) -> None:
    with pytest.raises(WireError, match=says):
        parse_names(content)


def test_a_ladder_of_pointers_is_as_short_as_a_name() -> None:
    """Each name points at the one before: the work stays small, and a name beyond 255 bytes is an error."""
    content, last = b"\1x\0", 0
    for _ in range(200):
        content, last = content + b"\1x\xc0" + bytes((last,)), len(content) % 256
        if len(content) > 250:
            break
    assert len(parse_names(content)) > 50


@pytest.mark.parametrize("name", ["a..b", ".", "a" * 64, ".".join(["abc"] * 64), "é", r"\256", "a."])
def test_a_name_that_no_wire_carries_is_refused(name: str) -> None:
    with pytest.raises(WireError):
        build_name(name)
