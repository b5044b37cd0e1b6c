"""What rules ask for, looked up instead of read again."""

from pxedoctor.netfilter.asked import asked_by
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.iptables import parse_iptables

SAVED = """*nat
:POSTROUTING ACCEPT [0:0]
:LIBVIRT_PRT - [0:0]
-A POSTROUTING -j LIBVIRT_PRT
-A LIBVIRT_PRT -s 192.168.122.0/24 -d 224.0.0.0/24 -j RETURN
-A LIBVIRT_PRT ! -d 192.168.9.0/24 -o virbr0 -j MASQUERADE
COMMIT
"""
NET = (0xC0A87A00, 0xC0A87AFF)


def test_names_and_ranges_are_found_whatever_else_the_rule_asks_for() -> None:
    (table,) = parse_iptables(SAVED, "ip", "iptables-save", "nft")
    asked = table.chains["LIBVIRT_PRT"].asked
    assert (Field.SOURCE4, NET) in asked
    assert (Field.OUT_NAME, ("virbr0", False)) in asked
    assert (Field.DESTINATION4, (0xC0A80900, 0xC0A809FF)) in asked, "also what it asks for anything but"
    assert (Field.DESTINATION4, NET) not in asked
    assert table.chains["POSTROUTING"].asked == frozenset()


def test_of_nothing_nothing_is_asked() -> None:
    assert asked_by(()) == frozenset()
