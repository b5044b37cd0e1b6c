"""Where the numbers are served."""

import pytest

from pxedoctor.watch.address import Address, parse


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("9469", Address("127.0.0.1", 9469)),
        (":9469", Address("127.0.0.1", 9469)),
        ("0.0.0.0:9469", Address("0.0.0.0", 9469)),
        ("[::1]:0", Address("::1", 0)),
    ],
)
def test_a_port_alone_is_this_host_s_own(text: str, address: Address) -> None:
    assert parse(text) == address


@pytest.mark.parametrize("text", ["", "localhost", "127.0.0.1:", "::1", "host:99999", "host:٣"])
def test_what_is_no_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"port|brackets"):
        parse(text)


def test_its_url_can_be_typed() -> None:
    assert Address("::1", 0).url(9469) == "http://[::1]:9469/metrics"
