"""What the keeper asks its judge, and what it is answered: one line of JSON each."""

import msgspec

from pxedoctor.verdict.happened import Standing


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """`number` comes back with the answer. `wanted` None: everything is read again. `treat`: a Finding.id to repair.

    `edit_files`: also by the steps that only make the repair last, in configuration files. `still`: nothing has stirred
    since the last answer.
    """

    number: int
    wanted: tuple[str, ...] | None = None
    treat: str = ""
    allow_risky: bool = False
    edit_files: bool = False
    still: bool = False


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a repair. `id`: what `pxedoctor undo` takes, "" where nothing was done, and then `why` says why.

    `outcome` gone: it had healed itself. `for_good`: how whoever owns the rules is told the same for good, in words.
    `left`: what would make the repair last and was left to a person, in words.
    """

    finding: str
    outcome: str
    id: str = ""
    why: str = ""
    for_good: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """`failed`: why nothing could be told, "" where it could. `judged`: how many targets had to be judged anew.

    `began`: when the reading began, on the steady clock.
    """

    number: int
    verdict: str = ""
    standing: tuple[Standing, ...] = ()
    seconds: float = 0.0
    began: float = 0.0
    judged: int = 0
    failed: str = ""
    repair: Repair | None = None
