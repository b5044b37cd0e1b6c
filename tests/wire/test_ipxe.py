"""What iPXE tells of itself in option 175."""

from pxedoctor.wire import ipxe
from pxedoctor.wire.dhcp4_known import IPXE
from pxedoctor.wire.options import Option


def test_features_and_bus_of_a_build() -> None:
    """As QEMU's virtio ROM sends them: bus id (PCI, 1af4:1000), then one flag a feature."""
    content = bytes.fromhex(
        "b105011af41000 1801012301012201011901012101011001021301011701011501011201011101 01".replace(" ", "")
    )
    inside = IPXE.find((Option(175, content),))
    assert inside is not None
    assert ipxe.BUS_ID.find(inside) == bytes.fromhex("011af41000")
    assert ipxe.features(inside) == (
        "bzImage", "COMBOOT", "ELF", "Multiboot", "PXE", "PXE extensions", "HTTP", "DNS", "TFTP", "AoE", "iSCSI",
    )  # fmt: skip


def test_a_feature_that_is_not_known_here_has_a_number() -> None:
    assert ipxe.features((Option(0x2F, b"\1"), Option(0xB0, b"\1"))) == ("feature 0x2f",)


def test_a_server_tells_it_not_to_wait_for_a_proxy() -> None:
    assert IPXE.of((ipxe.NO_PXE_DHCP.of(1),)).content.hex() == "b00101"
