"""interfaces(5): what it says of a device, and the lines by which it says another thing."""

import pytest

from owned import configured, edit
from pxedoctor.plans.devices import interfaces
from pxedoctor.plans.devices.wish import Already, InVlan, Mtu, Up, Wish
from pxedoctor.plans.owners.owner import FileChange, Told

MAIN = "/etc/network/interfaces"
TEXT = "# kept\niface eno1 inet manual\n  mtu 1400\n\niface br0 inet manual\n  bridge_ports eno1\n"
VLAN = InVlan("eno1", "br0", 10)


def what(wish: Wish, text: str = TEXT, program: str = "bridge-utils") -> FileChange | Told | Already:
    (one,) = interfaces.said(configured({MAIN: text}, program), wish)
    return one.what


@pytest.mark.parametrize(
    ("wish", "program", "out", "into"),
    [
        (Up("br0"), "bridge-utils", [], ["auto br0"]),
        (Mtu("eno1", 1500), "bridge-utils", ["  mtu 1400"], ["  mtu 1500"]),
        (VLAN, "bridge-utils", [], ["  up bridge vlan add dev eno1 vid 10"]),
        (VLAN, "ifupdown2", [], ["  bridge-vids 10"]),
    ],
)
def test_one_line(wish: Wish, program: str, out: list[str], into: list[str]) -> None:
    change = what(wish, program=program)
    assert isinstance(change, FileChange)
    assert edit(change) == (out, into)
    assert change.then[0][0] == "ifquery"
    assert isinstance(what(wish, change.after, program), Already)


def test_another_vlan_beside_those_that_are_there() -> None:
    change = what(VLAN, TEXT.replace("mtu 1400", "bridge-vids 2-4 7"), "ifupdown2")
    assert isinstance(change, FileChange)
    assert edit(change)[1] == ["  bridge-vids 2-4 7 10"]
    assert isinstance(what(InVlan("eno1", "br0", 3), change.after, "ifupdown2"), Already)


def test_auto_stands_before_its_stanza_and_in_another_file_it_counts_too() -> None:
    change = what(Up("br0"))
    assert isinstance(change, FileChange)
    assert "auto br0\niface br0" in change.after
    other = configured({MAIN: f"source x\n{TEXT}", "/etc/network/x": "auto lo br0\n"}, "bridge-utils")
    (one,) = interfaces.said(other, Up("br0"))
    assert one.what == Already("/etc/network/x")


@pytest.mark.parametrize(
    ("wish", "text", "program"),
    [
        (Mtu("eno1", 1500), TEXT.replace("1400", "jumbo"), "bridge-utils"),
        (VLAN, TEXT.replace("1400", "1400 \\\n"), "ifupdown2"),
        (VLAN, TEXT, "ifupdown-ng"),
    ],
)
def test_what_is_not_understood_is_left(wish: Wish, text: str, program: str) -> None:
    text = text if program != "ifupdown-ng" else text.replace("br0", "br0", 1)
    assert isinstance(what(wish, text, program), Told)


@pytest.mark.parametrize("wish", [Up("br9"), Mtu("br0", 1500), InVlan("eno9", "br9", 10)])
def test_nothing_is_said(wish: Wish) -> None:
    assert interfaces.said(configured({MAIN: TEXT}, "bridge-utils"), wish) == ()
