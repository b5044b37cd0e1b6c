"""What conntrack makes of an answer, by what became of the question."""

import pytest

from pxedoctor.netfilter.seen import Marks
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.packets import Parties, packet
from pxedoctor.road.replies import answered, as_answer


@pytest.mark.parametrize("name", Name)
def test_every_reply_answers_something_the_other_end_sent(name: Name) -> None:
    question = answered(name)
    is_reply = packet(name, Parties()).direction == "reply"
    assert (question is not None) is is_reply
    assert question is None or question.from_guest is not name.from_guest


@pytest.mark.parametrize(
    ("name", "question", "state", "mark"),
    [
        (Name.RENEW_ACK, Marks(), "ESTABLISHED", 0),
        (Name.RENEW_ACK, Marks(mark=7, ct_mark=5), "ESTABLISHED", 5),
        (Name.RENEW_ACK, Marks(untracked=True), "NEW", 0),
        (Name.HTTP_SYN_ACK, Marks(untracked=True), "INVALID", 0),
        (Name.RENEW_ACK, Marks(untracked=None), None, 0),
        (Name.RENEW_ACK, None, "ESTABLISHED", 0),
    ],
    ids=["tracked", "the connection keeps its mark", "untracked", "untracked TCP", "perhaps untracked", "not walked"],
)
def test_an_answer(name: Name, question: Marks | None, state: str | None, mark: int) -> None:
    found, marks = as_answer(packet(name, Parties()), question)
    assert (found.state, marks.ct_mark, marks.mark) == (state, mark, 0)
