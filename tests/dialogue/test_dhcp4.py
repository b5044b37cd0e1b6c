"""Conversations with DHCPv4 servers, as real clients hold them."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from packets import dhcp4s
from pxedoctor.dialogue.dhcp4 import TABLE, step
from pxedoctor.dialogue.dhcp4_state import Asking, Conversation, Goal, State
from pxedoctor.dialogue.event import Begin, Event, Heard, Stop, Wake
from pxedoctor.dialogue.profiles.registry import PROFILES, profile_named
from pxedoctor.dialogue.wish import Done, Send, WakeAt
from pxedoctor.wire import dhcp4
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.error import WireError
from pxedoctor.wire.udp import Udp
from script import MAC, XID, event_of, play

UUID_OF_GUEST = UUID("6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d02")


def asking(name: str, **changes: Any) -> Conversation:
    profile = profile_named(name)
    assert profile is not None
    values: dict[str, Any] = {"profile": profile, "mac": MAC, "xid": XID, "machine": UUID_OF_GUEST}
    return Conversation(asking=Asking(**(values | changes)))


def lease(name: str, **changes: Any) -> Conversation:
    return asking(name, goal=Goal.LEASE, **changes)


def test_ipxe_waits_two_seconds_for_a_proxy() -> None:
    """DISCOVER at 0 and 1 s, though an offer is there; REQUEST at 3 s: what a healthy capture looks like."""
    play(
        step,
        lease("ipxe"),
        """
        >> 0 begin
        << DISCOVER secs 4
        << wake 1
        >> 0.1 OFFER address=192.168.150.5 file=pxelinux.0 next=192.168.150.1
        << offered by 192.168.150.1: 192.168.150.5
        >> 1 wake
        << DISCOVER secs 10
        << wake 3
        >> 1.1 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        >> 3 wake
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 18
        << wake 3.25
        >> 3.1 ACK address=192.168.150.5
        << acked by 192.168.150.1: 192.168.150.5
        << done leased: 192.168.150.5
        """,
    )


def test_ipxe_goes_on_at_once_where_no_proxy_is_wanted() -> None:
    play(
        step,
        asking("ipxe"),
        """
        >> 0 begin
        << DISCOVER secs 4
        << wake 1
        >> 0.1 OFFER address=192.168.150.5 nopxe=1
        << offered by 192.168.150.1: 192.168.150.5
        << done offered: 1 offers
        """,
    )


def test_ipxe_asks_a_proxy_without_a_file_on_port_4011() -> None:
    play(
        step,
        lease("ipxe"),
        """
        >> 0 begin
        << DISCOVER secs 4
        << wake 1
        >> 0.1 OFFER server=192.168.150.2 class=PXEClient
        << proxy-offered by 192.168.150.2
        >> 0.2 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 11
        << wake 0.45
        >> 0.3 ACK address=192.168.150.5
        << acked by 192.168.150.1: 192.168.150.5
        << REQUEST of 192.168.150.2 secs 15 from 192.168.150.5 to 192.168.150.2:4011
        << wake 0.55
        >> 0.4 ACK server=192.168.150.2 port=4011 class=PXEClient next=192.168.150.2 file=undionly.kpxe
        << file by 192.168.150.2: undionly.kpxe
        << done leased: 192.168.150.5
        """,
    )


def test_ipxe_boots_without_a_proxy_that_says_no_more() -> None:
    play(
        step,
        lease("ipxe"),
        """
        >> 0 begin
        << DISCOVER secs 4
        << wake 1
        >> 0.1 OFFER server=192.168.150.2 class=PXEClient
        << proxy-offered by 192.168.150.2
        >> 0.2 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 11
        << wake 0.45
        >> 1 ACK address=192.168.150.5
        << acked by 192.168.150.1: 192.168.150.5
        << REQUEST of 192.168.150.2 secs 15 from 192.168.150.5 to 192.168.150.2:4011
        << wake 1.25
        >> 1.25 wake
        << REQUEST of 192.168.150.2 secs 19 from 192.168.150.5 to 192.168.150.2:4011
        << wake 1.75
        >> 1.75 wake
        << REQUEST of 192.168.150.2 secs 23 from 192.168.150.5 to 192.168.150.2:4011
        << wake 2.75
        >> 2.75 wake
        << REQUEST of 192.168.150.2 secs 27 from 192.168.150.5 to 192.168.150.2:4011
        << wake 4.75
        >> 4.75 wake
        << done leased: 192.168.150.5
        """,
    )


def test_a_proxy_with_a_menu_is_not_asked_again() -> None:
    play(
        step,
        lease("ipxe"),
        """
        >> 0 begin
        << DISCOVER secs 4
        << wake 1
        >> 0.1 OFFER server=192.168.150.2 class=PXEClient menu=Install
        << proxy-offered by 192.168.150.2
        >> 0.2 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 11
        << wake 0.45
        >> 0.3 ACK address=192.168.150.5
        << acked by 192.168.150.1: 192.168.150.5
        << done leased: 192.168.150.5
        """,
    )


def test_ipxe_takes_the_offer_of_the_highest_priority() -> None:
    play(
        step,
        lease("ipxe"),
        """
        >> 0 begin
        << DISCOVER secs 4
        << wake 1
        >> 0.1 OFFER server=192.168.150.1 address=192.168.150.5 priority=1
        << offered by 192.168.150.1: 192.168.150.5
        >> 0.2 OFFER server=192.168.150.9 address=192.168.150.77
        << offered by 192.168.150.9: 192.168.150.77
        >> 2.5 OFFER server=192.168.150.9 address=192.168.150.77
        << offered by 192.168.150.9: 192.168.150.77
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 10
        << wake 2.75
        """,
    )


def test_ipxe_gives_up_after_fifteen_seconds() -> None:
    play(
        step,
        asking("ipxe"),
        """
        >> 0 begin
        << DISCOVER secs 4
        << wake 1
        >> 1 wake
        << DISCOVER secs 8
        << wake 3
        >> 3 wake
        << DISCOVER secs 12
        << wake 7
        >> 7 wake
        << DISCOVER secs 16
        << wake 15
        >> 15 wake
        << done silent: no offer to 4 DISCOVERs
        """,
    )


def test_ovmf_acts_on_an_offer_when_its_next_packet_is_due() -> None:
    play(
        step,
        lease("ovmf"),
        """
        >> 0 begin
        << DISCOVER
        << wake 4
        >> 0.1 OFFER address=192.168.150.5 file=shim.efi
        << offered by 192.168.150.1: 192.168.150.5
        >> 4 wake
        << REQUEST for 192.168.150.5 of 192.168.150.1
        << wake 8
        """,
    )


def test_ovmf_takes_no_offer_without_a_boot_file() -> None:
    """PXE-E16: no valid offer received."""
    play(
        step,
        lease("ovmf"),
        """
        >> 0 begin
        << DISCOVER
        << wake 4
        >> 0.1 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        >> 4 wake
        << done refused: no offer has a boot file, and no proxy answered
        """,
    )


def test_ovmf_drops_an_offer_from_another_port() -> None:
    play(
        step,
        lease("ovmf"),
        """
        >> 0 begin
        << DISCOVER
        << wake 4
        >> 0.1 OFFER address=192.168.150.5 file=shim.efi port=1067
        << refused by 192.168.150.1: it does not come from port 67
        >> 0.2 OFFER address=192.168.150.5 file=shim.efi id=none
        << refused by 192.168.150.1: it names no server: option 54 is missing
        """,
    )


def test_firmware_drops_a_sum_that_nobody_filled() -> None:
    play(
        step,
        asking("ipxe"),
        """
        >> 0 begin
        << DISCOVER secs 4
        << wake 1
        >> 0.1 OFFER address=192.168.150.5 sum=partial
        << refused by 192.168.150.1: its UDP sum is wrong
        >> 0.2 OFFER address=192.168.150.5 sum=bad
        << refused by 192.168.150.1: its UDP sum is wrong
        """,
    )


def test_the_kernel_drops_none() -> None:
    play(
        step,
        asking("linux-ip"),
        """
        >> 0 begin
        << DISCOVER
        << wake 2.5
        >> 0.1 OFFER address=192.168.150.5 sum=partial
        << offered by 192.168.150.1: 192.168.150.5
        << done offered: 1 offers
        """,
    )


def test_whoever_listens_longer_hears_the_second_server() -> None:
    play(
        step,
        asking("udhcpc-n", listens=0.5),
        """
        >> 0 begin
        << DISCOVER
        << wake 3
        >> 0.1 OFFER server=192.168.150.1 address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << wake 0.6
        >> 0.3 OFFER server=192.168.150.9 address=192.168.150.77
        << offered by 192.168.150.9: 192.168.150.77
        << wake 0.6
        >> 0.6 wake
        << done offered: 2 offers
        """,
    )


def test_a_nak_begins_anew_and_a_storm_of_them_ends() -> None:
    """GRUB's secs are the time of day: here, its transaction id's low half and what went by."""
    play(
        step,
        lease("grub"),
        """
        >> 0 begin
        << DISCOVER secs 3341
        << wake 0.4
        >> 0.1 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 3341
        << wake 0.5
        >> 0.2 NAK says=taken
        << naked by 192.168.150.1: taken
        << wake 1.2
        >> 1.2 wake
        << DISCOVER secs 3342
        << wake 1.6
        >> 1.3 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 3342
        << wake 1.7
        >> 1.4 NAK
        << naked by 192.168.150.1
        << wake 2.4
        >> 2.4 wake
        << DISCOVER secs 3343
        << wake 2.8
        >> 2.5 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 3343
        << wake 2.9
        >> 2.6 NAK
        << naked by 192.168.150.1
        << done refused: 3 NAKs
        """,
    )


def test_an_ack_of_another_server_or_address_is_not_ours() -> None:
    play(
        step,
        lease("udhcpc-n"),
        """
        >> 0 begin
        << DISCOVER
        << wake 3
        >> 1 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 1
        << wake 4
        >> 2 ACK server=192.168.150.9 address=192.168.150.5
        >> 2 ACK address=192.168.150.6
        >> 4 wake
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 4
        << wake 7
        >> 7 wake
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 7
        << wake 10
        >> 10 wake
        << done silent: no ACK to 3 REQUESTs
        """,
    )


def test_somebody_who_has_the_address_is_found_and_the_lease_declined() -> None:
    """RFC 5227: three probes, and RFC 2131 section 4.4.4."""
    play(
        step,
        lease("dhcpcd"),
        """
        >> 0 begin
        << DISCOVER
        << wake 4
        >> 1 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 1
        << wake 5
        >> 1 ACK address=192.168.150.5
        << acked by 192.168.150.1: 192.168.150.5
        << arp 192.168.150.5?
        << wake 2.5
        >> 2 arp 52:54:00:0d:0d:01 has 192.168.150.5
        >> 2 arp 52:54:00:0d:0d:09 has 192.168.150.6
        >> 2.5 wake
        << arp 192.168.150.5?
        << wake 4
        >> 3 arp 52:54:00:0d:0d:09 has 192.168.150.5
        << conflict by 192.168.150.5: 52:54:00:0d:0d:09 has 192.168.150.5 too
        << DECLINE for 192.168.150.5 of 192.168.150.1
        << done conflict: 52:54:00:0d:0d:09 has 192.168.150.5 too
        """,
    )


def test_a_lease_is_given_back() -> None:
    play(
        step,
        lease("udhcpc-n", probes=1),
        """
        >> 0 begin
        << DISCOVER
        << wake 3
        >> 1 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << REQUEST for 192.168.150.5 of 192.168.150.1 secs 1
        << wake 4
        >> 1 ACK address=192.168.150.5
        << acked by 192.168.150.1: 192.168.150.5
        << arp 192.168.150.5?
        << wake 3
        >> 3 wake
        << done leased: 192.168.150.5
        >> 9 stop
        << RELEASE of 192.168.150.1 from 192.168.150.5 to 192.168.150.1:67
        << done released: 192.168.150.5
        """,
    )


def test_before_there_is_a_lease_nothing_is_released() -> None:
    play(
        step,
        lease("udhcpc-n"),
        """
        >> 0 begin
        << DISCOVER
        << wake 3
        >> 1 stop
        << done stopped
        >> 3 wake
        """,
    )


def test_what_is_malformed_is_told_and_what_is_anothers_is_not() -> None:
    play(
        step,
        asking("udhcpc-n"),
        """
        >> 0 begin
        << DISCOVER
        << wake 3
        >> 1 bytes 0201
        << malformed by 192.168.150.1: a DHCPv4 message ends in its hlen: 1 bytes long, of which 0 are here
        >> 1 OFFER address=192.168.150.5 xid=7
        """,
    )


def test_woken_too_early_it_sends_nothing() -> None:
    play(
        step,
        asking("ipxe"),
        """
        >> 0 begin
        << DISCOVER secs 4
        << wake 1
        >> 0.5 wake
        << wake 1
        """,
    )


def test_whoever_listens_longer_than_its_timer_asks_again() -> None:
    play(
        step,
        asking("ovmf", listens=6),
        """
        >> 0 begin
        << DISCOVER
        << wake 4
        >> 0.1 OFFER address=192.168.150.5 file=x
        << offered by 192.168.150.1: 192.168.150.5
        << wake 4
        >> 4 wake
        << DISCOVER secs 4
        << wake 6.1
        >> 6.1 wake
        << wake 12
        >> 12 wake
        << done offered: 1 offers
        """,
    )


def test_whoever_listens_too_long_has_its_offers_all_the_same() -> None:
    play(
        step,
        asking("udhcpc-n", listens=100),
        """
        >> 0 begin
        << DISCOVER
        << wake 3
        >> 1 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        << wake 3
        >> 3 wake
        << DISCOVER secs 3
        << wake 6
        >> 6 wake
        << DISCOVER secs 6
        << wake 9
        >> 9 wake
        << done offered: 1 offers, none of which it went on with in time
        """,
    )


def test_a_proxy_alone_is_no_server() -> None:
    play(
        step,
        asking("udhcpc-n"),
        """
        >> 0 begin
        << DISCOVER
        << wake 3
        >> 1 OFFER class=PXEClient
        << proxy-offered by 192.168.150.1
        >> 3 wake
        << DISCOVER secs 3
        << wake 6
        >> 6 wake
        << DISCOVER secs 6
        << wake 9
        >> 9 wake
        << done silent: a proxy answered, but nobody offered an address
        """,
    )


def test_ovmf_does_not_boot_without_the_proxys_answer() -> None:
    """PXE-E18: server response timeout. Answers of others, and refusals, are not that answer."""
    play(
        step,
        lease("ovmf"),
        """
        >> 0 begin
        << DISCOVER
        << wake 4
        >> 0.1 OFFER server=192.168.150.2 class=PXEClient
        << proxy-offered by 192.168.150.2
        >> 0.2 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        >> 4 wake
        << REQUEST for 192.168.150.5 of 192.168.150.1
        << wake 8
        >> 4.1 bytes 02
        << malformed by 192.168.150.1: a DHCPv4 message ends in its htype: 1 bytes long, of which 0 are here
        >> 4.2 ACK address=192.168.150.5
        << acked by 192.168.150.1: 192.168.150.5
        << REQUEST from 192.168.150.5 to 192.168.150.2:4011
        << wake 5.2
        >> 4.3 ACK server=192.168.150.9 class=PXEClient next=192.168.150.9 file=other.efi
        >> 4.4 NAK server=192.168.150.2
        >> 5.2 wake
        << REQUEST secs 256 from 192.168.150.5 to 192.168.150.2:4011
        << wake 7.2
        >> 7.2 wake
        << REQUEST secs 512 from 192.168.150.5 to 192.168.150.2:4011
        << wake 10.2
        >> 10.2 wake
        << REQUEST secs 768 from 192.168.150.5 to 192.168.150.2:4011
        << wake 14.2
        >> 14.2 wake
        << done silent: no answer from port 4011 to 4 REQUESTs
        """,
    )


def test_ovmf_is_answered_at_port_4011_with_an_id_of_its_own() -> None:
    """Both ends of that exchange have port 4011, seen of the real one; an answer to port 68 is nobody's."""
    play(
        step,
        lease("ovmf"),
        f"""
        >> 0 begin
        << DISCOVER
        << wake 4
        >> 0.1 OFFER server=192.168.150.2 class=PXEClient
        << proxy-offered by 192.168.150.2
        >> 0.2 OFFER address=192.168.150.5
        << offered by 192.168.150.1: 192.168.150.5
        >> 4 wake
        << REQUEST for 192.168.150.5 of 192.168.150.1
        << wake 8
        >> 4.2 ACK address=192.168.150.5
        << acked by 192.168.150.1: 192.168.150.5
        << REQUEST from 192.168.150.5 to 192.168.150.2:4011
        << wake 5.2
        >> 4.3 ACK server=192.168.150.2 port=4011 class=PXEClient next=192.168.150.2 file=other.efi
        >> 4.4 ACK server=192.168.150.2 port=4011 to=4011 xid={XID + 1} class=PXEClient next=192.168.150.2 file=b.efi
        << file by 192.168.150.2: b.efi
        << done leased: 192.168.150.5
        """,
    )


