"""Which URL a lease leads to by HTTP boot."""

from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.dialogue.dhcp4_state import Offer
from pxedoctor.dialogue.http_boot import HttpSource, located, source4, source6
from pxedoctor.wire import dhcp6_known
from pxedoctor.wire.dhcp4 import Dhcp4, Op
from pxedoctor.wire.dhcp4_known import BOOT_FILE_NAME, DNS_SERVERS, VENDOR_CLASS
from pxedoctor.wire.dhcp6 import Dhcp6, MessageType
from pxedoctor.wire.dhcp6_formats import VendorClass
from pxedoctor.wire.options import Option

SERVER = IPv4Address("192.168.150.1")
URL = f"http://{SERVER}/boot.efi"
ECHO = VENDOR_CLASS.of("HTTPClient")
ECHO6 = dhcp6_known.VENDOR_CLASSES.of(VendorClass(enterprise=343, classes=(b"HTTPClient",)))


def answer(*options: Option, file: bytes = b"", address: str = "192.168.150.5") -> Dhcp4:
    values: dict[str, Any] = {"op": Op.REPLY, "xid": 1, "chaddr": bytes(6), "file": file, "options": options}
    return Dhcp4(yiaddr=IPv4Address(address), **values)


def test_a_url_with_an_address_needs_no_name_server() -> None:
    assert source4(answer(ECHO, BOOT_FILE_NAME.of(URL))) == HttpSource(
        url=URL, host=str(SERVER), port=80, address=SERVER
    )


def test_the_field_file_serves_where_option_67_is_missing() -> None:
    found = source4(answer(ECHO, file=URL.encode()))
    assert isinstance(found, HttpSource)
    assert found.url == URL


def test_a_name_needs_a_name_server() -> None:
    url = "https://boot.lab.example:8443/boot.efi"
    assert "no DNS server" in str(source4(answer(ECHO, BOOT_FILE_NAME.of(url))))
    found = source4(answer(ECHO, BOOT_FILE_NAME.of(url), DNS_SERVERS.of((SERVER,))))
    assert found == HttpSource(url=url, host="boot.lab.example", port=8443, address=None, dns=(SERVER,))


def test_an_answer_that_does_not_echo_the_class_leads_nowhere() -> None:
    assert "HTTPClient" in str(source4(answer(BOOT_FILE_NAME.of(URL))))
    assert "HTTPClient" in str(source4(answer(VENDOR_CLASS.of("PXEClient"), BOOT_FILE_NAME.of(URL))))


def test_a_proxy_beside_the_lease_has_the_url() -> None:
    proxy = Offer(source=SERVER, message=answer(ECHO, BOOT_FILE_NAME.of(URL), address="0.0.0.0"), at=0)
    found = source4(answer(), (proxy,))
    assert isinstance(found, HttpSource)


@pytest.mark.parametrize(
    "file", ["", "boot.efi", "tftp://192.168.150.1/boot.efi", "http://", "http://[::1", "x" * 3000]
)
def test_what_is_no_url_for_http_is_told(file: str) -> None:
    assert isinstance(located(file), str)


def test_ipv6_has_it_in_option_59() -> None:
    url = dhcp6_known.BOOT_FILE_URL.of("http://[fd00:d0d::1]/boot.efi")
    found = source6(Dhcp6(kind=MessageType.REPLY, xid=1, options=(url, ECHO6)))
    assert isinstance(found, HttpSource)
    assert found.address == IPv6Address("fd00:d0d::1")
    assert "no URL" in str(source6(Dhcp6(kind=MessageType.REPLY, xid=1, options=(ECHO6,))))


@pytest.mark.parametrize(
    "options",
    [(), (dhcp6_known.VENDOR_CLASSES.of(VendorClass(enterprise=343, classes=(b"PXEClient",))),), (Option(16, b"x"),)],
    ids=["missing", "another", "malformed"],
)
def test_over_ipv6_the_class_is_echoed_too(options: tuple[Option, ...]) -> None:
    assert "option 16" in str(source6(Dhcp6(kind=MessageType.REPLY, xid=1, options=options)))


@given(st.text())
def test_any_text_leads_somewhere_or_is_told(text: str) -> None:
    assert isinstance(located(text, (SERVER,)), HttpSource | str)
