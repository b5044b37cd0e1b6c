"""Lines of tracefs as kernels print them: 6.18's own, one without a reason, and what others put into them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.model.traced import HeardEvent
from pxedoctor.trace.event_line import lost, parse

FREED = (
    "         busybox-1390    [000] ..s1. 24792.844203: kfree_skb: skbaddr=ffff88812564bf00 rx_sk=0000000000000000"
    " protocol=2048 location=nft_do_chain+0x46f/0x690 reason: NETFILTER_DROP"
)
# Of a Linux 5.10 (Debian bullseye's, booted): before 5.12 the place is an address, and before 5.17 there is no reason.
FREED_5_10 = (
    "         busybox-188     [000] .Ns1    24.896334: kfree_skb: skbaddr=ffff9100944b8600 protocol=2048"
    " location=ffffffffc02d4254"
)
RECEIVED_5_10 = (
    "         busybox-360     [000] ..s1   170.453778: netif_receive_skb: dev=vg0 skbaddr=ffff8eb6de95f100 len=328"
)
# Linux 6.1: a reason, and the place hashed; composed of its format.
FREED_6_1 = (
    "          <idle>-0     [003] ..s.   101.000200: kfree_skb: skbaddr=00000000b1946ac9 protocol=2048"
    " location=000000004a7c1d2e reason: UDP_CSUM"
)
RECEIVED = (
    "     kworker/1:2-19715   [001] ..s1. 24792.528149: netif_receive_skb: dev=g10977 skbaddr=ffff88823a846300 len=76"
)
QUEUED = "         dnsmasq-1319    [000] bN... 24792.714052: net_dev_queue: dev=vb0977 skbaddr=ffff88812564bb00 len=342"
SENT = (
    "         dnsmasq-1319    [000] bN... 24792.714054: net_dev_start_xmit: dev=vb0977 queue_mapping=0"
    " skbaddr=ffff88812564bb00 vlan_tagged=0 vlan_proto=0x0000 vlan_tci=0x0000 protocol=0x0800 ip_summed=3 len=342"
    " data_len=0 network_offset=14 transport_offset_valid=1 transport_offset=34 tx_flags=0 gso_size=0"
)


def read(line: str) -> HeardEvent:
    event = parse(line, lambda seconds: round(seconds - 100, 6))
    assert event is not None
    return event


def test_a_drop_with_its_place_and_reason() -> None:
    event = read(FREED)
    assert (event.event, event.cpu, event.at) == ("free", 0, 24692.844203)
    assert (event.location, event.reason) == ("nft_do_chain+0x46f/0x690", "NETFILTER_DROP")
    assert (event.buffer, event.protocol) == ("ffff88812564bf00", 2048)


def test_a_kernel_before_5_17_gives_no_reason() -> None:
    event = read(FREED_5_10)
    assert (event.cpu, event.at, event.buffer) == (0, -75.103666, "ffff9100944b8600")
    assert (event.location, event.reason) == ("ffffffffc02d4254", "")
    assert (read(FREED_6_1).location, read(FREED_6_1).reason) == ("000000004a7c1d2e", "UDP_CSUM")


@pytest.mark.parametrize(
    ("line", "event", "device", "length"),
    [
        (RECEIVED, "receive", "g10977", 76),
        (RECEIVED_5_10, "receive", "vg0", 328),
        (QUEUED, "queue", "vb0977", 342),
        (SENT, "xmit", "vb0977", 342),
    ],
)
def test_what_passes_a_device(line: str, event: str, device: str, length: int) -> None:
    found = read(line)
    assert (found.event, found.device, found.length) == (event, device, length)


def test_a_task_whose_name_is_an_event_is_no_event() -> None:
    """A process may call itself what it likes, in 15 characters: what is read stands behind them."""
    evil = "x-1 [0] 1.0: k:-1390    [001] ..s1.     5.000000: kfree_skb: skbaddr=1 protocol=8 location=f reason: A"
    event = parse(evil, float)
    assert event is None or event.cpu == 1


def test_what_the_kernel_had_no_room_for() -> None:
    assert lost("CPU:1 [LOST 4711 EVENTS]\n") == 4711
    assert lost(RECEIVED) == 0


@given(st.text(max_size=200))
def test_anything_is_read_without_harm(text: str) -> None:
    parse(text, float)
    parse(FREED[:40] + text, float)
    lost(text)
