"""Conversations with DHCPv6 servers."""

from ipaddress import IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from packets import dhcp6s, relay6s
from pxedoctor.dialogue.dhcp4_state import Goal
from pxedoctor.dialogue.dhcp6 import TABLE, step
from pxedoctor.dialogue.dhcp6_message import Asking6, Conversation6, State6
from pxedoctor.dialogue.event import Begin, Event, Heard, Stop, Wake
from pxedoctor.dialogue.profiles import ovmf6, ovmf_http6
from pxedoctor.dialogue.wish import Notice, Send
from pxedoctor.wire import dhcp6
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Option
from pxedoctor.wire.udp import Udp
from script import DUID, XID, event_of, play


def asking(goal: Goal = Goal.LEASE, **changes: Any) -> Conversation6:
    values: dict[str, Any] = {
        "profile": ovmf6.PROFILE,
        "source": IPv6Address("fe80::5054:ff:fe0d:d01"),
        "duid": DUID,
        "iaid": 1,
        "xid": XID,
        "goal": goal,
    }
    return Conversation6(asking=Asking6(**(values | changes)))


def test_the_best_advertisement_is_taken_when_the_next_solicit_is_due() -> None:
    """RFC 8415 section 18.2.1; each exchange has a transaction id of its own."""
    play(
        step,
        asking(),
        """
        >> 0 begin
        << SOLICIT xid +0 elapsed 0
        << wake 4.7
        >> 0.1 ADVERTISE address=fd00:d0d::5
        << offered by fe80::1: fd00:d0d::5
        >> 0.2 ADVERTISE address=fd00:d0d::6 preference=7
        << offered by fe80::1: fd00:d0d::6
        >> 4.7 wake
        << REQUEST xid +1 elapsed 0 for fd00:d0d::6
        << wake 9.4
        >> 4.8 REPLY address=fd00:d0d::6 xid=855310
        << acked by fe80::1: fd00:d0d::6
        << done leased: fd00:d0d::6
        >> 9 stop
        << RELEASE xid +2 elapsed 0 for fd00:d0d::6
        << done released
        """,
    )


def test_http_boot_passes_over_who_does_not_echo_its_class() -> None:
    play(
        step,
        asking(Goal.OFFERS, profile=ovmf_http6.PROFILE),
        """
        >> 0 begin
        << SOLICIT xid +0 elapsed 0
        << wake 4.7
        >> 0.1 ADVERTISE address=fd00:d0d::5
        << refused by fe80::1: it is no answer to this vendor class: option 16 is missing or another one
        >> 0.2 ADVERTISE address=fd00:d0d::5 class=PXEClient
        << refused by fe80::1: it is no answer to this vendor class: option 16 is missing or another one
        >> 0.3 ADVERTISE address=fd00:d0d::5 class=HTTPClient
        << offered by fe80::1: fd00:d0d::5
        >> 4.7 wake
        << done offered: 1 advertisements
        """,
    )


def test_a_preference_of_255_is_taken_at_once() -> None:
    play(
        step,
        asking(Goal.OFFERS),
        """
        >> 0 begin
        << SOLICIT xid +0 elapsed 0
        << wake 4.7
        >> 0.1 ADVERTISE address=fd00:d0d::5 preference=255
        << offered by fe80::1: fd00:d0d::5
        << done offered: 1 advertisements
        """,
    )


def test_after_the_first_wait_any_advertisement_is_taken_at_once() -> None:
    play(
        step,
        asking(Goal.OFFERS),
        """
        >> 0 begin
        << SOLICIT xid +0 elapsed 0
        << wake 4.7
        >> 4.7 wake
        << SOLICIT xid +0 elapsed 470
        << wake 13.7
        >> 5 ADVERTISE address=fd00:d0d::5
        << offered by fe80::1: fd00:d0d::5
        << done offered: 1 advertisements
        """,
    )


def test_a_server_without_an_address_is_told_and_not_taken() -> None:
    play(
        step,
        asking(),
        """
        >> 0 begin
        << SOLICIT xid +0 elapsed 0
        << wake 4.7
        >> 0.1 ADVERTISE status=2
        << refused by fe80::1: status 2: none left
        >> 0.2 ADVERTISE
        << refused by fe80::1: it offers no address
        >> 0.3 ADVERTISE address=fd00:d0d::5 xid=1
        >> 0.4 REPLY address=fd00:d0d::5
        """,
    )


