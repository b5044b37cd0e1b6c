"""The envelope of ICMPv6."""

import contextlib
from ipaddress import IPv6Address

import msgspec
import pytest
from hypothesis import given

from packets import addresses6, hostile, icmp6s
from pxedoctor.wire import icmp6
from pxedoctor.wire.error import WireError
from pxedoctor.wire.icmp6 import Icmp6

ROUTER, GUEST = IPv6Address("fe80::1"), IPv6Address("fe80::2")
PING = Icmp6(kind=icmp6.ECHO_REQUEST, code=0, body=b"\0\1\0\2ping")


@given(icmp6s, addresses6, addresses6)
def test_what_is_built_is_parsed_again(value: Icmp6, source: IPv6Address, destination: IPv6Address) -> None:
    assert icmp6.parse(icmp6.build(value, source, destination), source, destination) == value


@given(hostile(icmp6.build, icmp6s, ROUTER, GUEST))
def test_any_bytes_are_one_or_the_one_error(content: bytes) -> None:
    with contextlib.suppress(WireError):
        assert isinstance(icmp6.parse(content, ROUTER, GUEST), Icmp6)


def test_a_message_between_others_has_another_sum() -> None:
    content = icmp6.build(PING, ROUTER, GUEST)
    with pytest.raises(WireError, match="the checksum of the ICMPv6 message is wrong"):
        icmp6.parse(content, ROUTER, IPv6Address("fe80::3"))
    with pytest.raises(WireError, match="an ICMPv6 message ends in its checksum"):
        icmp6.parse(content[:3], ROUTER, GUEST)


@pytest.mark.parametrize("changes", [{"kind": 256}, {"code": -1}, {"body": bytes(65532)}])
def test_a_value_that_no_wire_carries_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(WireError):
        msgspec.structs.replace(PING, **changes)
