"""An accept in DOCKER-USER, and what becomes of it with the years: dockerd restarted, the host rebooted, undone."""

from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts_bridge import attempt, bridge_netfilter_on, lan_site
from pxedoctor.lab.parts_docker_service import UNIT, docker_is_a_service, reboot, restart_service, start_service
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

CAUSE = "bridged-frames-hit-forward"
FIX = ("fix", "--only", CAUSE, "--apply", "--yes", "--no-revert", "--allow-risky")
FOLDER = f"/etc/systemd/system/{UNIT}.d"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with open_site() as opened:
        lan_site(opened)
        docker_is_a_service(opened)
        start_service(opened)
        bridge_netfilter_on(opened)
        yield opened


def accepts(site: Site) -> list[str]:
    return [line for line in site.run("iptables", "-S", "DOCKER-USER").splitlines() if line.endswith("-j ACCEPT")]


def test_it_outlives_docker_and_a_reboot_until_it_is_undone(site: Site) -> None:
    assert not attempt(site).ok
    told = site.doctor(*FIX)
    assert (told.exit_code, told.document["outcome"]) == (0, "verified"), told.document
    assert [step["state"] for step in told.document["plans"][0]["steps"]] == ["done", "done"]
    assert attempt(site).ok

    restart_service(site)
    assert len(accepts(site)) == 1, "Docker keeps what is in its chain, and systemd does not set it twice"
    assert attempt(site).ok

    reboot(site)
    assert len(accepts(site)) == 1
    assert attempt(site).ok

    assert site.doctor("undo").exit_code == 0
    assert (accepts(site), site.exists(FOLDER)) == ([], False)
    assert not attempt(site).ok
    reboot(site)
    assert accepts(site) == []


def test_a_rule_that_cannot_be_set_keeps_docker_from_nothing(site: Site) -> None:
    told = site.doctor(*FIX)
    assert told.document["outcome"] == "verified", told.document
    site.run("sh", "-ec", f"sed -i 's/--physdev-is-bridged/--no-such-word/g' {FOLDER}/*.conf; systemctl daemon-reload")
    reboot(site)
    assert accepts(site) == []
    assert site.ask("systemctl", "is-active", UNIT).stdout.strip() == "active"
