"""Packets of real servers and clients: read to the last one, and read as tshark and scapy read them.

The captures beside this file were taken in the lab (captures/README.md tells how each came about). The tests marked lab
take them anew, from the programs that are installed here; PXEDOCTOR_WRITE_CAPTURES=1 keeps what they took.
"""

import os
import shutil
from pathlib import Path
from uuid import UUID

import pytest

import tshark
from captures import Sorted, disagreements, sort
from frames import read_capture
from pxedoctor.lab.exchanges import EXCHANGES, Exchange
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.real_clients import UUID as GUEST_UUID
from pxedoctor.wire import dhcp6_known, frame, ipxe, pxe, tftp
from pxedoctor.wire.architecture import Architecture
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType
from pxedoctor.wire.dhcp4_known import (
    BOOT_FILE_NAME,
    CLIENT_ARCHITECTURE,
    CLIENT_MACHINE,
    DOMAIN_SEARCH,
    IPXE,
    PATH_PREFIX,
    USER_CLASSES,
    VENDOR_SPECIFIC,
)
from pxedoctor.wire.error import WireError
from pxedoctor.wire.frame import UdpFrame
from pxedoctor.wire.nd import RouterAdvertisement
from pxedoctor.wire.reassembly import Reassembly
from pxedoctor.wire.tftp import OptionAck, ReadRequest
from shares import LONG_EXCHANGES, shared

CAPTURES = Path(__file__).parent / "captures"
# What besides a network boot passes a bridge: MLD's reports and farewells, IGMP, and ports that are closed again; and
# TCP, which is the kernel's.
OTHERS = {"ICMPv6 type 131", "ICMPv6 type 132", "ICMPv6 type 143", "ICMPv6 type 1", "IP protocol 2", "IP protocol 6"}
NAMES = [exchange.name for exchange in EXCHANGES]


def recorded(name: str) -> Sorted:
    return sort(CAPTURES / f"{name}.pcap")


def messages(found: Sorted, kind: MessageType) -> list[Dhcp4]:
    return [sample.value for sample in found.samples["dhcp4"] if sample.value.kind is kind]


@pytest.mark.parametrize("name", NAMES)
def test_all_who_read_a_real_packet_read_the_same(name: str, tmp_path: Path) -> None:
    found = recorded(name)
    assert not disagreements(found, tmp_path)
    assert set(found.others) <= OTHERS


def test_every_capture_has_a_story() -> None:
    said = (CAPTURES / "README.md").read_text(encoding="utf-8")
    assert {path.stem for path in CAPTURES.glob("*.pcap")} == set(NAMES)
    for exchange in EXCHANGES:
        assert " ".join(exchange.story.split()) in " ".join(said.split())


def test_ipxe_says_who_it_is() -> None:
    first = messages(recorded("ipxe"), MessageType.DISCOVER)[0]
    assert CLIENT_ARCHITECTURE.find(first.options) == (Architecture.X86_BIOS,)
    machine, user_class = CLIENT_MACHINE.find(first.options), USER_CLASSES.find(first.options)
    assert machine is not None
    assert machine.uuid == UUID(GUEST_UUID)
    assert user_class is not None
    assert user_class.texts == ("iPXE",)
    inside = IPXE.find(first.options)
    assert inside is not None
    assert {"TFTP", "HTTP", "PXE"} <= set(ipxe.features(inside))


def test_ovmf_asks_twice_for_its_file() -> None:
    """First for its size, with an option that it then refuses; then for the file itself."""
    asked = [s.value for s in recorded("ovmf").samples["tftp"] if isinstance(s.value, ReadRequest)]
    names = [[name for name, _ in request.options] for request in asked]
    assert ["tsize", "blksize", "windowsize"] in names
    assert ["blksize", "windowsize"] in names
    granted = [s.value for s in recorded("ovmf").samples["tftp"] if isinstance(s.value, OptionAck)]
    sizes = [tftp.number(grant.options, "blksize", least=8, most=tftp.LARGEST_BLOCK) for grant in granted]
    assert {1468, 1228} <= set(sizes), "over IPv4 and over IPv6"


def test_a_proxy_offers_a_menu() -> None:
    offers = messages(recorded("ipxe-proxy"), MessageType.OFFER)
    inside = [VENDOR_SPECIFIC.find(offer.options) for offer in offers]
    menus = [pxe.BOOT_MENU.find(options) for options in inside if options]
    assert any(menu and menu[0].text == "Boot" for menu in menus)


