"""A report's own verdict, and its exit status."""

import pytest

from builders import target
from pxedoctor.verdict.report import Report, TargetVerdict, Verdict


def report(*verdicts: Verdict) -> Report:
    targets = tuple(TargetVerdict(target=target(), verdict=verdict) for verdict in verdicts)
    return Report(
        hostname="h",
        kernel="k",
        collected_at="t",
        sources=(),
        targets=targets,
        checks=(),
        findings=(),
        unknown=(),
        roads=(),
    )


@pytest.mark.parametrize(
    ("verdicts", "expected", "status"),
    [
        ((), Verdict.HEALTHY, 0),
        ((Verdict.HEALTHY,), Verdict.HEALTHY, 0),
        ((Verdict.HEALTHY, Verdict.UNKNOWN), Verdict.UNKNOWN, 3),
        ((Verdict.UNKNOWN, Verdict.BROKEN, Verdict.HEALTHY), Verdict.BROKEN, 1),
    ],
)
def test_the_worst_counts(verdicts: tuple[Verdict, ...], expected: Verdict, status: int) -> None:
    assert report(*verdicts).verdict is expected
    assert expected.exit_code == status
