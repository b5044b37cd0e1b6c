"""A burst is judged from its beginning, while it settles: most are one change, and then the answer is there in time."""

import msgspec

from pxedoctor.watch.question import Judgement
from pxedoctor.watch.reread import facts_to_read
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


def covered(early: Early, judgement: Judgement, now: Settling, heard: float) -> Early:
    """With its answer, which is that of all that has stirred since, too, where nothing was read before it had: the
    judge had to wait for a firewalld that was still writing. `heard`: when the last stir was, on the steady clock."""
    answered = Early(burst=early.burst, judgement=judgement)
    if judgement.failed or not now.stirs or judgement.began < heard:
        return answered
    burst = Burst(stirs=now.stirs, count=now.count)
    asked, wanted = facts_to_read(early.burst), facts_to_read(burst)
    is_enough = asked is None or (wanted is not None and {*wanted} <= {*asked})
    return Early(burst=burst, judgement=judgement) if is_enough else answered


def may_be_early(now: Settling) -> bool:
    """Whether what has stirred so far can be judged before it has settled."""
    return bool(now.stirs) and all(stir.source in _DONE_WHEN_HEARD for stir in now.stirs)