def test_another_port_is_not_ours() -> None:
    conversation, _ = step(asking("udhcpc-n"), Begin(), 0)
    offer = event_of("OFFER address=192.168.150.5")
    assert isinstance(offer, Heard)
    elsewhere = Heard(source=offer.source, datagram=replace(offer.datagram, destination_port=69))
    assert step(conversation, elsewhere, 1)[1] == ()


def test_notices_have_an_end() -> None:
    conversation, _ = step(asking("udhcpc-n"), Begin(), 0)
    told = 0
    for _ in range(200):
        conversation, wishes = step(conversation, event_of("bytes 02"), 1)
        told += len(wishes)
    assert told == 40


def test_offers_have_an_end() -> None:
    conversation, _ = step(asking("ovmf"), Begin(), 0)
    for number in range(100):
        conversation, _ = step(conversation, event_of(f"OFFER address=10.0.0.{number} file=x"), 1)
    assert len(conversation.offers) == 16


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_profile_gives_up_or_asks_for_ever_as_its_schedule_says(profile: Any) -> None:
    """Woken when it wants to be, with nobody there."""
    conversation, wishes = step(asking(profile.name), Begin(), 100)
    sent, at = [], 100.0
    while not any(isinstance(wish, Done) for wish in wishes) and len(sent) < max(9, len(profile.discover.sends) + 1):
        sent += [at for wish in wishes if isinstance(wish, Send)]
        at = next(wish.at for wish in wishes if isinstance(wish, WakeAt))
        conversation, wishes = step(conversation, Wake(), at)
    scheduled = [100 + moment for moment in profile.discover.sends]
    assert sent[: len(scheduled)] == pytest.approx(scheduled)
    if profile.discover.then is None:
        assert at == pytest.approx(100 + profile.discover.gives_up)
        assert len(sent) == len(scheduled)


