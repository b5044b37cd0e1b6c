"""An MTU that a file sets is widened and never narrowed; lists of VLANs of three systems."""

import pytest

from pxedoctor.plans.devices.numbers import has_vlan, widened, with_vlan
from pxedoctor.plans.devices.wish import Already
from pxedoctor.plans.owners.owner import FileChange, Told


@pytest.mark.parametrize(
    ("now", "expected"),
    [("1400", FileChange), ("1500", Already), ("9000", Already), ("jumbo", Told), ("-1", Told), ("", Told)],
)
def test_an_mtu(now: str, expected: type) -> None:
    def write(value: str) -> FileChange:
        return FileChange(path="/etc/x", before=f"MTU={now}\n", after=f"MTU={value}\n")

    assert isinstance(widened("/etc/x", "MTU", now, 1500, write), expected)


@pytest.mark.parametrize("vids", ["10", "2-4 7 10", "2-20", "1 pvid untagged,10", "1 pvid untagged, 8-12 untagged"])
def test_it_is_in_the_list(vids: str) -> None:
    assert has_vlan(vids, 10)


@pytest.mark.parametrize("vids", ["", "1", "2-4 7", "100", "pvid", "11-12", "x-y", "10x"])
def test_it_is_not_in_the_list(vids: str) -> None:
    assert not has_vlan(vids, 10)


@pytest.mark.parametrize(("vids", "more"), [("", "10"), ("1 pvid untagged", "1 pvid untagged,10")])
def test_one_more(vids: str, more: str) -> None:
    assert with_vlan(vids, 10) == more
