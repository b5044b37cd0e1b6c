"""What a keeper knows of the time in which none was there."""

from pxedoctor.journal.last_seen import LastSeen
from pxedoctor.watch.memory import missed

SEEN = LastSeen(time="2026-02-03T04:05:06.000Z", boot="one", generation=40)


def test_changes_of_the_rules_are_counted() -> None:
    assert missed(SEEN, "one", 43) == "at most 3 changes of the firewall rules"
    assert missed(SEEN, "one", 40) == "the firewall rules were not changed"


def test_a_boot_between_is_told() -> None:
    assert missed(SEEN, "two", 3) == "the host was started again"


def test_what_is_not_known_is_not_told() -> None:
    assert missed(None, "one", 43) == ""
    assert missed(SEEN, "", 43) == ""
    assert missed(SEEN, "one", None) == ""
    assert missed(SEEN, "one", 3) == "", "a counter that fell is another network's"
