"""`bridge -j fdb show br br0`, as the lab's iproute2 6.1 prints it, and as a stranger might."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Text, run_question
from pxedoctor.collect.ask.bridges import fdb
from pxedoctor.collect.fdb import macs_of

REAL = """[
 {"mac":"33:33:00:00:00:01","ifname":"br0","flags":["self"],"state":"permanent"},
 {"mac":"52:54:00:0D:0D:01","ifname":"vnet0","flags":[],"master":"br0","state":"static"},
 {"mac":"52:54:00:0d:0d:02","ifname":"vnet0","flags":[],"master":"br0","state":""},
 {"mac":"52:54:00:0d:0d:03","ifname":"vnet1","flags":[],"master":"br0","state":""},
 {"mac":"fe:54:00:0d:0d:01","ifname":"vnet0","flags":[],"master":"br0","state":"permanent"},
 {"mac":"33:33:00:00:00:01","ifname":"vnet0","flags":["self"],"state":"permanent"}
]"""


def told(answer: Answer | str) -> tuple[str, ...] | None:
    return macs_of({run_question(fdb("br0")): Text(answer) if isinstance(answer, str) else answer}, "br0", "vnet0")


def test_what_is_behind_a_port_and_not_the_port_itself() -> None:
    assert told(REAL) == ("52:54:00:0d:0d:01", "52:54:00:0d:0d:02")


def test_nothing_is_behind_it() -> None:
    assert told("[]") == ()
    assert told("") == ()


@pytest.mark.parametrize("answer", [Absent("bridge is not installed"), "nonsense", "{}"])
def test_what_is_not_understood_is_not_known(answer: Answer | str) -> None:
    assert told(answer) is None
