"""What fits into a field, to the last value."""

import pytest

from pxedoctor.wire.bounds import require_bits, require_size
from pxedoctor.wire.error import WireError


@pytest.mark.parametrize("value", [0, 1, 4095])
def test_twelve_bits_hold(value: int) -> None:
    require_bits("VLAN", value, 12)


@pytest.mark.parametrize("value", [-1, 4096])
def test_twelve_bits_do_not_hold(value: int) -> None:
    with pytest.raises(WireError, match=f"VLAN is 0 to 4095, not {value}"):
        require_bits("VLAN", value, 12)


def test_sizes_have_two_ends() -> None:
    require_size("a field", b"ab", most=2, least=2)
    for content in (b"a", b"abc"):
        with pytest.raises(WireError, match=f"a field has 2 to 2 bytes, not {len(content)}"):
            require_size("a field", content, most=2, least=2)
