"""What is different after a burst."""

from msgspec.structs import replace

from pxedoctor.verdict.happened import EventWord, Standing
from pxedoctor.watch.difference import Difference, differences

DROPPED = Standing(
    id="NF002:virbr0",
    name="host-firewall-drops-dhcp",
    severity="broken",
    certainty="proven",
    headline="a rule drops it",
    targets=("web01/52:54:00:0d:0d:01",),
)
RISK = replace(DROPPED, severity="risk", targets=("web02/52:54:00:0d:0d:02",))


def test_appeared_changed_cleared() -> None:
    longer = replace(DROPPED, headline="another rule drops it")
    assert differences((), (DROPPED,)) == (Difference(EventWord.APPEARED, DROPPED),)
    assert differences((DROPPED,), (longer,)) == (Difference(EventWord.CHANGED, longer),)
    assert differences((DROPPED,), ()) == (Difference(EventWord.CLEARED, DROPPED),)


def test_nothing_is_told_where_nothing_is_different() -> None:
    assert differences((DROPPED, RISK), (DROPPED, RISK)) == ()


def test_a_fault_for_one_guest_and_a_risk_for_another_are_two() -> None:
    assert differences((DROPPED, RISK), (DROPPED,)) == (Difference(EventWord.CLEARED, RISK),)
