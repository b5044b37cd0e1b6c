"""Functions and reasons of the kernel in words: the place before the reason, and neither made up."""

import pytest

from pxedoctor.findings.outcome import Hop
from pxedoctor.road.kernel_place import PLACES, REASONS, function_of, is_netfilter, place_of


@pytest.mark.parametrize(
    ("location", "function"),
    [
        ("br_handle_frame+0xff/0x2b0", "br_handle_frame"),
        ("br_handle_frame", "br_handle_frame"),
        ("tun_net_xmit.isra.0+0x1d/0x200 [tun]", "tun_net_xmit"),
        ("ip_rcv_finish_core.constprop.0+0x25b/0x470", "ip_rcv_finish_core"),
        ("0xffffffff81234567", "0xffffffff81234567"),
    ],
)
def test_a_location_without_what_the_compiler_added(location: str, function: str) -> None:
    assert function_of(location) == function


def test_the_place_is_told_where_the_reason_says_nothing() -> None:
    place = place_of("__udp4_lib_rcv+0x8d6/0xa50", "NOT_SPECIFIED")
    assert place.hop is Hop.SERVER
    assert "nobody listens" in place.words


def test_without_a_reason_the_place_is_enough() -> None:
    assert place_of("br_handle_frame+0x19d/0x2a0", "").hop is Hop.PORT


def test_the_reason_explains_what_the_place_leaves_open() -> None:
    wrong = place_of("udp_queue_rcv_one_skb+0x1/0x2", "UDP_CSUM")
    assert (wrong.hop, wrong.words) == (Hop.SERVER, "its UDP sum is wrong")
    assert place_of("br_handle_frame", "BRIDGE_INGRESS_STP_STATE").words == "its port does not forward (STP)"


def test_where_only_vlans_are_asked_the_words_say_so() -> None:
    assert place_of("__allowed_ingress+0x1/0x2 [bridge]", "NOT_SPECIFIED").words.endswith(
        "its port is in no VLAN, or not in this"
    )
    up = place_of("br_pass_frame_up+0x1/0x2 [bridge]", "NOT_SPECIFIED")
    assert (up.hop, up.words) == (Hop.BRIDGE, "the bridge does not hand it to the host, which is not in its VLAN")


def test_netfilter_is_at_many_places() -> None:
    assert place_of("nft_do_chain+0x46f/0x690", "NETFILTER_DROP").hop is None
    assert is_netfilter("nf_hook_slow+0x1", "")
    assert is_netfilter("whatever", "NETFILTER_DROP")
    assert not is_netfilter("br_handle_frame", "")


def test_what_is_not_in_the_table_is_told_as_it_stands() -> None:
    place = place_of("some_new_function+0x1/0x2", "A_NEW_REASON")
    assert place.hop is None
    assert "some_new_function" in place.words


@pytest.mark.parametrize("location", ["00000000b1946ac9", "b1946ac9", "(____ptrval____)"])
def test_a_hashed_address_is_no_place(location: str) -> None:
    """Linux 4.18 to 6.1: of these only a reason tells, and before 5.17 there is none."""
    assert place_of(location, "").words == "the kernel gives it up, and does not name where"
    assert place_of(location, "").hop is None
    assert place_of(location, "UDP_CSUM").words == "its UDP sum is wrong"
    assert is_netfilter(location, "NETFILTER_DROP")


def test_every_entry_is_a_sentence_of_its_own() -> None:
    assert all(place.words and not place.words.endswith(".") for place in (*PLACES.values(), *REASONS.values()))
    assert all(function_of(name) == name or "." in name for name in PLACES)
