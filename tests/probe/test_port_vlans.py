"""The VLANs of a probe's port. That a bridge which filters then answers in them is shown on whole machines."""

from pathlib import Path

import pytest

from pxedoctor.model.bridge import Vlan
from pxedoctor.probe.asking import ProbeError
from pxedoctor.probe.device import Devices
from pxedoctor.probe.port_vlans import join_vlans

TEN = Vlan(first=10, last=10, pvid=True, untagged=True)
# No device of any host: longer than a name may be (IFNAMSIZ).
NOBODY = "pxedoctor-no-such-port"


def devices(tmp_path: Path, **files: str) -> Devices:
    (tmp_path / "br0/bridge").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / "br0/bridge" / name).write_text(text + "\n")
    return Devices(str(tmp_path))


@pytest.mark.parametrize("files", [{}, {"vlan_filtering": "0"}])
def test_where_the_bridge_does_not_filter_nothing_is_run(tmp_path: Path, files: dict[str, str]) -> None:
    join_vlans(devices(tmp_path, **files), "br0", NOBODY, (TEN,), frozenset({7}))


def test_as_the_bridge_makes_a_port_nothing_is_run(tmp_path: Path) -> None:
    join_vlans(devices(tmp_path, vlan_filtering="1"), "br0", NOBODY, "as-made")


def test_a_guests_port_that_could_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(ProbeError, match="br0 filters by VLAN") as refused:
        join_vlans(devices(tmp_path, vlan_filtering="1"), "br0", NOBODY, "unknown")
    assert "--vlan" in refused.value.would_help


@pytest.mark.parametrize(("vlans", "tags"), [((TEN,), frozenset[int]()), ("as-made", frozenset({10}))])
def test_what_bridge_refuses_is_told_in_its_words(tmp_path: Path, vlans: object, tags: frozenset[int]) -> None:
    there = devices(tmp_path, vlan_filtering="1", default_pvid="0")
    with pytest.raises(ProbeError, match="cannot join VLAN 10: ") as refused:
        join_vlans(there, "br0", NOBODY, vlans, tags)  # type: ignore[arg-type]
    flags = " pvid untagged" if vlans != "as-made" else ""
    assert refused.value.would_help == f"try it by hand: bridge vlan add dev {NOBODY} vid 10{flags}"