def test_silence_ends_as_the_firmware_ends_it() -> None:
    play(
        step,
        asking(),
        """
        >> 0 begin
        << SOLICIT xid +0 elapsed 0
        << wake 4.7
        >> 4.7 wake
        << SOLICIT xid +0 elapsed 470
        << wake 13.7
        >> 13.7 wake
        << SOLICIT xid +0 elapsed 1370
        << wake 31.4
        >> 31.4 wake
        << SOLICIT xid +0 elapsed 3140
        << wake 64.4
        >> 64.4 wake
        << done silent: no advertisement of an address to 4 SOLICITs
        """,
    )


def test_a_reply_without_an_address_is_a_refusal() -> None:
    play(
        step,
        asking(),
        """
        >> 0 begin
        << SOLICIT xid +0 elapsed 0
        << wake 4.7
        >> 0.1 ADVERTISE address=fd00:d0d::5 preference=255
        << offered by fe80::1: fd00:d0d::5
        << REQUEST xid +1 elapsed 0 for fd00:d0d::5
        << wake 4.8
        >> 0.2 REPLY status=2 xid=855310
        << done refused: status 2: none left
        """,
    )


def test_stopping_before_a_lease_sends_nothing() -> None:
    play(
        step,
        asking(),
        """
        >> 0 begin
        << SOLICIT xid +0 elapsed 0
        << wake 4.7
        >> 1 stop
        << done stopped
        """,
    )


def test_a_request_is_repeated_and_given_up() -> None:
    conversation, _ = step(asking(), Begin(), 0)
    conversation, _ = step(conversation, event_of("ADVERTISE address=fd00:d0d::5 preference=255"), 0)
    said = []
    for at in (4.7, 13.7, 31.4, 64.4):
        conversation, wishes = step(conversation, Wake(), at)
        said += [wish for wish in wishes if isinstance(wish, Send)]
    assert len(said) == 3
    assert conversation.state is State6.OVER


def test_numbers_that_no_wire_carries_are_refused() -> None:
    for changes in ({"xid": 1 << 24}, {"iaid": -1}):
        with pytest.raises(WireError):
            asking(**changes)


def heard(payload: bytes) -> Heard:
    datagram = Udp(source_port=547, destination_port=546, payload=payload)
    return Heard(source=IPv6Address("fe80::1"), datagram=datagram)


events = st.one_of(
    st.sampled_from([Begin(), Wake(), Stop()]),
    st.sampled_from(
        [event_of("ADVERTISE address=fd00::5 preference=255"), event_of("REPLY address=fd00::5 xid=855310")]
    ),
    (st.binary(max_size=100) | (dhcp6s | relay6s).map(dhcp6.build)).map(heard),
)


@given(st.lists(st.tuples(events, st.floats(0, 9)), max_size=30))
def test_whatever_happens_it_goes_on_or_ends(happening: list[tuple[Event, float]]) -> None:
    conversation, at = asking(), 0.0
    for event, later in happening:
        at += later
        before = conversation.state
        conversation, wishes = step(conversation, event, at)
        for wish in wishes:
            if isinstance(wish, Send):
                dhcp6.parse(wish.datagram.payload)
        if before is State6.OVER:
            assert not wishes


@given(st.binary(max_size=60).map(lambda rest: b"\2\x0d\x0d\x0d" + rest))
def test_malformed_advertisements_are_told_or_passed_over(content: bytes) -> None:
    conversation, _ = step(asking(), Begin(), 0)
    conversation, wishes = step(conversation, heard(content), 1)
    assert conversation.state is State6.SOLICITING
    assert len(wishes) <= 1


def test_a_malformed_preference_is_none_and_a_malformed_status_says_nothing() -> None:
    good = dhcp6.parse(event_of("ADVERTISE address=fd00:d0d::5").datagram.payload)  # type: ignore[union-attr]
    odd = replace(good, options=(*good.options, Option(7, b"xy")))
    conversation, _ = step(asking(Goal.OFFERS), Begin(), 0)
    conversation, wishes = step(conversation, heard(dhcp6.build(odd)), 1)
    assert [type(wish).__name__ for wish in wishes] == ["Notice"]
    none = dhcp6.parse(event_of("ADVERTISE").datagram.payload)  # type: ignore[union-attr]
    told = heard(dhcp6.build(replace(none, options=(*none.options, Option(13, b"x")))))
    _, wishes = step(conversation, told, 1)
    assert isinstance(wishes[0], Notice)
    assert wishes[0].why == "it offers no address"
    elsewhere = Heard(source=told.source, datagram=replace(told.datagram, destination_port=69))
    assert step(conversation, elsewhere, 1)[1] == ()


def test_the_table_holds_every_state_that_can_be_left() -> None:
    assert {state for state, _ in TABLE} == set(State6) - {State6.OVER}
