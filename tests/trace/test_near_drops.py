"""Of a flood of drops those can be told whose they are that follow an event of their buffer or their processor."""

from pxedoctor.trace.event_line import drop_in
from pxedoctor.trace.near_drops import NearDrops
from trace_builders import received

# trace_print_context pads the task's name to 16 characters, whatever is in it.
TASK = "a [001] 1.0: b  "
LINE = f"{TASK}-7       [003] b.s1. 24792.500000: kfree_skb: skbaddr=ffff88 rx_sk=(null) protocol=2048 location=x"


def test_by_its_buffer_and_by_its_processor() -> None:
    near = NearDrops()
    near.saw(received(1.0, "br0", 342, buffer="a", cpu=2))
    assert near.can_tell("a", 0, 1.05)
    assert near.can_tell("a copy", 2, 1.001)
    assert not near.can_tell("a", 0, 1.2)
    assert not near.can_tell("a copy", 2, 1.01)
    assert not near.can_tell("a copy", 3, 1.0)


def test_the_memory_has_an_end_and_keeps_the_newest() -> None:
    near = NearDrops()
    for number in range(20000):
        near.saw(received(1.0, "br0", 342, buffer=str(number)))
    assert near.can_tell("19999", 9, 1.01)
    assert near.can_tell("17000", 9, 1.01)
    assert not near.can_tell("3", 9, 1.01)


def test_a_drop_is_read_from_its_line_whatever_its_task_is_called() -> None:
    assert drop_in(LINE) == ("ffff88", 3, 24792.5)
    assert drop_in(LINE.replace("kfree_skb", "netif_receive_skb")) is None
    assert drop_in("") is None
