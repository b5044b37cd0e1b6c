"""One packet at one rule: which parts it meets, what they do, and how it leaves the rule."""

from collections.abc import Callable

import msgspec

from pxedoctor.netfilter.condition import Answer, Bits, Condition, Member, Name, Number
from pxedoctor.netfilter.seen import Marks, Seen
from pxedoctor.netfilter.syntax import (
    Action,
    Changes,
    End,
    Fill,
    Jump,
    NoTrack,
    Queue,
    Rewrite,
    Rule,
    Strange,
    VerdictMap,
    WriteMark,
)
from pxedoctor.netfilter.syntax import (
    Ends as Verdict,
)
from pxedoctor.netfilter.walk_mark import marked, not_tracked, reads_connection
from pxedoctor.netfilter.walk_sets import Sets
from pxedoctor.netfilter.walk_way import Doubt, Ends, Kind, Outcome, Way, add_ends

_VERDICTS = {
    Verdict.ACCEPT: Kind.ACCEPT,
    Verdict.DROP: Kind.DROP,
    Verdict.REJECT: Kind.DROP,
    Verdict.RETURN: Kind.THROUGH,
}
# How a jump to a chain ends, or why it cannot be followed.
Enter = Callable[[str, Way], Ends | str]


class Surroundings:
    """What the rules of one table have in common while one packet passes them.

    It knows nothing of whoever walks: a ring of the two is thousands of objects a look that only Python's search for
    garbage gives back.
    """

    def __init__(self, sets: Sets, seen: Seen) -> None:
        self.sets = sets
        self._seen = seen
        self._views: dict[Marks, Seen] = {}

    def view(self, marks: Marks) -> Seen:
        """The packet with these marks on it."""
        if marks not in self._views:
            self._views[marks] = msgspec.structs.replace(self._seen, marks=marks)
        return self._views[marks]

    def answer(self, condition: Condition, seen: Seen) -> Answer:
        return self.sets.member(seen, condition) if isinstance(condition, Member) else condition.meets(seen)

    def misses(self, rule: Rule, seen: Seen) -> bool:
        """Whether a condition that is not met comes before anything that the rule does."""
        for part in rule.parts:
            if not isinstance(part, Condition):
                return False
            if self.answer(part, seen) is Answer.NO:
                return True
        return False


class Course:
    """The packet's course through one rule. `ends`: the ways that end here; `falls`: the way on to the next rule."""

    def __init__(self, around: Surroundings, rule: Rule, way: Way, enter: Enter) -> None:
        self.ends: Ends = {}
        self.falls: Way | None = None
        self.fall_doubt: Doubt | None = None
        self._around = around
        self._rule = rule
        self._enter = enter
        self._doubt: Doubt | None = None
        self._way: Way | None = way

    def run(self) -> None:
        for part in self._rule.parts:
            if self._way is None:
                return
            if isinstance(part, Condition):
                self._condition(part, self._way)
            else:
                self._action(part, self._way)
        if self._way is not None:
            self._fall(self._way, None)

    def _fall(self, way: Way, doubt: Doubt | None) -> None:
        self.fall_doubt = doubt if self.falls is None or doubt is None else self.fall_doubt
        self.falls = way.joined(self.falls)

    def _end(self, kind: Kind, way: Way, doubt: Doubt | None = None) -> None:
        add_ends(self.ends, {kind: Outcome(self._rule.chain, self._rule, way, doubt or self._doubt)})

    def _unclear(self, why: str) -> Doubt:
        return Doubt(self._rule.chain, self._rule, why)

    def _condition(self, condition: Condition, way: Way) -> None:
        answer = self._around.answer(condition, self._around.view(way.marks))
        if answer is not Answer.YES:
            self._fall(way, None)
        if answer is Answer.NO:
            self._way = None
        if answer is Answer.MAYBE and self._doubt is None:
            self._doubt = self._unclear(_whether(condition, self._rule))

    def _action(self, action: Action, way: Way) -> None:
        match action:
            case End() | Jump():
                self._way = self._verdict(action, way)
            case VerdictMap():
                self._way = self._chosen(action, way)
            case WriteMark():
                self._write(action, way)
            case NoTrack():
                self._way = not_tracked(way, self._around.view(way.marks))
            case Changes(fields):
                self._way = way.changed(frozenset(fields))
            case Fill():
                self._way = way.filled()
            case Rewrite():
                self._end(Kind.ACCEPT, way.rewritten(action))
                self._way = None
            case Queue():
                self._hand_over(action, way)
                self._way = None
            case Strange(text):
                self._way = way.obscured()
                self._end(Kind.LOST, self._way, self._unclear(f"what `{text}` does to the packet is not modelled"))
            case _:
                pass

    def _hand_over(self, queue: Queue, way: Way) -> None:
        """Without a listener the packet dies or, with `bypass`, goes to the next base chain (nf_queue.c, nf_queue)."""
        listening = self._around.view(way.marks).queues
        if queue.numbers is None or listening is None or _any_of(listening, queue.numbers):
            why = f"what the program says that `{queue.text or self._rule.text}` asks is not known"
            self._end(Kind.LOST, way, self._unclear(why))
        else:
            self._end(Kind.ACCEPT if queue.bypass else Kind.DROP, way)

    def _write(self, write: WriteMark, way: Way) -> None:
        seen = self._around.view(way.marks)
        if self._around.sets.breaks_off and reads_connection(write) and not seen.has_entry:
            # nft reads the connection's mark into a register first: without an entry the rule ends there.
            self._fall(way, None)
            if seen.has_entry is False:
                self._way = None
                return
            self._doubt = self._doubt or self._unclear("whether conntrack has an entry for this packet is not known")
        self._way = marked(way, write, seen)

    def _verdict(self, verdict: End | Jump, way: Way) -> Way | None:
        """The way on within the rule, if there is one."""
        if isinstance(verdict, Jump):
            self._jump(verdict, way)
        elif verdict.verdict is Verdict.CONTINUE:
            return way
        else:
            self._end(_VERDICTS[verdict.verdict], way)
        return None

    def _jump(self, jump: Jump, way: Way) -> None:
        inner = self._enter(jump.chain, way)
        if isinstance(inner, str):
            self._end(Kind.LOST, way.obscured(), self._unclear(inner))
            return
        for kind, outcome in inner.items():
            doubted = outcome.doubted(self._doubt)
            if kind is Kind.THROUGH and not jump.goto:
                self._fall(doubted.way, doubted.doubt)
            else:
                add_ends(self.ends, {kind: doubted})

    def _chosen(self, choosing: VerdictMap, way: Way) -> Way | None:
        choice = self._around.sets.choice(self._around.view(way.marks), choosing)
        if len(choice.verdicts) + choice.none > 1 or choice.lost:
            text = choosing.text or self._rule.text
            self._doubt = self._doubt or self._unclear(f"which element of `{text}` this packet meets is not known")
        if choice.none:
            self._fall(way, None)
        if choice.lost:
            self._end(Kind.LOST, way.obscured())
        onward: Way | None = None
        for verdict in choice.verdicts:
            after = self._verdict(verdict, way)
            onward = after.joined(onward) if after is not None else onward
        return onward


def _whether(condition: Condition, rule: Rule) -> str:
    match condition:
        case Number(field) | Bits(field) | Name(field):
            return f"whether this packet's {field.value} meets `{rule.text}` is not known"
        case _:
            return f"whether this packet meets `{condition.text or rule.text}` is not known"


def _any_of(listening: frozenset[int], numbers: tuple[int, int]) -> bool:
    first, last = numbers
    return any(first <= number <= last for number in listening)
