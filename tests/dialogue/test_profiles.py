"""Profiles beside what else is known of the same clients, and beside captures of the real ones."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from frames import read_capture
from pxedoctor.dialogue.boot_server import Search, menu_of
from pxedoctor.dialogue.boot_server import step as step_search
from pxedoctor.dialogue.dhcp4 import step
from pxedoctor.dialogue.dhcp4_message import Ask, server_request
from pxedoctor.dialogue.dhcp4_state import Asking, Conversation, Goal
from pxedoctor.dialogue.dhcp6 import step as step6
from pxedoctor.dialogue.dhcp6_message import Asking6, Conversation6
from pxedoctor.dialogue.event import Begin, Heard, Wake
from pxedoctor.dialogue.profile import Part, Profile, Profile6
from pxedoctor.dialogue.profiles import ipxe, ipxe6, ipxe_efi, ovmf6, ovmf_http6
from pxedoctor.dialogue.profiles.registry import PROFILES, PROFILES6, profile_named
from pxedoctor.dialogue.wish import Send, WakeAt
from pxedoctor.model.client import client_named
from pxedoctor.wire import dhcp4, dhcp6, frame
from pxedoctor.wire.architecture import Architecture
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType
from pxedoctor.wire.dhcp4_known import CLIENT_ARCHITECTURE as ARCHITECTURE
from pxedoctor.wire.dhcp4_known import CLIENT_MACHINE, USER_CLASSES
from pxedoctor.wire.dhcp6 import Dhcp6
from pxedoctor.wire.dhcp6 import MessageType as Type6
from pxedoctor.wire.dhcp6_known import CLIENT_ID as CLIENT_ID6
from pxedoctor.wire.dhcp6_known import IA_NA
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.options import Option

CAPTURES = Path(__file__).parents[1] / "wire" / "captures"


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_profile_and_the_model_tell_of_the_same_client(profile: Profile) -> None:
    """Until when it asks and when it gives up: the checks judge by these."""
    client = client_named(profile.name.removesuffix("-debian12").removesuffix("-efi"))
    assert client is not None
    if client.survives is None:
        assert profile.discover.then is not None
        return
    # Where a client draws its gaps, the model has what it surely survives.
    least = sum(gap.least for gap in profile.discover.gaps)
    most = sum(gap.most for gap in profile.discover.gaps)
    assert least - 3 <= client.survives <= most + 1
    assert client.gives_up is not None
    assert 0.9 * (least + profile.discover.last) <= client.gives_up <= 1.1 * (most + profile.discover.last)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_profile_says_where_it_is_from_and_what_it_sends(profile: Profile) -> None:
    assert profile.sources
    kinds = [part for part in profile.request_options if isinstance(part, Part)]
    assert {Part.TYPE, Part.SERVER, Part.ADDRESS} <= set(kinds)
    fixed = [part.code for part in profile.request_options if isinstance(part, Option)]
    assert len(fixed) == len(set(fixed))


def test_names_are_told_apart() -> None:
    names = [profile.name for profile in (*PROFILES, *PROFILES6)]
    assert len(set(names)) == len(names)
    assert profile_named("ipxe") is not None
    assert profile_named("nobody") is None


def test_firmware_says_what_it_is() -> None:
    told = {profile.name: profile.architecture for profile in PROFILES if profile.architecture is not None}
    assert told == {
        "ipxe": Architecture.X86_BIOS,
        "ipxe-debian12": Architecture.X86_BIOS,
        "ipxe-rhel": Architecture.X86_BIOS,
        "ipxe-efi": Architecture.X64_UEFI,
        "intel-pxe": Architecture.X86_BIOS,
        "ovmf": Architecture.X64_UEFI,
        "ovmf-http": Architecture.X64_UEFI_HTTP,
        "u-boot": Architecture.ARM64_UBOOT,
    }


def seen(name: str) -> list[tuple[float, frame.UdpFrame, Dhcp4]]:
    """The DHCPv4 messages of a capture."""
    found = []
    for at, content in read_capture(CAPTURES / f"{name}.pcap"):
        try:
            read = frame.parse(content)
        except WireError:
            continue
        if isinstance(read.packet, Ipv4) and {67, 68, 4011} & {
            read.datagram.source_port,
            read.datagram.destination_port,
        }:
            found.append((at, read, dhcp4.parse(read.datagram.payload)))
    return found


def conversation(profile: Any, first: Dhcp4, **changes: Any) -> Conversation:
    machine = CLIENT_MACHINE.find(first.options)
    values: dict[str, Any] = {
        "profile": profile,
        "mac": first.chaddr,
        "xid": first.xid,
        "machine": machine.uuid if machine else None,
        "goal": Goal.LEASE,
    }
    return Conversation(asking=Asking(**(values | changes)))


def test_the_profile_of_ipxe_says_every_byte_that_ipxe_said() -> None:
    """The whole conversation of the capture, from its first DISCOVER to its REQUEST."""
    told = seen("ipxe")
    first = told[0][2]
    began = told[0][0]
    now, wishes = step(conversation(profile_named("ipxe-debian12"), first), Begin(), 0)
    said = [wish for wish in wishes if isinstance(wish, Send)]
    for at, read, message in told[1:]:
        if message.op is dhcp4.Op.REPLY:
            heard = Heard(source=read.packet.source, datagram=read.datagram)
            now, wishes = step(now, heard, at - began)
        else:
            now, wishes = step(now, Wake(), at - began)
        said += [wish for wish in wishes if isinstance(wish, Send)]
    theirs = [read.datagram.payload for _, read, message in told if message.op is dhcp4.Op.REQUEST]
    assert [wish.datagram.payload for wish in said] == theirs


def test_the_efi_build_of_ipxe_says_every_byte_that_ipxe_said() -> None:
    """Debian 12's is made with fewer features, and of 2019 as its ROM is: it does not ask for options 42 and 121."""
    told = [entry for entry in seen("ipxe-efi") if USER_CLASSES.find(entry[2].options) is not None]
    asked_of_2019 = ipxe.options(tuple(code for code in ipxe.ASKED if code not in (42, 121)), ipxe_efi.BUILD)
    profile = replace(
        ipxe_efi.PROFILE,
        discover_options=asked_of_2019,
        request_options=(*asked_of_2019, Part.SERVER, Part.ADDRESS),
    )
    first, request = told[0][2], next(entry[2] for entry in told if entry[2].kind is MessageType.REQUEST)
    now, wishes = step(conversation(profile, first), Begin(), 0)
    said = [wish for wish in wishes if isinstance(wish, Send)]
    assert said[0].datagram.payload == told[0][1].datagram.payload
    answer = next(
        entry for entry in seen("ipxe-efi") if entry[2].kind is MessageType.OFFER and entry[2].xid == first.xid
    )
    now, _ = step(now, Heard(source=answer[1].packet.source, datagram=answer[1].datagram), 0.1)
    now, _ = step(now, Wake(), 1)
    _, wishes = step(now, Wake(), 3)
    ours = dhcp4.parse(next(wish for wish in wishes if isinstance(wish, Send)).datagram.payload)
    assert ours == request


