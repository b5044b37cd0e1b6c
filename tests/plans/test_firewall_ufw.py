"""ufw's own commands; what it has in its file already is not taken away again."""

import pytest

from builders import host
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.host import Host
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.firewall_ufw import AllowInUfw, written_already
from pxedoctor.plans.step import Assumed, Inverse, Nothing
from ruletexts import real

DHCP = Opening(interface="virbr0", service="dhcp")


def with_rules(text: str) -> Host:
    return host(firewall_files=(FirewallFile(path="/etc/ufw/user.rules", text=text),))


@pytest.mark.parametrize(
    ("wants", "command"),
    [
        (DHCP, "ufw allow in on virbr0 to any port 67 proto udp"),
        (
            Opening(interface="virbr0", service="dhcp", direction="out"),
            "ufw allow out on virbr0 from any port 67 to any port 68 proto udp",
        ),
        (
            Opening(interface="virbr0", service="http", direction="out"),
            "ufw allow out on virbr0 from any port 80 to any proto tcp",
        ),
        (Opening(interface="br0", service="dhcp", direction="bridged"), "ufw route allow in on br0 out on br0"),
        (
            Opening(interface="br0", service="tftp", direction="routed"),
            "ufw route allow in on br0 to any port 69 proto udp",
        ),
    ],
)
def test_never_the_whole_interface(wants: Opening, command: str) -> None:
    assert " ".join(AllowInUfw(opening=wants).argv()) == command


def test_the_way_back() -> None:
    back = AllowInUfw(opening=DHCP).undo(with_rules("*filter\nCOMMIT\n"))
    assert isinstance(back, Inverse)
    assert " ".join(back.argv) == "ufw delete allow in on virbr0 to any port 67 proto udp"
    routed = AllowInUfw(opening=Opening(interface="br0", service="dhcp", direction="bridged"))
    back = routed.undo(with_rules("*filter\nCOMMIT\n"))
    assert isinstance(back, Inverse)
    assert back.argv[:3] == ("ufw", "route", "delete")


def test_what_a_person_allowed_stays() -> None:
    """ufw would skip the same rule, and the undo would take theirs away."""
    back = AllowInUfw(opening=DHCP).undo(with_rules(real("user.rules")))
    assert isinstance(back, Nothing)
    assert "line 20" in back.reason
    named = real("user.rules").replace("in_virbr0", "in_virbr0 comment=68656c6c6f")
    assert written_already(with_rules(named), DHCP) == 20
    assert written_already(with_rules(real("user.rules")), Opening(interface="virbr0", service="tftp")) == 0


def test_where_the_file_could_not_be_read_nothing_is_taken_back() -> None:
    closed = host(firewall_files=(FirewallFile(path="/etc/ufw/user.rules", closed="not for this user"),))
    assert isinstance(AllowInUfw(opening=DHCP).undo(closed), Nothing)
    assert isinstance(AllowInUfw(opening=DHCP).undo(host()), Nothing)


def test_ufws_generator_is_not_played() -> None:
    assert AllowInUfw(opening=DHCP).simulate(host()) == Assumed(
        "ufw lets through DHCP (UDP port 67) from virbr0 to this host"
    )
