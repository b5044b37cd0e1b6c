"""Addresses of a Linux 5.10 and its /proc/kallsyms, as a machine with Debian bullseye's kernel showed them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.findings.outcome import Hop
from pxedoctor.road.kernel_place import place_of
from pxedoctor.trace.kernel_symbols import KernelSymbols

SYMBOLS = """\
ffffffffa5e00000 T _stext
ffffffffa64bf1b0 T skb_queue_purge
ffffffffa6563870 T nf_hook_slow
ffffffffa65666a0 t ip_error
ffffffffa656d0b0 t ip_rcv_finish_core.constprop.0
ffffffffa65acf50 T __udp4_lib_rcv
ffffffffa66ad4c2 t ip_rcv_finish_core.constprop.0.cold
ffffffffa7a00000 D init_stack
ffffffffc038d170 t br_handle_frame\t[bridge]
"""
HIDDEN = "0000000000000000 T _stext\n0000000000000000 T nf_hook_slow\n"


def test_an_address_has_the_name_of_the_function_that_it_is_in() -> None:
    symbols = KernelSymbols(SYMBOLS)
    assert symbols
    assert symbols.named("ffffffffa656671d") == "ip_error+0x7d"
    assert symbols.named("ffffffffa64bf1c0") == "skb_queue_purge+0x10"
    assert place_of(symbols.named("ffffffffc038d30b"), "").words == "the bridge does not take it in at this port"
    assert place_of(symbols.named("ffffffffa66ad4d0"), "").hop == "route", "what the compiler put aside is of it, too"


@pytest.mark.parametrize(
    ("location", "hop"),
    [
        # Recorded there, one real drop each: STP, the reverse path filter, a wrong sum, no socket for one and for all.
        ("br_handle_frame+0xe4", Hop.PORT),
        ("ip_rcv_finish_core.constprop.0+0x20e", Hop.ROUTE),
        ("udp_recvmsg+0x299", Hop.SERVER),
        ("__udp4_lib_rcv+0x9a3", Hop.SERVER),
        ("__udp4_lib_rcv+0xa64", Hop.SERVER),
        # iptables-legacy, in raw and in filter: the hook is not in it.
        ("nf_hook_slow+0x93", None),
    ],
)
def test_where_that_kernel_gave_packets_up(location: str, hop: Hop | None) -> None:
    assert place_of(location, "").hop is hop


def test_what_is_in_no_function_and_what_is_no_address_stay_as_they_are() -> None:
    symbols = KernelSymbols(SYMBOLS)
    assert symbols.named("ffffffffa5d00000") == "ffffffffa5d00000"
    assert symbols.named("ffffffffc0ffffff") == "ffffffffc0ffffff"
    assert symbols.named("nf_hook_slow+0x1/0x2") == "nf_hook_slow+0x1/0x2"
    assert symbols.named("00000000b1946ac9") == "00000000b1946ac9", "one that only stands for an address"


def test_a_kernel_that_hides_its_addresses_has_no_names() -> None:
    assert not KernelSymbols(HIDDEN)
    assert KernelSymbols(HIDDEN).named("ffffffffa656671d") == "ffffffffa656671d"


@given(st.text(max_size=200))
def test_anything_is_read(text: str) -> None:
    KernelSymbols(text).named(text)