def test_the_profile_of_ovmf_says_what_ovmf_said_to_a_proxy() -> None:
    """dnsmasq sends OVMF to port 4011 for everything but the address: both ends have that port."""
    told = seen("ovmf-proxy")
    asked = next(entry for entry in told if entry[1].datagram.destination_port == 4011)
    profile = profile_named("ovmf")
    assert profile is not None
    assert profile.proxy is not None
    assert profile.proxy.request is not None
    first = told[0][2]
    assert isinstance(asked[1].packet, Ipv4)
    ask = Ask(client=asked[2].ciaddr, server=asked[1].packet.destination)
    ours = server_request(conversation(profile, first).asking, profile.proxy.request, ask)
    theirs = replace(asked[2], xid=dhcp4.parse(ours.datagram.payload).xid)
    assert dhcp4.parse(ours.datagram.payload) == theirs
    assert len(ours.datagram.payload) == len(asked[1].datagram.payload)
    assert ours.datagram.source_port == asked[1].datagram.source_port == 4011


def test_ipxe_asks_a_proxy_with_the_broadcast_flag_as_it_has_an_address_by_then() -> None:
    """The EFI build, of 2019, from port 68 with its transaction id; the proxy is dnsmasq again."""
    told = [entry for entry in seen("ipxe-proxy-port") if USER_CLASSES.find(entry[2].options) is not None]
    asked = next(entry for entry in told if entry[1].datagram.destination_port == 4011)
    asked_of_2019 = ipxe.options(tuple(code for code in ipxe.ASKED if code not in (42, 121)), ipxe_efi.BUILD)
    profile = replace(ipxe_efi.PROFILE, request_options=(*asked_of_2019, Part.SERVER, Part.ADDRESS))
    heard = [
        entry for entry in seen("ipxe-proxy-port") if entry[2].xid == asked[2].xid and entry[2].op is dhcp4.Op.REPLY
    ]
    now, _ = step(conversation(profile, told[0][2]), Begin(), 0)
    said: list[Send] = []
    for at, read, _ in heard[:3]:
        now, wishes = step(now, Heard(source=read.packet.source, datagram=read.datagram), at - told[0][0])
        said += [wish for wish in wishes if isinstance(wish, Send)]
    assert said[-1].datagram == asked[1].datagram


