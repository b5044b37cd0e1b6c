"""libvirt's daemon follows a firewall's unit: the drop-in, judged by systemd itself, and taken away again."""

import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from pxedoctor.apply.file import remove_file, write_file
from pxedoctor.model.host import Host
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.follow_unit import followed, following
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.request import RemoveFile, WriteFile
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse

DAEMON = "[Unit]\nDescription=networks\n[Service]\nExecStart=/bin/true\n"


def plan_of(daemon: str, unit: str) -> Plan:
    plan = followed(daemon, unit)
    assert isinstance(plan, Plan)
    return plan


def test_the_drop_in_orders_and_follows() -> None:
    change = following("virtnetworkd", "nftables.service")
    assert change.path == "/etc/systemd/system/virtnetworkd.service.d/pxedoctor-after-nftables.conf"
    assert "After=nftables.service\nPartOf=nftables.service\n" in change.after
    assert change.then[0] == ("systemd-analyze", "--man=no", "verify", "virtnetworkd.service")
    assert change.then[-1] == ("systemctl", "daemon-reload")


@pytest.mark.parametrize("unit", ["firewalld.service", "ufw.service", "nftables.service", "docker.service"])
def test_systemd_accepts_it_and_its_undo_leaves_nothing(unit: str, tmp_path: Path) -> None:
    for name in ("virtnetworkd.service", unit):
        (tmp_path / name).write_text(DAEMON)
    judge = ("systemd-analyze", "--man=no", "verify", str(tmp_path / "virtnetworkd.service"))
    change = following("virtnetworkd", unit)
    here = replace(change, path=str(tmp_path / "virtnetworkd.service.d" / Path(change.path).name), then=(judge,))
    step = ChangeFile(words="x", change=here)
    made = step.request()
    assert isinstance(made, WriteFile)
    write_file(made)
    said = subprocess.run(judge, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")

    undo = step.undo(Host())
    assert isinstance(undo, Inverse)
    assert isinstance(undo.request, RemoveFile)
    remove_file(undo.request)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["virtnetworkd.service", unit])


def test_a_drop_in_that_systemd_refuses_is_not_left_behind(tmp_path: Path) -> None:
    (tmp_path / "virtnetworkd.service").write_text(DAEMON)
    judge = ("systemd-analyze", "--man=no", "verify", str(tmp_path / "missing.service"))
    folder = tmp_path / "virtnetworkd.service.d"
    change = replace(following("virtnetworkd", "ufw.service"), path=str(folder / "x.conf"), then=(judge,))
    request = ChangeFile(words="x", change=change).request()
    assert isinstance(request, WriteFile)
    with pytest.raises(Exception, match="systemd-analyze"):
        write_file(request)
    assert not folder.exists()


def test_only_the_monolithic_daemon_has_something_to_lose() -> None:
    assert plan_of("virtnetworkd", "ufw.service").safety is Safety.SAFE
    monolithic = plan_of("libvirtd", "ufw.service")
    assert monolithic.safety is Safety.RISKY
    assert "migration" in monolithic.may_lose


@pytest.mark.parametrize(
    "unit", ["", "ufw reload", "../x.service", "a%n.service", "a\nb.service", ".service", "x.scope"]
)
def test_what_is_no_service_s_name_makes_no_file(unit: str) -> None:
    assert isinstance(followed("virtnetworkd", unit), NoPlan)


def test_a_daemon_does_not_follow_itself() -> None:
    assert isinstance(followed("libvirtd", "libvirtd.service"), NoPlan)
