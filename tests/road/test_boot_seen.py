"""Which offers of a probe name a boot file for the guest, and whom it asked in vain."""

import pytest

from builders import MAC, facts, offer, probed, target, with_probes
from pxedoctor.model.observation import Probed, SeenBootServer, SeenOffer
from pxedoctor.road.boot_seen import boot_probes, has_menu, names_server, silent_servers, taken
from pxedoctor.wire import pxe
from pxedoctor.wire.dhcp4_known import VENDOR_SPECIFIC

MENU = VENDOR_SPECIFIC.of((pxe.BOOT_MENU.of((pxe.MenuEntry(type=0, text="disk"),)),))


@pytest.mark.parametrize(
    ("profile", "whole", "counts"),
    [
        ("ipxe", True, True),
        ("ovmf-http", True, True),
        ("ovmf6", True, False),
        ("udhcpc", True, False),
        ("ipxe", False, False),
    ],
)
def test_only_whole_probes_of_firmware_by_ipv4_tell(profile: str, whole: bool, counts: bool) -> None:
    seen = probed(profile=profile, whole=whole)
    assert bool(boot_probes(with_probes(facts(), seen), target())) is counts


def test_what_a_stranger_is_offered_is_not_the_guests() -> None:
    own, strangers = offer(asked_for=MAC), offer(asked_for="52:54:00:0d:0d:ff", file="other.0")
    assert taken(probed(offers=(own, strangers))) == (own,)


@pytest.mark.parametrize(
    ("one", "menu"),
    [
        (offer(vendor_class="PXEClient", options=((43, MENU.content),)), True),
        (offer(vendor_class="HTTPClient", options=((43, MENU.content),)), False),
        (offer(vendor_class="PXEClient", options=((43, b"\x09\xff\x00"),)), False),
        (offer(vendor_class="PXEClient"), False),
    ],
    ids=["of PXE's class", "of another class", "malformed", "none"],
)
def test_a_menu(one: SeenOffer, menu: bool) -> None:
    assert has_menu(one) is menu


@pytest.mark.parametrize(
    ("file", "server", "named"),
    [
        ("boot.0", "192.0.2.1", True),
        ("boot.0", "0.0.0.0", False),
        ("boot.0", "", False),
        ("http://192.0.2.1/x", "", True),
    ],
)
def test_a_server_to_fetch_it_from(file: str, server: str, named: bool) -> None:
    assert names_server(offer(file=file, next_server=server)) is named


def asked(*answers: bool) -> Probed:
    servers = (SeenBootServer(at=1, server=f"192.0.2.{n}", port=4011, answered=said) for n, said in enumerate(answers))
    return probed(boot_servers=tuple(servers))


def test_one_answer_is_enough() -> None:
    assert len(silent_servers(asked(False, False))) == 2
    assert silent_servers(asked(False, True)) == ()
    assert silent_servers(asked()) == ()
