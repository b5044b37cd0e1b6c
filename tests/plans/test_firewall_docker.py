"""Docker's own chain, now and for good: where systemd runs dockerd, its unit keeps the rule, and systemd judges it."""

import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import host
from pxedoctor.model.process import Process
from pxedoctor.netfilter.owner import Ownership
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.netfilter.syntax import Table
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.firewall_docker import in_docker
from pxedoctor.plans.firewall_obstacle import Obstacle
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from ruletexts import nft_table, real, saved_table

BRIDGED = Opening(interface="br0", service="dhcp", direction="bridged")
ROUTED = Opening(interface="br0", service="tftp", direction="routed")
DOCKER = saved_table(real("docker.save"))
DAEMON = Process(pid=9, parent=1, state="Ssl", name="dockerd", command="/usr/sbin/dockerd", unit="docker.service")


def plan_of(wants: Opening, *processes: Process, table: Table = DOCKER) -> Plan:
    owned = Ownership(owner=Owner.DOCKER, why="so it is")
    obstacle = Obstacle(table=table, base="FORWARD", chain="FORWARD", rule=None, owned=owned)
    plan = in_docker(host(processes=processes), obstacle, wants)
    assert isinstance(plan, Plan), plan
    return plan


def kept(plan: Plan) -> ChangeFile:
    (step,) = (step for step in plan.steps if isinstance(step, ChangeFile))
    return step


def test_now_and_whenever_docker_has_started() -> None:
    plan = plan_of(BRIDGED, DAEMON)
    rule = "-i br0 -o br0 -m physdev --physdev-is-bridged -j ACCEPT"
    assert " ".join(plan.steps[0].argv()) == f"iptables -w -I DOCKER-USER {rule}"
    change = kept(plan).change
    assert change.path == "/etc/systemd/system/docker.service.d/pxedoctor-dhcp-bridged-br0.conf"
    line = f"ExecStartPost=-/bin/sh -c 'iptables -w -C DOCKER-USER {rule} 2>/dev/null || "
    assert f"{line}iptables -w -I DOCKER-USER {rule}'\n" in change.after
    assert (kept(plan).safety, plan.safety) == (Safety.RISKY, Safety.RISKY)
    assert any(way.startswith("Not kept:") for way in plan.other_ways)


def test_what_is_routed_and_its_replies_are_a_file_of_their_own() -> None:
    change = kept(plan_of(ROUTED, DAEMON)).change
    assert change.path.endswith("/pxedoctor-tftp-routed-br0.conf")
    assert change.after.count("ExecStartPost=-") == 2


@pytest.mark.parametrize(
    "process",
    [
        replace(DAEMON, unit=None),
        replace(DAEMON, unit=""),
        replace(DAEMON, unit="a%n.service"),
        replace(DAEMON, state="Z"),
        replace(DAEMON, elsewhere=True),
    ],
    ids=["another init system", "by hand", "a name that systemd expands", "it has ended", "in a container"],
)
def test_where_systemd_does_not_run_it_words_say_how(process: Process) -> None:
    plan = plan_of(BRIDGED, process)
    assert len(plan.steps) == 1
    assert any("systemctl edit docker" in way for way in plan.other_ways)


def test_a_host_with_two_of_them_is_asked_of_a_person() -> None:
    other = replace(DAEMON, pid=10, unit="docker-b.service")
    assert len(plan_of(BRIDGED, DAEMON, other).steps) == 1


def test_old_docker_has_no_such_chain() -> None:
    plain = saved_table("*filter\n:FORWARD DROP [0:0]\nCOMMIT\n")
    assert plan_of(BRIDGED, DAEMON, table=plain).steps[0].argv()[3] == "FORWARD"


def test_its_nftables_backend_has_none_either() -> None:
    table = nft_table("ip", "docker-bridges", forward=("drop",))
    owned = Ownership(owner=Owner.DOCKER, why="so it is")
    obstacle = Obstacle(table=table, base="forward", chain="forward", rule=None, owned=owned)
    assert isinstance(in_docker(host(), obstacle, BRIDGED), NoPlan)


@pytest.mark.parametrize("wants", [BRIDGED, ROUTED], ids=["bridged", "routed"])
def test_systemd_takes_it_without_a_word(wants: Opening, tmp_path: Path) -> None:
    (tmp_path / "docker.service").write_text("[Unit]\nDescription=d\n[Service]\nExecStart=/bin/true\n")
    change = kept(plan_of(wants, DAEMON)).change
    folder = tmp_path / "docker.service.d"
    folder.mkdir()
    (folder / Path(change.path).name).write_text(change.after)
    judge = ("systemd-analyze", "--man=no", "verify", str(tmp_path / "docker.service"))
    said = subprocess.run(judge, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
