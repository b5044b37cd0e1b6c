"""Looking for a boot server, as real clients do; and the packets of a real one beside ours."""

from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frames import read_capture
from packets import dhcp4s
from pxedoctor.dialogue.boot_server import TABLE, BootMenu, Search, SearchState, destinations, menu_of, step
from pxedoctor.dialogue.dhcp4_state import Asking
from pxedoctor.dialogue.event import Begin, Heard, Stop, Wake
from pxedoctor.dialogue.profiles.registry import PROFILES, profile_named
from pxedoctor.dialogue.wish import Done, Send, WakeAt
from pxedoctor.wire import dhcp4, frame, pxe
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType, Op
from pxedoctor.wire.dhcp4_known import CLIENT_MACHINE, MESSAGE_TYPE, VENDOR_CLASS, VENDOR_SPECIFIC
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.options import Option
from pxedoctor.wire.pxe import BootServers, MenuEntry
from pxedoctor.wire.udp import Udp
from script import MAC, XID, play

CLIENT = IPv4Address("192.168.150.5")
GROUP = IPv4Address("224.0.1.2")
FIRST, SECOND = IPv4Address("192.168.150.8"), IPv4Address("192.168.150.9")
LISTED = (BootServers(type=0x8001, addresses=(FIRST, SECOND)), BootServers(type=0x8002, addresses=(CLIENT,)))
PXE = VENDOR_CLASS.of("PXEClient")


def search(name: str, menu: BootMenu) -> Search:
    profile = profile_named(name)
    assert profile is not None
    assert profile.boot_server is not None
    return Search(
        asking=Asking(profile=profile, mac=MAC, xid=XID), habits=profile.boot_server, menu=menu, client=CLIENT
    )


def menu(**values: Any) -> BootMenu:
    return BootMenu(**({"type": 0x8001, "text": "Install"} | values))


def offer(*inside: Option, file: bytes = b"", vendor: Option | None = PXE) -> Dhcp4:
    options = (MESSAGE_TYPE.of(MessageType.OFFER), *((vendor,) if vendor else ()), VENDOR_SPECIFIC.of(inside))
    return Dhcp4(op=Op.REPLY, xid=XID, chaddr=MAC, file=file, options=options)


def test_ipxe_asks_the_group_then_everybody_then_each_server_of_the_list() -> None:
    """Times and secs as a real one had them, against servers that keep silent."""
    play(
        step,
        search("ipxe", menu(group=GROUP, servers=LISTED)),
        """
        >> 0 begin
        << REQUEST secs 4 item 0x8001 from 192.168.150.5 to 224.0.1.2:4011
        << wake 1
        >> 1 wake
        << REQUEST secs 8 item 0x8001 from 192.168.150.5 to 224.0.1.2:4011
        << wake 3
        >> 3 wake
        << REQUEST secs 16 item 0x8001 from 192.168.150.5 to 255.255.255.255:67
        << wake 4
        >> 4 wake
        << REQUEST secs 20 item 0x8001 from 192.168.150.5 to 255.255.255.255:67
        << wake 6
        >> 6 wake
        << REQUEST of 192.168.150.8 secs 28 item 0x8001 from 192.168.150.5 to 192.168.150.8:4011
        << wake 7
        >> 7 wake
        << REQUEST of 192.168.150.8 secs 32 item 0x8001 from 192.168.150.5 to 192.168.150.8:4011
        << wake 9
        >> 9 wake
        << REQUEST of 192.168.150.9 secs 40 item 0x8001 from 192.168.150.5 to 192.168.150.9:4011
        << wake 10
        >> 10.1 ACK server=192.168.150.9 port=4011 xid=0 item=8001 next=192.168.150.9 file=pxelinux.0
        << file by 192.168.150.9: pxelinux.0
        << done offered: pxelinux.0
        """.replace("of 192.168.150.8 ", "").replace("of 192.168.150.9 ", ""),
    )


