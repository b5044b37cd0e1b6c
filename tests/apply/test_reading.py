"""Whether the host is still as it was: yes, done already, or moved, with what is there now."""

from pathlib import Path

import pytest

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.grant import grant
from pxedoctor.apply.reading import now_in, still_to_do
from pxedoctor.plans.request import Reading, Run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "forward_delay"
    made.write_text("1500\n")
    return made


def test_as_it_was(file: Path) -> None:
    assert still_to_do((Reading(str(file), "1500", done="200"),))
    assert still_to_do(())


def test_done_already_is_not_done_again(file: Path, tmp_path: Path) -> None:
    file.write_text("200\n")
    grant(Run(("touch", str(tmp_path / "mark")), holds=(Reading(str(file), "1500", done="200"),)))
    assert not (tmp_path / "mark").exists()


def test_the_world_has_moved(file: Path, tmp_path: Path) -> None:
    file.write_text("400\n")
    with pytest.raises(NotGrantedError, match="holds '400' now, not '1500': somebody changed it since"):
        grant(Run(("touch", str(tmp_path / "mark")), holds=(Reading(str(file), "1500", done="200"),)))
    assert not (tmp_path / "mark").exists()


def test_what_is_gone(tmp_path: Path) -> None:
    with pytest.raises(NotGrantedError, match="cannot be read any more"):
        still_to_do((Reading(str(tmp_path / "gone"), "1"),))


@pytest.mark.parametrize(("flags", "now"), [("0x1003", "up"), ("0x1002", "down"), ("0x1", "up"), ("0x0", "down")])
def test_whether_a_device_is_up(file: Path, flags: str, now: str) -> None:
    """As sysfs has a device's flags, of which IFF_UP alone counts."""
    file.write_text(f"{flags}\n")
    reading = Reading(str(file), "up", done="down", form="up")
    assert now_in(reading) == now
    assert still_to_do((reading,)) == (now == "up")


def test_flags_that_are_no_number(file: Path) -> None:
    file.write_text("up\n")
    with pytest.raises(NotGrantedError, match="cannot be read any more"):
        now_in(Reading(str(file), "up", done="down", form="up"))


def test_whose_port_a_device_is(tmp_path: Path) -> None:
    """As sysfs has it: `master`, a link beside the device's other files, where it has one."""
    device = tmp_path / "vnet0"
    device.mkdir()
    reading = Reading(str(device / "master"), "br0", done="no bridge", form="master")
    assert not still_to_do((reading,))
    (device / "master").symlink_to("../br0")
    assert (now_in(reading), still_to_do((reading,))) == ("br0", True)
    (device / "master").unlink()
    (device / "master").symlink_to("../../devices/virtual/net/br9")
    with pytest.raises(NotGrantedError, match="'br9' now, not 'br0': somebody changed it since"):
        still_to_do((reading,))
    (device / "master").unlink()
    device.rmdir()
    with pytest.raises(NotGrantedError, match="cannot be read any more"):
        now_in(reading)
