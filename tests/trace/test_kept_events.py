"""Of a busy host's events those around the guest's frames are kept, and the memory for them has an end."""

from pxedoctor.trace.kept_events import KeptEvents, near
from trace_builders import received


def test_kept_are_those_around_a_frame_and_the_newest() -> None:
    events = [received(at, "br0", 342) for at in (1.0, 4.6, 5.4, 7.0, 9.5)]
    assert [event.at for event in near(events, (5.0,), now=10.0)] == [4.6, 5.4, 9.5]


def test_a_long_trace_of_a_busy_host_loses_nothing_of_the_guest() -> None:
    kept = KeptEvents()
    for turn in range(100):
        now = turn * 1.0
        kept.add([received(now, "br0", 1500) for _ in range(500)], (50.0,), now)
    assert kept.lost == 0
    assert len(kept.events) < 5000
    assert sum(event.at == 50.0 for event in kept.events) == 500


def test_where_nobody_looks_at_frames_what_does_not_fit_is_counted() -> None:
    kept = KeptEvents()
    for _ in range(50):
        kept.add([received(1.0, "br0", 1500) for _ in range(500)], None, 1.0)
    assert (len(kept.events), kept.lost) == (20000, 5000)
