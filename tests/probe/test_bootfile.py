"""Which file a lease leads its client to: the clients look at different fields."""

from ipaddress import IPv4Address

import pytest
from msgspec.structs import replace

from pxedoctor.dialogue.dhcp4_state import Asking, Conversation, Offer
from pxedoctor.dialogue.profiles.registry import profile_named
from pxedoctor.probe.bootfile import at, boot_file_of
from pxedoctor.probe.lease import lease_of
from pxedoctor.wire.dhcp4 import Dhcp4, Op
from pxedoctor.wire.dhcp4_known import BOOT_FILE_NAME, ROUTER, SERVER_IDENTIFIER, SUBNET_MASK, TFTP_SERVER_NAME

_SERVER = IPv4Address("192.0.2.1")
_ACK = Dhcp4(
    op=Op.REPLY,
    xid=1,
    chaddr=bytes(6),
    yiaddr=IPv4Address("192.0.2.5"),
    file=b"boot.0",
    options=(SERVER_IDENTIFIER.of(_SERVER),),
)


def conversation(ack: Dhcp4, client: str = "ipxe", *proxies: Dhcp4) -> Conversation:
    profile = profile_named(client)
    assert profile is not None
    offers = tuple(Offer(source=_SERVER, message=proxy, at=0.0) for proxy in proxies)
    return Conversation(asking=Asking(profile=profile, mac=bytes(6), xid=1), lease=ack, proxies=offers)


def with_options(*options: object) -> Dhcp4:
    return replace(_ACK, options=(*_ACK.options, *options))


def test_the_next_server_and_the_field_file() -> None:
    found = boot_file_of(conversation(replace(_ACK, siaddr=IPv4Address("192.0.2.9"))))
    assert (found.url, found.server, found.path, found.why) == (
        "tftp://192.0.2.9/boot.0",
        IPv4Address("192.0.2.9"),
        "boot.0",
        "",
    )


@pytest.mark.parametrize(
    ("client", "server", "why"),
    [
        ("ipxe", None, "no next-server: siaddr is zero, and iPXE does not look at option 66"),
        ("ovmf", "192.0.2.7", ""),
        ("u-boot", "192.0.2.7", ""),
    ],
)
def test_option_66_is_looked_at_by_some(client: str, server: str | None, why: str) -> None:
    found = boot_file_of(conversation(with_options(TFTP_SERVER_NAME.of("192.0.2.7")), client))
    assert (found.server and str(found.server), found.why) == (server, why)


def test_ovmf_falls_back_on_the_dhcp_server() -> None:
    assert boot_file_of(conversation(_ACK, "ovmf")).server == _SERVER


def test_a_boot_server_that_is_a_name_is_to_be_looked_up() -> None:
    found = boot_file_of(conversation(with_options(TFTP_SERVER_NAME.of("boot.example")), "u-boot"))
    assert (found.url, found.host, found.server, found.why) == ("tftp://boot.example/boot.0", "boot.example", None, "")
    assert at(found, _SERVER).server == _SERVER
    assert at(found, "the DNS server is silent").why == "the DNS server is silent"


def test_option_67_counts_before_the_field() -> None:
    found = boot_file_of(conversation(with_options(BOOT_FILE_NAME.of("http://192.0.2.1/boot.efi"))))
    assert (found.url, found.is_http, found.why) == ("http://192.0.2.1/boot.efi", True, "")


def test_a_url_says_all_by_itself() -> None:
    found = boot_file_of(conversation(replace(_ACK, file=b"tftp://192.0.2.8/a%20b")))
    assert (found.server, found.path) == (IPv4Address("192.0.2.8"), "a b")


@pytest.mark.parametrize("url", ["nfs://192.0.2.1/x", "tftp:///x", "tftp://[/x"])
def test_what_the_probe_cannot_fetch_is_told(url: str) -> None:
    assert boot_file_of(conversation(replace(_ACK, file=url.encode()))).why


def test_a_proxy_counts_before_the_lease() -> None:
    proxy = replace(_ACK, yiaddr=IPv4Address(0), siaddr=IPv4Address("192.0.2.3"), file=b"proxied.0")
    assert boot_file_of(conversation(_ACK, "ipxe", proxy)).url == "tftp://192.0.2.3/proxied.0"


def test_no_file_at_all() -> None:
    assert boot_file_of(conversation(replace(_ACK, file=b""))).url == ""


def test_the_way_off_the_link() -> None:
    mask, router = SUBNET_MASK.of(IPv4Address("255.255.255.0")), ROUTER.of((IPv4Address("192.0.2.254"),))
    lease = lease_of(with_options(mask, router))
    assert lease.next_hop(IPv4Address("192.0.2.77")) == IPv4Address("192.0.2.77")
    assert lease.next_hop(IPv4Address("198.51.100.1")) == IPv4Address("192.0.2.254")
    assert lease_of(with_options(mask)).next_hop(IPv4Address("198.51.100.1")) == IPv4Address("198.51.100.1")


@pytest.mark.parametrize("mask", ["255.0.255.0", "0.0.0.1"])
def test_a_mask_with_holes_is_no_end_of_it(mask: str) -> None:
    assert 0 <= lease_of(with_options(SUBNET_MASK.of(IPv4Address(mask)))).prefix <= 32
