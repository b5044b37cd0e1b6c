"""A firewall locks guests out, the keeper lets them in again, and `pxedoctor events` names whoever it was.

Real programs: ufw over a real ssh login, firewalld, dockerd, nftables. That the next guest fails where nobody repairs
is what these cases' own tests assert (tests/lab/test_cases.py). What `events` prints is in docs/watch.md, word for word
but for times, pids and the site's name: PXEDOCTOR_WRITE_GOLDEN=1 writes it.
"""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from pxedoctor.lab import parts_nftables, parts_ssh, parts_systemd
from pxedoctor.lab.case import Case
from pxedoctor.lab.faults.filter import bridged_frames_hit_forward, firewalld_zone_lost, host_firewall_drops_dhcp
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.watched import watched

pytestmark = pytest.mark.lab

DOCS = Path(__file__).resolve().parents[2] / "docs" / "watch.md"
_BLOCK = re.compile(r"(?<=```console\n\$ pxedoctor events\n).*?(?=```)", re.DOTALL)
_POLICY = 'default = "repair"\nallow_risky = true\n'


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """`by`: what the keeper's phrase for whoever it was begins with."""

    name: str
    case: Case
    cause: str
    act: Callable[[Site], object]
    by: str


def case(module: object, words: str) -> Case:
    cases: tuple[Case, ...] = module.CASES  # type: ignore[attr-defined]
    return next(case for case in cases if words in case.story)


def ufw(site: Site) -> None:
    parts_ssh.over_ssh(site, "ufw --force enable")


def firewalld(site: Site) -> None:
    parts_ssh.over_ssh(site, f"firewall-cmd --zone=drop --change-interface={site.bridge}")


def nftables_service(site: Site) -> None:
    """The opening is missing in its file when the service is restarted; by systemd, with the unit's own command."""
    parts_nftables.write_conf(site, flush=False, table="host")
    unit = "[Service]\nType=oneshot\nExecStart=/usr/sbin/nft -f /etc/nftables.conf\n"
    parts_systemd.start_systemd(site, {"nftables.service": unit})
    assert parts_systemd.systemctl(site, "restart", "nftables.service") == 0


UFW = case(host_firewall_drops_dhcp, "ufw enable")
FIREWALLD = case(firewalld_zone_lost, "into zone drop")
DOCKER = case(bridged_frames_hit_forward, "--icc=false: FORWARD is DROP")
NFTABLES = next(case for case in host_firewall_drops_dhcp.CASES if "nftables" in case.name)
STORIES = (
    Story(name="ufw", case=UFW, cause="host-firewall-drops-dhcp", act=ufw, by="ufw --force enable, by root from ssh"),
    Story(name="firewalld", case=FIREWALLD, cause="firewalld-zone-lost", act=firewalld, by="firewalld"),
    Story(name="dockerd", case=DOCKER, cause="bridged-frames-hit-forward", act=DOCKER.inject, by="dockerd"),
    Story(
        name="nftables",
        case=NFTABLES,
        cause="host-firewall-drops-dhcp",
        act=nftables_service,
        by="nftables.service (nft), asked by ",
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_what_a_firewall_breaks_is_put_back_and_told_with_its_name(story: Story, tmp_path: Path) -> None:
    policy = tmp_path / "keeper.toml"
    policy.write_text(_POLICY)
    with open_site() as site:
        story.case.build(site)
        if story.act in {ufw, firewalld}:
            parts_ssh.start_sshd(site)
        with watched(site, "--repair", "--policy", str(policy), "--keep") as keeper:
            story.act(site)
            appeared = keeper.until("appeared", story.cause)
            repaired = keeper.until("repaired", story.cause)
        assert repaired["outcome"] == "verified", repaired
        assert story.case.attempt(site).ok, "the next guest gets its address"
        told = site.ask(sys.executable, "-m", "pxedoctor", "events").stdout
        assert f"  by {story.by}" in told, (told, appeared)
        if story.act is nftables_service:
            assert "systemctl --user restart nftables.service, pid" in told, told
            assert any("/etc/nftables.conf" in way for way in repaired["instead"]), repaired
            assert "pxedoctor" not in site.run("cat", "/etc/nftables.conf"), "the policy has no word for it"
        if story.act is ufw:
            same_as_docs(told, site)


def same_as_docs(told: str, site: Site) -> None:
    printed = told.replace(site.tag, "0d0d")
    text = DOCS.read_text(encoding="utf-8")
    if os.environ.get("PXEDOCTOR_WRITE_GOLDEN"):
        DOCS.write_text(_BLOCK.sub(lambda _: printed, text), encoding="utf-8")
        pytest.fail("docs/watch.md written; look at it and run again without PXEDOCTOR_WRITE_GOLDEN")
    assert [timeless(block) for block in _BLOCK.findall(text)] == [timeless(printed)]


def timeless(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\d{8}T\d{6}Z-[0-9a-f]{4}", "TIME", text)
    text = re.sub(r"pid \d+|generation \d+|  after [^\n]*", "N", text)
    return re.sub(r" \(also: [^)]*\)", "", text)
