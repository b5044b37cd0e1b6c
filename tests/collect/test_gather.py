"""All collectors together: on this machine as it is, replayed, and with one of them broken."""

import pytest

from pxedoctor.access.answer import Answer, Failed, Forbidden, Text
from pxedoctor.access.live import LiveHost
from pxedoctor.access.replay import Replay
from pxedoctor.collect.ask.connection import Connection
from pxedoctor.collect.ask.registry import ASKS
from pxedoctor.collect.asking import Asking
from pxedoctor.collect.gather import gather, gathered
from pxedoctor.collect.registry import COLLECTORS
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host

EVERYTHING = frozenset(collector.name for collector in COLLECTORS)


def told(_: str) -> None:
    return None


def test_names_of_collectors_are_fields_of_the_host() -> None:
    assert set(Host.__struct_fields__) >= EVERYTHING
    assert len(EVERYTHING) == len(COLLECTORS)


def test_everything_that_is_understood_is_asked() -> None:
    assert set(ASKS) == EVERYTHING


def test_a_replay_of_this_machine_is_this_machine() -> None:
    """No question is asked in a replay that was not asked live, and no text is cut shorter the second time."""
    live = gather(LiveHost(), EVERYTHING, told)
    again = gather(Replay(live.answers), EVERYTHING, told)
    assert again.answers == live.answers
    assert again.host == live.host
    assert again.sources == live.sources


def test_a_smaller_selection_asks_nothing_that_a_snapshot_has_not() -> None:
    everything = gather(LiveHost(), EVERYTHING, told)
    for name in EVERYTHING:
        alone = gather(Replay(everything.answers), frozenset({name}), told)
        assert set(alone.answers) <= set(everything.answers), name


@pytest.mark.parametrize(
    "answer", [Text(""), Text("\0"), Text("{}"), Text("[[]]"), Text("<a/>"), Text("-1"), Text("9" * 5000)]
)
def test_a_host_that_answers_nonsense_to_everything(answer: Answer) -> None:
    class Nonsense:
        """Access to a host gone mad."""

        def run(self, argv: object) -> Answer:
            return answer

        def run_all(self, argvs: list[object]) -> list[Answer]:
            return [answer for _ in argvs]

        def read(self, path: str) -> Answer:
            return answer

        def list(self, folder: str) -> Answer:
            return answer

        def readlink(self, path: str) -> Answer:
            return answer

        def dump(self, what: str) -> Answer:
            return answer

    found = gather(Nonsense(), EVERYTHING, told)
    crashed = [source for source in found.sources if "pxedoctor could not understand" in source.why]
    assert not crashed


@pytest.mark.parametrize(
    ("answer", "status"), [(Forbidden("not for us"), "forbidden"), (Failed("out of order"), "failed")]
)
def test_a_host_that_refuses_everything(answer: Answer, status: str) -> None:
    class Refusing:
        """Access to a host that tells us nothing."""

        def run(self, argv: object) -> Answer:
            return answer

        def run_all(self, argvs: list[object]) -> list[Answer]:
            return [answer for _ in argvs]

        def read(self, path: str) -> Answer:
            return answer

        def list(self, folder: str) -> Answer:
            return answer

        def readlink(self, path: str) -> Answer:
            return answer

        def dump(self, what: str) -> Answer:
            return answer

    found = gather(Refusing(), EVERYTHING, told)
    for name in ("system", "links", "bridges", "domains", "networks"):
        fact = getattr(found.host, name)
        assert isinstance(fact, Missing)
        assert fact.status == status


def test_a_collector_that_raises_stops_nobody_else() -> None:
    class Breaking:
        """A host on which reading the kernel's name raises what nobody expects."""

        def run(self, argv: object) -> Answer:
            return Text("[]")

        def run_all(self, argvs: list[object]) -> list[Answer]:
            return [Text("[]") for _ in argvs]

        def read(self, path: str) -> Answer:
            raise RuntimeError("nobody expects this")

        def list(self, folder: str) -> Answer:
            return Text("")

        def readlink(self, path: str) -> Answer:
            return Text("")

    found = gather(Breaking(), EVERYTHING, told)
    statuses = {source.name: (source.status, source.why) for source in found.sources}
    assert statuses["system"][0] == "failed"
    assert "nobody expects this" in statuses["system"][1]
    assert statuses["links"] == ("empty", "")
    assert isinstance(found.host.system, Missing)
    assert found.host.system.would_help


def test_progress_is_told_by_name() -> None:
    names: list[str] = []
    gather(Replay({}), frozenset({"system", "links"}), names.append)
    assert names == ["system", "links"]


@pytest.mark.parametrize(("there", "hint"), [(None, " (--wake would)"), (Connection("lxc:///", ()), "")])
def test_wake_is_named_where_it_would_wake_the_one_that_sleeps(there: Connection | None, hint: str) -> None:
    listening = "0: 0 0 00010000 0001 01 0 /run/libvirt/libvirt-sock"
    texts: dict[str, Answer] = {"list /run/libvirt": Text("libvirt-sock"), "read /proc/net/unix": Text(listening)}
    (source,) = gathered(Asking(Replay(texts), there), frozenset({"libvirt"}), told).sources
    assert (source.status, source.why) == ("asleep", f"libvirtd: not woken{hint}, its files were read")
