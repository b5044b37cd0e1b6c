"""Recorded answers given again; what nobody asked then is not known now."""

from pxedoctor.access.answer import Answer, Failed, Forbidden, Text
from pxedoctor.access.replay import Replay

ANSWERS: dict[str, Answer] = {
    "run ip link": Text("1"),
    "read /a": Forbidden("no"),
    "list /b": Text("c"),
    "link /d": Text("e"),
}


def test_the_same_answers() -> None:
    host = Replay(ANSWERS)
    assert host.run(("ip", "link")) == Text("1")
    assert host.read("/a") == Forbidden("no")
    assert host.list("/b") == Text("c")
    assert host.readlink("/d") == Text("e")


def test_what_was_not_asked_is_failed_and_not_absent() -> None:
    answer = Replay(ANSWERS).read("/etc/passwd")
    assert answer == Failed("the snapshot holds no answer to: read /etc/passwd")