@pytest.mark.parametrize(("capture", "name", "each"), [("ipxe-menu", "ipxe-debian12", 2), ("ovmf-menu", "ovmf", 4)])
def test_boot_servers_are_asked_in_the_order_and_at_the_times_of_the_real_client(
    capture: str, name: str, each: int
) -> None:
    """Silent servers: a group, everybody and two of a list. An emulated guest's timers may be late, never early."""
    told = seen(capture)
    lease = next(entry for entry in told if entry[2].kind is MessageType.ACK)
    asked = [entry for entry in told if entry[0] > lease[0] and entry[2].kind is MessageType.REQUEST]
    profile = profile_named(name)
    assert profile is not None
    assert profile.boot_server is not None
    menu = menu_of(lease[2])
    assert menu is not None
    first = asked[0][2]
    search = Search(
        asking=conversation(profile, first).asking, habits=profile.boot_server, menu=menu, client=first.ciaddr
    )
    now, wishes = step_search(search, Begin(), 0)
    ours, due = [], []
    at = 0.0
    while any(isinstance(wish, WakeAt) for wish in wishes):
        sent = [wish for wish in wishes if isinstance(wish, Send)]
        ours += sent
        due += [at] * len(sent)
        at = next(wish.at for wish in wishes if isinstance(wish, WakeAt))
        now, wishes = step_search(now, Wake(), at)
    assert len(asked) == len(ours)
    for number, (mine, (_, read, theirs)) in enumerate(zip(ours, asked, strict=True)):
        said = dhcp4.parse(mine.datagram.payload)
        assert replace(said, xid=theirs.xid) == theirs
        assert isinstance(read.packet, Ipv4)
        assert (mine.source, mine.destination) == (read.packet.source, read.packet.destination)
        assert mine.datagram.source_port == read.datagram.source_port
        if number % each:
            gap, measured = due[number] - due[number - 1], asked[number][0] - asked[number - 1][0]
            assert 0.9 * gap - 0.3 <= measured <= 2 * gap + 2


def test_the_profile_of_ovmf_says_what_ovmf_said() -> None:
    """Over the capture's driver, iPXE's, OVMF calls its interface 3.1; alone it calls it 3.0 (test_real_clients.py)."""
    told = [entry for entry in seen("ovmf") if USER_CLASSES.find(entry[2].options) is None]
    asked = next(entry for entry in told if entry[2].kind is MessageType.DISCOVER)
    answer = next(entry for entry in told if entry[2].kind is MessageType.OFFER and entry[2].xid == asked[2].xid)
    request = next(entry for entry in told if entry[2].kind is MessageType.REQUEST)
    profile = profile_named("ovmf")
    assert profile is not None
    now, wishes = step(conversation(profile, asked[2]), Begin(), 0)
    now, _ = step(now, Heard(source=answer[1].packet.source, datagram=answer[1].datagram), 0.1)
    _, more = step(now, Wake(), 4)
    said = [dhcp4.parse(wish.datagram.payload) for wish in (*wishes, *more) if isinstance(wish, Send)]
    differing = {60, 94}
    for ours, theirs in zip(said, (asked[2], request[2]), strict=True):
        assert [option.code for option in ours.options] == [option.code for option in theirs.options]
        assert _without(ours, differing) == _without(theirs, differing)


