"""What `undo` met, word for word (golden/), bounded, harmless, and as JSON."""

import msgspec

from golden import same_as_golden
from pxedoctor.apply.executor import recorded
from pxedoctor.plans.hunks import as_it_is, backwards, between
from pxedoctor.plans.plan import Plan
from pxedoctor.plans.record import Entry, State
from pxedoctor.plans.request import EditFile, RemoveFile
from pxedoctor.plans.three_way import ThreeWay, of_edit, of_removal, value_of
from pxedoctor.report import json
from pxedoctor.report.style import Style, draw
from pxedoctor.report.three_way import three_way_document, three_way_lines
from pxedoctor.report.treatment import render_undone, undone_document
from report_builders import broken_report, slow_host

BEFORE = "auto br0\niface br0 inet manual\n  bridge_ports none\n  bridge_stp on\n  bridge_fd 15\n\n" + "# more\n" * 9
BEFORE += "iface br0.5 inet manual\n  mtu 1400"
WRITTEN = BEFORE.replace("fd 15", "fd 2").replace("mtu 1400", "mtu 1500")
NOW = WRITTEN.replace("bridge_fd 2\n", "bridge_fd 20\n  bridge_maxage 30\n")
PATH = "/etc/network/interfaces.d/bridges"
LIVE = ThreeWay(values=(value_of("forward delay of br0, 1/100 s", "1500", "200", "2000"),))


def file(now: str = NOW, written: str = WRITTEN) -> ThreeWay:
    return of_edit(EditFile(path=PATH, hunks=backwards(between(BEFORE, written)), undoing=True), now, as_it_is)


def entry(*states: State) -> Entry:
    found = broken_report().findings[0]
    assert isinstance(found.plan, Plan)
    made = recorded("20260501T060000Z-0d0d", "", found.finding.id, "slow", found.plan, slow_host().host)
    steps = zip(made.steps, states, strict=True)
    return msgspec.structs.replace(made, steps=tuple(msgspec.structs.replace(s, state=state) for s, state in steps))


def test_a_conflict_is_drawn() -> None:
    failed = entry("undo-failed", "undo-failed")
    same_as_golden("undo-conflict", render_undone(failed, "", Style(), {0: LIVE, 1: file()}))


def test_in_colour_and_narrow() -> None:
    lines = three_way_lines([LIVE, file()], Style(width=40, colour=True))
    same_as_golden("undo-conflict-colour", draw(lines, Style(width=40, colour=True)))


def test_a_file_of_its_own_that_others_went_on_with() -> None:
    request = RemoveFile(path="/etc/systemd/network/20-br0.netdev.d/90-pxedoctor.conf", text="[Bridge]\nSTP=no\n")
    three = of_removal(request, "[Bridge]\nSTP=no\nPriority=1\n", as_it_is)
    same_as_golden("undo-conflict-own-file", draw(three_way_lines([three], Style()), Style()))


def test_without_a_conflict_nothing_is_drawn() -> None:
    back = entry("undone", "undone")
    assert render_undone(back, "", Style(), {0: LIVE, 1: file(WRITTEN)}) == render_undone(back, "", Style())
    # And what could not be taken back for another reason says that reason alone.
    failed = entry("undone", "undo-failed")
    assert render_undone(failed, "", Style(), {1: file(WRITTEN)}) == render_undone(failed, "", Style())


def test_hostile_lines_are_harmless() -> None:
    now = WRITTEN.replace("fd 2", "fd \x1b]0;x\x07\u202e\udcff")
    text = draw(three_way_lines([file(now)], Style(colour=True)), Style(colour=True))
    assert "\\x1b]0;x\\x07\\u202e\\udcff" in text
    assert "\x1b]" not in text
    document = json.encode(undone_document(entry("undone", "undo-failed"), "", {1: file(now)}))
    assert "\x1b" not in document
    assert "\u202e" not in document


def test_it_is_bounded() -> None:
    long = "x" * 100_000
    now = WRITTEN.replace("bridge_fd 2\n", f"{long}\n")
    text = draw(three_way_lines([file(now)] * 30, Style()), Style())
    assert "(99602 more characters)" in text
    assert "more passages)" in text
    assert len(text) < 30_000
    request = RemoveFile(path="/etc/new", text="a\n" * 500)
    three = of_removal(request, "b\n" * 500, as_it_is)
    assert "(940 more lines)" in draw(three_way_lines([three], Style()), Style())
    (passage,) = three_way_document(three).passages
    assert (passage.now.count("\n"), passage.left_out) == (60, 440)


def test_as_json() -> None:
    document = undone_document(entry("undo-failed", "undo-failed"), "", {0: LIVE, 1: file()})
    live, lasting = (step.three_way for step in document.plans[0].steps)
    assert live is not None
    assert lasting is not None
    assert msgspec.to_builtins(live.values) == [
        {
            "name": "forward delay of br0, 1/100 s",
            "standing": "conflict",
            "before": "1500",
            "written": "200",
            "now": "2000",
        }
    ]
    assert [passage.standing for passage in lasting.passages] == ["conflict", "undoable"]
    first = lasting.passages[0]
    assert ("bridge_fd 15\n" in first.before, "bridge_fd 2\n" in first.written) == (True, True)
    assert "bridge_fd 20\n  bridge_maxage 30\n" in first.now


def test_what_could_not_be_read_says_why() -> None:
    assert three_way_document(ThreeWay(unreadable="it is gone")).unreadable == "it is gone"
