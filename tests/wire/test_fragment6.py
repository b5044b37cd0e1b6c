"""The fragment header of IPv6."""

import contextlib

import pytest
from hypothesis import given
from msgspec.structs import replace

from packets import fragment6s, hostile
from pxedoctor.wire import fragment6
from pxedoctor.wire.error import WireError
from pxedoctor.wire.fragment6 import Fragment6

SECOND = Fragment6(protocol=17, start=154, more=False, identification=0x0D0D0D0D, payload=b"the rest")


@given(fragment6s)
def test_what_is_built_is_parsed_again(value: Fragment6) -> None:
    assert fragment6.parse(fragment6.build(value)) == value


@given(hostile(fragment6.build, fragment6s))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        read = fragment6.parse(content)
        assert fragment6.parse(fragment6.build(read)) == read


def test_a_fragment_on_the_wire() -> None:
    content = fragment6.build(SECOND)
    assert content[:8].hex(" ", 2) == "1100 04d0 0d0d 0d0d"
    assert fragment6.build(replace(SECOND, more=True))[:4].hex(" ", 2) == "1100 04d1"


def test_what_is_reserved_is_not_looked_at() -> None:
    content = bytearray(fragment6.build(SECOND))
    content[1], content[3] = 0xFF, content[3] | 0x06
    assert fragment6.parse(bytes(content)) == SECOND


def test_a_header_that_is_cut_says_so() -> None:
    with pytest.raises(WireError, match="an IPv6 fragment ends in its header"):
        fragment6.parse(fragment6.build(SECOND)[:7])


@pytest.mark.parametrize("changes", [{"protocol": 256}, {"start": 0x2000}, {"identification": 1 << 32}])
def test_a_value_that_no_wire_carries_is_refused(changes: dict[str, int]) -> None:
    with pytest.raises(WireError):
        replace(SECOND, **changes)
