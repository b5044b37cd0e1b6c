"""The keeper's events in words."""

from pxedoctor.report.happened import render_event, render_recurring
from pxedoctor.report.style import Style
from pxedoctor.verdict.happened import EventWord, Happened, Standing
from pxedoctor.verdict.recurring import Recurring

PLAIN = Style(width=80, colour=False, verbose=False)
DROPPED = Standing(
    id="NF002:virbr0",
    name="host-firewall-drops-dhcp",
    severity="broken",
    certainty="proven",
    headline="dropped",
    targets=("web01/52:54:00:0d:0d:01",),
)


def test_a_unit_that_recurs_is_told_with_the_command_that_helps() -> None:
    told = render_recurring((Recurring(unit="nftables.service", times=3, last="2026-11-26T01:00:00Z"),), PLAIN)
    assert "nftables.service has taken away 3 times" in told
    assert "pxedoctor restart-after nftables.service" in told


def test_a_fight_is_told_with_what_a_person_can_do() -> None:
    fight = Happened(
        time="2026-11-26T01:00:00.000Z",
        event=EventWord.FIGHT,
        finding=DROPPED,
        what="pxedoctor and ufw reload",
        who=None,
        instead=("ufw owns it: ufw allow in on virbr0 to any port 67 proto udp",),
    )
    assert "ufw owns it: ufw allow" in render_event(fight, PLAIN)


def test_a_provisional_word_says_that_it_may_pass() -> None:
    word = Happened(time="t", event=EventWord.PROVISIONAL, finding=DROPPED, what="x", who=None)
    assert "broken for now" in render_event(word, PLAIN)