events = st.one_of(
    st.sampled_from([Begin(), Wake(), Stop(), event_of("arp 52:54:00:0d:0d:09 has 192.168.150.5")]),
    st.sampled_from(
        [
            event_of("OFFER address=192.168.150.5 file=x"),
            event_of("OFFER class=PXEClient server=192.168.150.2"),
            event_of("ACK address=192.168.150.5"),
            event_of("NAK"),
        ]
    ),
    st.builds(
        lambda payload, port, verdict: Heard(
            source=event_of("OFFER").source,  # type: ignore[union-attr]
            datagram=Udp(source_port=port, destination_port=68, payload=payload),
            checksum=verdict,
        ),
        st.binary(max_size=400) | dhcp4s.map(dhcp4.build),
        st.sampled_from([67, 4011, 1]),
        st.sampled_from(Verdict),
    ),
)


@given(st.sampled_from(PROFILES), st.lists(st.tuples(events, st.floats(0, 5)), max_size=30))
def test_whatever_happens_it_goes_on_or_ends(profile: Any, happening: list[tuple[Event, float]]) -> None:
    """No event raises; after the end nothing is sent; what is sent is a message that can be read."""
    conversation, at = lease(profile.name), 0.0
    for event, later in happening:
        at += later
        before = conversation.state
        conversation, wishes = step(conversation, event, at)
        for wish in wishes:
            if isinstance(wish, Send):
                assert dhcp4.parse(wish.datagram.payload).chaddr == MAC
        if before is State.OVER:
            assert not wishes


