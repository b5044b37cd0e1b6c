"""A burst is judged from its beginning, while it settles: most are one change, and then the answer is there in time."""

import msgspec

from pxedoctor.watch.question import Judgement
from pxedoctor.watch.settle import Burst, Settling

# Their event comes when the change is done; what others tell of has only begun.
_DONE_WHEN_HEARD = frozenset({"rules", "legacy-rules"})


class Early(msgspec.Struct, frozen=True, kw_only=True):
    """What had stirred when the judge was asked, and its answer, None until it has come."""

    burst: Burst
    judgement: Judgement | None = None

    @property
    def count(self) -> int:
        return self.burst.count


def may_be_early(now: Settling) -> bool:
    """Whether what has stirred so far can be judged before it has settled."""
    return bool(now.stirs) and all(stir.source in _DONE_WHEN_HEARD for stir in now.stirs)
