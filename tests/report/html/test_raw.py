"""The texts of a host on its page: what the evidence was read from first, and never without end."""

from pxedoctor.report.html.raw import raw_texts
from report_builders import broken_report


def test_texts_that_the_evidence_was_read_from_come_first_and_long_ones_are_cut() -> None:
    texts = {"read /a": "a" * 70_000, "read /sys/class/net/br0/bridge/stp_state": "1"}
    shown = raw_texts(texts, broken_report())
    assert [entry.question for entry in shown] == ["read /sys/class/net/br0/bridge/stp_state", "read /a"]
    assert len(shown[1].text) == 65_536
    assert shown[1].cut == "4464 more characters are left out; a snapshot holds all of it"


def test_a_host_with_endless_texts_still_makes_a_page() -> None:
    shown = raw_texts({f"read /{at}": "x" * 60_000 for at in range(100)}, broken_report())
    assert sum(len(entry.text) for entry in shown) <= 2 * 1024 * 1024
    assert len(shown) == 100
