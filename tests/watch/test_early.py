"""When a burst may be judged before it has settled."""

from pxedoctor.watch.early import may_be_early
from pxedoctor.watch.settle import Settling, Stir, stirred


def after(*sources: str) -> Settling:
    now = Settling()
    for number, source in enumerate(sources):
        now = stirred(now, Stir(at=number / 1000, source=source, what="something"))
    return now


def test_rules_are_told_of_when_they_are_there() -> None:
    assert may_be_early(after("rules"))
    assert may_be_early(after("rules", "legacy-rules"))


def test_a_process_that_ends_or_a_file_that_is_written_has_only_begun() -> None:
    assert not may_be_early(after("processes"))
    assert not may_be_early(after("rules", "libvirt"))


def test_where_nothing_stirred_there_is_nothing_to_judge() -> None:
    assert not may_be_early(Settling())