def test_ovmf_keeps_to_the_first_way() -> None:
    """The group alone, four times, though a list is there: PXE-E18 then."""
    play(
        step,
        search("ovmf", menu(group=GROUP, servers=LISTED)),
        """
        >> 0 begin
        << REQUEST item 0x8001 from 192.168.150.5 to 224.0.1.2:4011
        << wake 1
        >> 1 wake
        << REQUEST secs 256 item 0x8001 from 192.168.150.5 to 224.0.1.2:4011
        << wake 3
        >> 3 wake
        << REQUEST secs 512 item 0x8001 from 192.168.150.5 to 224.0.1.2:4011
        << wake 6
        >> 6 wake
        << REQUEST secs 768 item 0x8001 from 192.168.150.5 to 224.0.1.2:4011
        << wake 10
        >> 10 wake
        << done silent: no boot server of type 0x8001 answered: asked 224.0.1.2:4011
        """,
    )


def test_ovmf_asks_each_server_of_the_list_where_no_other_way_is_open() -> None:
    play(
        step,
        search("ovmf", menu(control=pxe.NO_MULTICAST | pxe.NO_BROADCAST, servers=LISTED)),
        f"""
        >> 0 begin
        << REQUEST item 0x8001 from 192.168.150.5 to 192.168.150.8:4011
        << wake 1
        >> 10 wake
        << REQUEST secs 256 item 0x8001 from 192.168.150.5 to 192.168.150.8:4011
        << wake 3
        >> 10 wake
        << REQUEST secs 512 item 0x8001 from 192.168.150.5 to 192.168.150.8:4011
        << wake 6
        >> 10 wake
        << REQUEST secs 768 item 0x8001 from 192.168.150.5 to 192.168.150.8:4011
        << wake 10
        >> 10 wake
        << REQUEST item 0x8001 from 192.168.150.5 to 192.168.150.9:4011
        << wake 11
        >> 10.2 ACK server=192.168.150.9 port=4011 to=4011 xid={XID + 2} file=boot.efi
        << file by 192.168.150.9: boot.efi
        << done offered: boot.efi
        """,
    )


def test_answers_that_a_client_passes_over_are_told() -> None:
    only = menu(control=pxe.NO_MULTICAST | pxe.NO_BROADCAST | pxe.ONLY_LISTED, servers=LISTED)
    play(
        step,
        search("ipxe", only),
        """
        >> 0 begin
        << REQUEST secs 4 item 0x8001 from 192.168.150.5 to 192.168.150.8:4011
        << wake 1
        >> 0.1 ACK port=9999 xid=0 item=8001
        << refused by 192.168.150.1: it comes from port 9999
        >> 0.2 OFFER port=4011 xid=0 item=8001
        << refused by 192.168.150.1: it is no ACK
        >> 0.3 ACK port=67 xid=0
        << refused by 192.168.150.1: it does not name the type that was asked for
        >> 0.4 ACK port=4011 xid=0 item=8001
        << refused by 192.168.150.1: it is not in the list, and only those may answer
        >> 0.5 ACK port=4011 xid=7 item=8001
        >> 0.6 bytes 02
        << malformed by 192.168.150.1: a DHCPv4 message ends in its htype: 1 bytes long, of which 0 are here
        >> 0.7 stop
        << done stopped
        """,
    )


def test_a_menu_without_a_way_is_refused() -> None:
    play(
        step,
        search("ipxe", menu(control=pxe.NO_MULTICAST | pxe.NO_BROADCAST)),
        """
        >> 0 begin
        << done refused: the menu names no boot server of type 0x8001, and no way to
        """,
    )


def test_a_menu_is_read_from_option_43() -> None:
    entries = (MenuEntry(type=0x8001, text="Install"), MenuEntry(type=0x8002, text="Rescue"))
    inside = (
        pxe.DISCOVERY_CONTROL.of(3),
        pxe.DISCOVERY_MULTICAST.of(GROUP),
        pxe.BOOT_SERVERS.of(LISTED),
        pxe.BOOT_MENU.of(entries),
    )
    found = menu_of(offer(*inside))
    assert found == menu(control=3, group=GROUP, servers=LISTED)
    assert found.listed == (FIRST, SECOND)


