"""What a relay agent adds."""

from ipaddress import IPv4Address

import pytest

from pxedoctor.wire.dhcp4_known import RELAY_AGENT
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Option
from pxedoctor.wire.relay_agent import CIRCUIT_ID, LINK_SELECTION


def test_codes_0_and_255_are_codes_like_others() -> None:
    """RFC 3046 section 2.0: no pad, no end."""
    inside = (Option(0, b"zero"), CIRCUIT_ID.of(b"vnet3"), Option(255, b""), LINK_SELECTION.of(IPv4Address("10.0.0.0")))
    option = RELAY_AGENT.of(inside)
    assert option.content == b"\0\4zero" + b"\1\5vnet3" + b"\xff\0" + b"\5\4\x0a\0\0\0"
    assert RELAY_AGENT.find((option,)) == inside
    assert CIRCUIT_ID.find(inside) == b"vnet3"


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(WireError):
        RELAY_AGENT.of((Option(256, b""),))
    with pytest.raises(WireError, match=r"option 82 \(Relay Agent Information\): option 82 ends in its option 1"):
        RELAY_AGENT.find((Option(82, b"\1\5vn"),))