def test_the_table_holds_every_state_that_can_be_left() -> None:
    left = {state for state, _ in TABLE}
    assert left == set(State) - {State.OVER}


def test_a_mac_has_six_bytes() -> None:
    with pytest.raises(WireError):
        asking("ipxe", mac=b"12345")


@pytest.mark.parametrize(("name", "states"), [("ovmf", [State.PROXYING]), ("ipxe", [State.OVER, State.BOUND])])
def test_a_proxys_file_without_an_option_of_discovery(name: str, states: list[State]) -> None:
    """As dnsmasq's proxy offers it to UEFI. iPXE boots by it; OVMF asks on port 4011 (seen with OVMF 2022.11)."""
    now = lease(name)
    proxied = "OFFER server=192.168.150.2 class=PXEClient next=192.168.150.2 file=snponly.efi"
    events = ["begin", proxied, "OFFER address=192.168.150.5", "wake", "ACK address=192.168.150.5"]
    for at, words in zip((0, 0.1, 0.2, 4, 4.1), events, strict=True):
        now, _ = step(now, event_of(words), at)
    assert now.state in states


def test_a_proxy_that_answers_at_once_has_answered() -> None:
    """No clock is asked: on one host an answer comes in the very millisecond of its question."""
    now = lease("ipxe")
    bare = "OFFER server=192.168.150.2 class=PXEClient"
    for at, words in (
        (0, "begin"),
        (0.1, bare),
        (0.2, "OFFER address=192.168.150.5"),
        (1, "ACK address=192.168.150.5"),
    ):
        now, _ = step(now, event_of(words), at)
    assert (now.state, now.proxy_answered) == (State.PROXYING, False)
    answer = "ACK server=192.168.150.2 port=4011 class=PXEClient next=192.168.150.2 file=undionly.kpxe"
    now, _ = step(now, event_of(answer), 1)
    assert now.proxy_answered