def test_dhcpd_overloads_file_and_sname() -> None:
    ack = messages(recorded("dhcpd-dhclient"), MessageType.ACK)[0]
    assert ack.overload == 3
    prefix = PATH_PREFIX.find(ack.options)
    assert prefix is not None
    assert prefix.startswith("http://192.168.160.1/ppp")
    assert BOOT_FILE_NAME.find(ack.options) == "snponly.efi"


def test_kea_splits_a_long_option() -> None:
    ack = messages(recorded("kea-dhclient"), MessageType.ACK)[0]
    assert ack.content(224) == bytes.fromhex("ab" * 300)


def test_dnsmasq_compresses_names() -> None:
    ack = messages(recorded("dnsmasq-udhcpc"), MessageType.ACK)[0]
    assert DOMAIN_SEARCH.find(ack.options) == ("lab.example", "pxe.lab.example", "example")


@pytest.mark.parametrize("server", ["dnsmasq", "kea", "dhcpd"])
def test_each_dhcpv6_server_hands_out_an_address_and_a_file(server: str) -> None:
    found = recorded(f"{server}-dhclient6").samples["dhcp6"]
    replies = [sample.value for sample in found if sample.value.kind == 7]
    association = dhcp6_known.IA_NA.find(replies[0].options)
    assert association is not None
    lease = dhcp6_known.IA_ADDRESS.find(association.options)
    assert lease is not None
    assert str(lease.address).startswith("fd00:d0d::")
    assert dhcp6_known.BOOT_FILE_URL.find(replies[0].options) == "tftp://[fd00:d0d::1]/snponly.efi"


def test_what_came_in_pieces_is_put_together_as_tshark_does() -> None:
    """Each datagram over IPv6 to its last byte, and which frame it is complete with."""
    path, reassembly = CAPTURES / "dnsmasq-narrow6.pcap", Reassembly()
    rows = tshark.ask(path, ["ipv6.fragment.count", "ipv6.fraghdr.nxt", "udp.payload", "icmpv6.type"])
    ours: list[list[str]] = []
    for at, content in read_capture(path):
        whole = reassembly.whole(content, at)
        read = None if whole is None else udp_in(whole)
        ours.append([read.datagram.payload.hex()] if read else [])
        assert whole is content or read is None or read.checksum == "valid"
    # What an ICMPv6 error quotes is no datagram of its own.
    assert ours == [[] if row["icmpv6.type"] else row["udp.payload"] for row in rows]
    assert len([row for row in rows if row["ipv6.fraghdr.nxt"]]) >= 8
    assert {row["ipv6.fragment.count"][0] for row in rows if row["ipv6.fragment.count"]} == {"2"}


def udp_in(content: bytes) -> UdpFrame | None:
    try:
        return frame.parse(content)
    except WireError:
        return None


def test_dnsmasq_advertises_itself_as_a_router() -> None:
    found = recorded("dnsmasq-dhclient6").samples["nd"]
    routers = [sample.value for sample in found if isinstance(sample.value, RouterAdvertisement)]
    assert routers[0].managed
    assert routers[0].lifetime == 1800


def test_a_linux_bridge_speaks_old_stp() -> None:
    """Version 0: iPXE, which believes rapid BPDUs alone, does not wait for such a bridge."""
    hellos = [sample.value for sample in recorded("spanning-tree").samples["bpdu"]]
    assert {hello.version for hello in hellos} == {0}
    assert hellos[0].forward_delay_seconds == 15


@pytest.mark.lab
@pytest.mark.parametrize("exchange", shared(EXCHANGES, LONG_EXCHANGES))
def test_the_programs_that_are_here_say_the_same(exchange: Exchange, tmp_path: Path) -> None:
    """The exchange in a site of its own: every packet is read, and all kinds of the record are there."""
    path = "/tmp/exchange.pcap"
    with open_site() as site:
        exchange.run(site, path)
        shutil.copy(site.path(path), tmp_path / "taken.pcap")
    if os.environ.get("PXEDOCTOR_WRITE_CAPTURES"):
        shutil.copy(tmp_path / "taken.pcap", CAPTURES / f"{exchange.name}.pcap")
    taken = sort(tmp_path / "taken.pcap")
    assert read_capture(tmp_path / "taken.pcap")
    assert not disagreements(taken, tmp_path)
    wanted = {"dhcp4", "dhcp6", "tftp", "bpdu"} & set(recorded(exchange.name).samples)
    # A firmware that is watched a moment longer goes on to its next way to boot.
    assert wanted <= set(taken.samples)
