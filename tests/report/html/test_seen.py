"""Where a traced packet was seen to end: the places before it, and how sure that is."""

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.html.seen import seen_death
from trace_values import DEATH, TRACE


def test_the_places_before_and_the_place_where_it_died() -> None:
    seen = seen_death(TRACE)
    assert seen is not None
    assert seen.headline == "the DISCOVER, at br0, INPUT: a rule drops it"
    assert [(stop.word, stop.mark) for stop in seen.strip] == [("vnet0", Mark.GOOD), ("input of br0", Mark.BAD)]


def test_what_is_not_certain_is_a_doubt() -> None:
    seen = seen_death(replace(TRACE, died=replace(DEATH, certain=False, packet=None, hop=Hop.BRIDGE)))
    assert seen is not None
    assert [(stop.word, stop.mark, stop.said) for stop in seen.strip] == [
        ("br0", Mark.DOUBT, "not seen any more from here on")
    ]


def test_nothing_died() -> None:
    assert seen_death(replace(TRACE, died=None)) is None
