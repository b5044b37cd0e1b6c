"""Option 43 of a PXE server: menus, boot servers, and how to look for them."""

from ipaddress import IPv4Address

import pytest

from pxedoctor.wire import pxe
from pxedoctor.wire.dhcp4_known import VENDOR_SPECIFIC
from pxedoctor.wire.error import WireError
from pxedoctor.wire.options import Option
from pxedoctor.wire.pxe import BootItem, BootServers, MenuEntry, Prompt

SERVER = IPv4Address("192.168.150.1")


def test_a_menu_as_a_proxy_offers_it() -> None:
    """What dnsmasq's pxe-prompt and pxe-service write: control, servers, menu, prompt."""
    said = VENDOR_SPECIFIC.of(
        (
            pxe.DISCOVERY_CONTROL.of(pxe.NO_BROADCAST | pxe.NO_MULTICAST),
            pxe.BOOT_SERVERS.of((BootServers(type=0x8000, addresses=(SERVER,)),)),
            pxe.BOOT_MENU.of((MenuEntry(type=0x8000, text="Install"), MenuEntry(type=pxe.LOCAL_BOOT, text="Disk"))),
            pxe.MENU_PROMPT.of(Prompt(seconds=10, text="Press F8")),
        )
    )
    assert said.content.hex() == (
        "0601030807800001c0a896010911800007496e7374616c6c0000044469736b0a090a5072657373204638"
    )
    inside = VENDOR_SPECIFIC.find((said,))
    assert inside is not None
    assert pxe.BOOT_SERVERS.find(inside) == (BootServers(type=0x8000, addresses=(SERVER,)),)
    assert pxe.MENU_PROMPT.find(inside) == Prompt(seconds=10, text="Press F8")


def test_a_text_may_end_with_a_nul() -> None:
    assert pxe.MENU_PROMPT.find((Option(10, b"\xffPress F8\0"),)) == Prompt(seconds=255, text="Press F8")


def test_a_boot_item_names_type_and_layer() -> None:
    assert pxe.BOOT_ITEM.of(BootItem(type=0x8000, layer=0x8001)).content.hex() == "80008001"


@pytest.mark.parametrize(
    ("known", "content", "says"),
    [
        (pxe.BOOT_SERVERS, "8000 02 c0a89601", "a list of boot servers ends in its addresses"),
        (pxe.BOOT_MENU, "8000 05 6162", "a boot menu ends in its text"),
        (pxe.MENU_PROMPT, "", "a menu prompt ends in its timeout"),
        (pxe.BOOT_ITEM, "8000", "2 bytes instead of 4"),
        (pxe.DISCOVERY_CONTROL, "0003", "2 bytes instead of 1"),
    ],
)
def test_what_is_malformed_says_where(known: pxe.Known[object], content: str, says: str) -> None:
    with pytest.raises(WireError, match=says):
        known.find((Option(known.code, bytes.fromhex(content)),))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (BootServers, {"type": 65536, "addresses": ()}),
        (BootServers, {"type": 0, "addresses": (SERVER,) * 256}),
        (MenuEntry, {"type": -1, "text": ""}),
        (MenuEntry, {"type": 0, "text": "a\0"}),
        (Prompt, {"seconds": 256, "text": ""}),
        (BootItem, {"type": 0, "layer": 65536}),
        (BootItem, {"type": 65536, "layer": 0}),
    ],
)
def test_a_value_that_no_wire_carries_is_refused(kind: type[BootItem], values: dict[str, int]) -> None:
    with pytest.raises(WireError):
        kind(**values)


def test_an_entry_too_long_for_its_length_is_refused() -> None:
    with pytest.raises(WireError, match="an entry of a boot menu has 0 to 255 bytes"):
        pxe.BOOT_MENU.of((MenuEntry(type=0, text="m" * 256),))
