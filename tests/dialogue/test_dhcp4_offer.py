"""Which offer a client takes, and which it drops."""

from typing import Any

import pytest

from pxedoctor.dialogue import dhcp4_offer
from pxedoctor.dialogue.dhcp4_state import Asking, Conversation, Offer
from pxedoctor.dialogue.event import Heard
from pxedoctor.dialogue.profile import Choice
from pxedoctor.dialogue.profiles import ipxe, ovmf, ovmf_http
from pxedoctor.wire import dhcp4
from pxedoctor.wire.dhcp4_known import IPXE, ROUTER, VENDOR_SPECIFIC
from pxedoctor.wire.options import Option
from script import MAC, XID, event_of


def heard(words: str) -> Heard:
    event = event_of(words)
    assert isinstance(event, Heard)
    return event


def offer(words: str) -> Offer:
    event = heard(f"OFFER {words}")
    return Offer(source=event.source, message=dhcp4.parse(event.datagram.payload), at=0)  # type: ignore[arg-type]


def having(profile: Any, *offers: str, proxies: tuple[str, ...] = ()) -> Conversation:
    return Conversation(
        asking=Asking(profile=profile, mac=MAC, xid=XID),
        offers=tuple(offer(words) for words in offers),
        proxies=tuple(offer(words) for words in proxies),
    )


def taken(now: Conversation) -> str:
    chosen = dhcp4_offer.chosen(now)
    return str(chosen.message.yiaddr) if chosen else "none"


def test_ovmf_prefers_a_pxe_server_to_a_boot_file_and_that_to_nothing() -> None:
    plain, file, pxe = "address=10.0.0.1", "address=10.0.0.2 file=x", "address=10.0.0.3 class=PXEClient"
    assert taken(having(ovmf.PROFILE, plain, file, pxe)) == "10.0.0.3"
    assert taken(having(ovmf.PROFILE, plain, file)) == "10.0.0.2"
    assert taken(having(ovmf.PROFILE, plain)) == "none"
    assert taken(having(ovmf.PROFILE, plain, file, proxies=("class=PXEClient",))) == "10.0.0.1"
    assert taken(having(ovmf.PROFILE)) == "none"


def test_ipxe_takes_the_last_of_the_highest_priority() -> None:
    """A priority is a signed byte: 255 is less than none."""
    low, plain, other = "address=10.0.0.1 priority=255", "address=10.0.0.2", "address=10.0.0.3"
    assert taken(having(ipxe.PROFILE, low, plain, other)) == "10.0.0.3"
    assert taken(having(ipxe.PROFILE, low)) == "10.0.0.1"
    assert ipxe.PROFILE.choice is Choice.PRIORITY


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("address=10.0.0.1 class=HTTPClient", ""),
        ("address=10.0.0.1", "option 60 is missing or another one"),
        ("address=10.0.0.1 class=PXEClient", "option 60 is missing or another one"),
        ("address=10.0.0.1 class=HTTPClient port=4011", "port 67"),
        ("address=10.0.0.1 class=HTTPClient id=none", "option 54 is missing"),
        ("address=10.0.0.1 class=HTTPClient sum=partial", "UDP sum is wrong"),
    ],
)
def test_http_boot_says_by_which_rule_it_drops_an_offer(words: str, why: str) -> None:
    event = heard(f"OFFER {words}")
    told = dhcp4_offer.refused(ovmf_http.PROFILE, event, dhcp4.parse(event.datagram.payload))
    assert why in told
    assert bool(why) == bool(told)


def test_what_a_client_cannot_read_it_goes_on_without() -> None:
    malformed = (Option(ROUTER.code, b"x"), Option(VENDOR_SPECIFIC.code, b"\6\5"), Option(IPXE.code, b"\1\2\3"))
    assert dhcp4_offer.said(ROUTER, malformed) is None
    message = offer("address=10.0.0.1").message
    assert not dhcp4_offer.has_boot_options(message)
    assert dhcp4_offer.boot_file(offer("address=10.0.0.1 file=shim.efi").message) == "shim.efi"