def test_the_profile_of_http_boot_says_what_ovmf_said() -> None:
    asked = next(message for _, _, message in seen("ovmf") if ARCHITECTURE.find(message.options) == (16,))
    _, wishes = step(conversation(profile_named("ovmf-http"), asked), Begin(), 0)
    said = [dhcp4.parse(wish.datagram.payload) for wish in wishes if isinstance(wish, Send)]
    assert _without(said[0], {60, 94}) == _without(asked, {60, 94})


def seen6(name: str) -> list[tuple[float, frame.UdpFrame, Dhcp6]]:
    found = []
    for at, content in read_capture(CAPTURES / f"{name}.pcap"):
        try:
            read = frame.parse(content)
        except WireError:
            continue
        if isinstance(read.packet, Ipv6) and {546, 547} & {read.datagram.source_port, read.datagram.destination_port}:
            found.append((at, read, dhcp6.relayed(dhcp6.parse(read.datagram.payload))))
    return found


# In the capture OVMF's interface is iPXE's driver, of version 3.1, and its transaction ids count other exchanges too.
@pytest.mark.parametrize(
    ("capture", "profile", "kind_of_class", "own"),
    [
        ("ipxe", ipxe6.PROFILE, b"UNDI:002001", {8}),
        ("ovmf", ovmf6.PROFILE, b"UNDI:003001", {8, 16, 62}),
    ],
    ids=["ipxe6", "ovmf6"],
)
def test_a_profile_of_ipv6_says_what_the_firmware_said(
    capture: str, profile: Profile6, kind_of_class: bytes, own: set[int]
) -> None:
    told = seen6(capture)
    at, sent, solicit = next(
        entry for entry in told if entry[2].kind is Type6.SOLICIT and kind_of_class in entry[1].datagram.payload
    )
    answer = next(e for e in told if e[2].kind is Type6.ADVERTISE and e[2].xid == solicit.xid)
    request = next(e for e in told if e[2].kind is Type6.REQUEST and kind_of_class in e[1].datagram.payload)
    association, client = IA_NA.find(solicit.options), CLIENT_ID6.find(solicit.options)
    assert association is not None
    assert client is not None
    assert isinstance(sent.packet, Ipv6)
    asking = Asking6(
        profile=profile,
        source=sent.packet.source,
        duid=client,
        iaid=association.iaid,
        xid=solicit.xid,
        goal=Goal.LEASE,
    )
    now, wishes = step6(Conversation6(asking=asking), Begin(), at)
    now, more = step6(now, Heard(source=answer[1].packet.source, datagram=answer[1].datagram), answer[0])
    _, last = step6(now, Wake(), request[0])
    said = [wish for wish in (*wishes, *more, *last) if isinstance(wish, Send)]
    for ours, (_, whole, theirs) in zip(said[:2], [(at, sent, solicit), request], strict=True):
        read = dhcp6.relayed(dhcp6.parse(ours.datagram.payload))
        assert isinstance(whole.packet, Ipv6)
        assert ours.ttl == whole.packet.hop_limit
        assert [option.code for option in read.options] == [option.code for option in theirs.options]
        ours_alone = [option for option in read.options if option.code not in own]
        assert ours_alone == [option for option in theirs.options if option.code not in own]


def test_the_profile_of_http_boot_over_ipv6_solicits_as_ovmf_did() -> None:
    """The capture ends there: that OVMF, of 2022, sent no REQUEST for HTTP boot, whatever it was advertised."""
    kind = b"HTTPClient:Arch:00016:UNDI:003000"
    at, sent, solicit = next(entry for entry in seen6("ovmf-http6") if kind in entry[1].datagram.payload)
    association, client = IA_NA.find(solicit.options), CLIENT_ID6.find(solicit.options)
    assert association is not None
    assert client is not None
    assert isinstance(sent.packet, Ipv6)
    asking = Asking6(
        profile=ovmf_http6.PROFILE,
        source=sent.packet.source,
        duid=client,
        iaid=association.iaid,
        xid=solicit.xid,
        goal=Goal.LEASE,
    )
    _, wishes = step6(Conversation6(asking=asking), Begin(), at)
    ours = dhcp6.parse(next(wish for wish in wishes if isinstance(wish, Send)).datagram.payload)
    assert ours == solicit


def _without(message: Dhcp4, codes: set[int]) -> Dhcp4:
    return replace(message, options=tuple(option for option in message.options if option.code not in codes))
