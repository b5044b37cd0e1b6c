"""When a burst may be judged before it has settled."""

from pxedoctor.watch.early import Early, covered, may_be_early
from pxedoctor.watch.question import Judgement
from pxedoctor.watch.settle import Burst, Settling, Stir, stirred

HEARD = 0.01


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


def asked_at_first(now: Settling) -> Early:
    return Early(burst=Burst(stirs=now.stirs[:1], count=1))


def test_what_was_read_after_the_last_change_is_the_answer_for_all_of_them() -> None:
    """firewalld reloads: the judge is asked at the first of its changes, and it answers nobody until it is done."""
    now = after("rules", "rules", "rules")
    late = covered(asked_at_first(now), Judgement(number=1, began=0.5), now, HEARD)
    assert (late.count, late.judgement is not None) == (3, True)


def test_what_was_read_in_the_middle_is_the_first_one_s_alone() -> None:
    now = after("rules", "rules", "rules")
    assert covered(asked_at_first(now), Judgement(number=1, began=0.001), now, HEARD).count == 1
    assert covered(asked_at_first(now), Judgement(number=1, began=0.5, failed="no such network"), now, HEARD).count == 1


def test_facts_that_were_not_asked_for_were_not_read() -> None:
    now = after("rules", "links")
    assert covered(asked_at_first(now), Judgement(number=1, began=0.5), now, HEARD).count == 1