@pytest.mark.parametrize(
    "message",
    [
        offer(),
        offer(pxe.BOOT_MENU.of((MenuEntry(type=0x8001, text="x"),)), vendor=None),
        offer(pxe.BOOT_MENU.of((MenuEntry(type=pxe.LOCAL_BOOT, text="Disk"),))),
        offer(
            pxe.BOOT_MENU.of((MenuEntry(type=1, text="x"),)),
            pxe.DISCOVERY_CONTROL.of(pxe.SKIP_DISCOVERY),
            file=b"pxelinux.0",
        ),
        offer(Option(pxe.BOOT_MENU.code, b"\x80")),
    ],
    ids=["no menu", "no class", "local disk", "skipped for a file", "malformed"],
)
def test_an_offer_without_a_menu_to_follow_has_none(message: Dhcp4) -> None:
    assert menu_of(message) is None


def test_every_boot_client_asks_sixteen_servers_at_most() -> None:
    many = (BootServers(type=1, addresses=(FIRST,) * 200),)
    for profile in PROFILES:
        if profile.boot_server:
            asked = destinations(BootMenu(type=1, text="x", control=3, servers=many), profile.boot_server)
            assert len(asked) == 16


def test_the_profile_of_ipxe_says_every_byte_that_ipxe_said() -> None:
    """To dnsmasq as a proxy: its menu, and the answer that names the file."""
    told = []
    for at, content in read_capture(Path(__file__).parents[1] / "wire" / "captures" / "ipxe-proxy.pcap"):
        try:
            read = frame.parse(content)
        except WireError:
            continue
        if isinstance(read.packet, Ipv4) and {67, 68, 4011} & {
            read.datagram.source_port,
            read.datagram.destination_port,
        }:
            told.append((at, read, dhcp4.parse(read.datagram.payload)))
    _, asked, request = next(entry for entry in told if entry[1].datagram.destination_port == 4011)
    _, answered, _ = next(entry for entry in told if entry[1].datagram.source_port == 4011)
    found = next(menu_of(message) for _, _, message in told if menu_of(message))
    profile = profile_named("ipxe-debian12")
    assert profile is not None
    assert profile.boot_server is not None
    machine = CLIENT_MACHINE.find(request.options)
    asking = Asking(profile=profile, mac=request.chaddr, xid=XID, machine=machine.uuid if machine else None)
    conversation = Search(asking=asking, habits=profile.boot_server, menu=found, client=request.ciaddr)
    now, wishes = step(conversation, Begin(), 0)
    send = next(wish for wish in wishes if isinstance(wish, Send))
    assert isinstance(asked.packet, Ipv4)
    assert send.datagram == Udp(source_port=68, destination_port=4011, payload=asked.datagram.payload)
    assert (send.source, send.destination) == (asked.packet.source, asked.packet.destination)
    now, wishes = step(now, Heard(source=answered.packet.source, datagram=answered.datagram), 0.1)
    assert [wish.why for wish in wishes if isinstance(wish, Done)] == ["pxedoctor.0"]
    assert now.source == asked.packet.destination


def test_what_has_no_row_is_passed_over() -> None:
    now = search("ipxe", menu(group=GROUP))
    assert step(now, Wake(), 0) == (now, ())
    assert (SearchState.OVER, Wake) not in TABLE


@given(st.lists(dhcp4s | st.just(None), max_size=30))
def test_any_answers_end_in_time(answers: list[Dhcp4 | None]) -> None:
    """Whatever comes: no error, notices with an end, and after the last server the search is over."""
    now, wishes = step(search("ipxe", menu(group=GROUP, servers=LISTED)), Begin(), 0)
    at = 0.0
    for message in answers:
        payload = b"\2" if message is None else dhcp4.build(message)
        datagram = Udp(source_port=4011, destination_port=68, payload=payload)
        now, _ = step(now, Heard(source=FIRST, datagram=datagram), at)
    while not any(isinstance(wish, Done) for wish in wishes):
        wakes = [wish.at for wish in wishes if isinstance(wish, WakeAt)]
        if not wakes:
            break
        at = wakes[-1]
        now, wishes = step(now, Wake(), at)
    assert at <= 12.1
    assert step(now, Stop(), at)[0].state is SearchState.OVER
