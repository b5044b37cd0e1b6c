"""Ports in the URLs of boot files, wherever they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.wire.http_port import USUAL, ports_named


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        (b"http://10.0.0.1:8081/ipxe.efi", (8081,)),
        (b"http://10.0.0.1/ipxe.efi", ()),
        (b"http://10.0.0.1:8080/ipxe.efi", ()),
        (b"https://boot.lab/ipxe.efi", (443,)),
        (b"http://me:word@boot.lab:8081/x", (8081,)),
        (b"http://[fd00::1]:8082/x", (8082,)),
        (b"#!ipxe\nkernel http://a:81/k\ninitrd http://a:82/i http://a:81/j", (81, 82)),
        (b"\0\x43\x19http://10.0.0.1:8081\xff\0", (8081,)),
        (b"http://10.0.0.1:99999/x", ()),
        (b"tftp://10.0.0.1:1069/x", ()),
        (b"", ()),
    ],
)
def test_a_port(text: bytes, ports: tuple[int, ...]) -> None:
    assert ports_named([text]) == ports


def test_one_that_several_texts_name_is_told_once() -> None:
    assert ports_named([b"http://a:82/x", b"no url", b"http://a:81/x", b"http://b:82/y"]) == (82, 81)


@given(st.binary(), st.sampled_from((b"http://", b"https://", b"http://a:")), st.binary())
def test_whatever_it_is_a_port_is_one(before: bytes, url: bytes, after: bytes) -> None:
    assert all(0 < port < 65536 and port not in USUAL for port in ports_named([before + url + after]))
