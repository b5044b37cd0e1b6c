"""What the keeper does about what it finds, and what it says of it."""

from pathlib import Path

import pytest

from pxedoctor.verdict.happened import EventWord, Standing, Who
from pxedoctor.watch import healer
from pxedoctor.watch.healer import Healer, Wounded
from pxedoctor.watch.policy import Policy, Rule
from pxedoctor.watch.question import Repair

UFW = Who(
    pid=7,
    name="iptables",
    command="iptables",
    ancestors=("ufw reload",),
    caller="ufw reload",
    unit="",
    session="",
    uid=0,
    session_user=None,
    whole=True,
)
DROPPED = Standing(
    id="NF002:virbr0",
    name="host-firewall-drops-dhcp",
    severity="broken",
    certainty="proven",
    headline="dropped",
    targets=("web01/52:54:00:0d:0d:01",),
)
WOUNDED = Wounded(standing=DROPPED, who=UFW, since=0.0)
DONE = Repair(finding=DROPPED.id, outcome="verified", id="x", for_good=("ufw allow 67",))


@pytest.fixture(autouse=True)
def paused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a person's pause would be noted."""
    monkeypatch.setattr(healer, "PAUSED", tmp_path / "paused")
    monkeypatch.setattr(healer, "packages_busy", lambda: "")
    return tmp_path / "paused"


def repairing(rounds: int = 3, first_run: bool = False) -> Healer:
    return Healer(Policy(default=Rule.REPAIR, rounds=rounds), repairs=True, first_run=first_run)


def test_what_is_found_while_a_person_has_paused_it_is_repaired_when_it_goes_on(paused: Path) -> None:
    keeper = repairing()
    paused.touch()
    assert keeper.wants(WOUNDED, 1.0) is None
    assert keeper.waited(2.0) == ()
    paused.unlink()
    assert keeper.waited(2.5) == ()
    assert keeper.waited(3.5) == (WOUNDED,)
    assert keeper.waited(9.0) == ()
    assert keeper.wants(WOUNDED, 9.0) is not None


def test_what_is_found_while_packages_are_upgraded_waits_for_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = repairing()
    monkeypatch.setattr(healer, "packages_busy", lambda: "apt or dpkg")
    assert keeper.wants(WOUNDED, 1.0) is None
    monkeypatch.setattr(healer, "packages_busy", lambda: "")
    assert keeper.waited(2.0) == (WOUNDED,)


def test_the_first_run_only_tells_and_nothing_waits() -> None:
    keeper = repairing(first_run=True)
    assert keeper.wants(WOUNDED, 1.0) is None
    assert keeper.waited(2.0) == ()


def test_a_refusal_is_told_once_and_asked_again_all_the_same() -> None:
    keeper = repairing()
    refused = Repair(finding=DROPPED.id, outcome="refused", why="the repair is RISKY")
    (told,) = keeper.came_of_it(WOUNDED, refused, "now", 1.0)
    assert (told.event, told.what) == (EventWord.CHANGED, "not repaired: the repair is RISKY")
    assert keeper.came_of_it(WOUNDED, refused, "now", 2.0) == ()
    assert keeper.wants(WOUNDED, 3.0) is not None


def test_what_healed_itself_is_no_refusal() -> None:
    keeper = repairing()
    assert keeper.came_of_it(WOUNDED, Repair(finding=DROPPED.id, outcome="gone"), "now", 1.0) == ()


def test_what_would_make_it_last_is_told_where_the_policy_leaves_it() -> None:
    left = Repair(
        finding=DROPPED.id, outcome="verified", id="x", left=("for good: it is accepted, in /etc/nftables.conf",)
    )
    (told,) = repairing().came_of_it(WOUNDED, left, "now", 1.0)
    assert told.instead == ("left to you, by the policy: for good: it is accepted, in /etc/nftables.conf",)


def test_whether_files_are_edited_is_the_policy_s_word() -> None:
    asked = [
        Healer(Policy(default=Rule.REPAIR, edit_files=edits), repairs=True, first_run=False).wants(WOUNDED, 1.0)
        for edits in (False, True)
    ]
    assert [question.edit_files for question in asked if question] == [False, True]


def test_a_fight_names_both_and_proposes_one_owner() -> None:
    keeper = repairing(rounds=2)
    assert len(keeper.came_of_it(WOUNDED, DONE, "now", 1.0)) == 1
    _, fight = keeper.came_of_it(WOUNDED, DONE, "now", 2.0)
    assert fight.event is EventWord.FIGHT
    assert "pxedoctor has put this back 2 times" in fight.what
    assert "ufw reload" in fight.what
    assert any("ufw allow in on virbr0" in way for way in fight.instead)
    assert keeper.wants(WOUNDED, 3.0) is None


def test_whoever_is_in_the_middle_of_a_reload_is_left_to_end_it() -> None:
    running = {UFW.pid}
    keeper = Healer(Policy(default=Rule.REPAIR), repairs=True, first_run=False, at_work=lambda pid: pid in running)
    assert keeper.wants(WOUNDED, 0.1) is None
    assert keeper.waited(0.2) == ()
    running.clear()
    assert keeper.waited(0.3) == (WOUNDED,)
    assert keeper.wants(WOUNDED, 0.3) is not None


def test_a_script_that_never_ends_is_not_waited_for_for_ever() -> None:
    keeper = Healer(Policy(default=Rule.REPAIR), repairs=True, first_run=False, at_work=lambda _: True)
    assert keeper.wants(WOUNDED, 0.1) is None
    assert keeper.waited(4.0) == (WOUNDED,)
    assert keeper.wants(WOUNDED, 4.0) is not None
