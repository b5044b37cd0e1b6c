"""Whether systemd filters a server's traffic: asked where systemd runs, of a server's own unit, and of nobody else."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect.ask import unit_filters as ask
from pxedoctor.collect.unit_filters import filter_of, unit_of

UNIT = (
    "run systemctl show dnsmasq.service -p IPAddressDeny -p IPIngressFilterPath -p IPEgressFilterPath -p SocketBindDeny"
)
# systemd 252.
CLOSED = "IPIngressFilterPath=\nIPEgressFilterPath=\nIPAddressDeny=0.0.0.0/0 ::/0\nSocketBindDeny=\n"
HOST: dict[str, Answer] = {
    "list /run/systemd/system": Text(""),
    "read /proc/165/cgroup": Text("0::/system.slice/dnsmasq.service\n"),
    UNIT: Text(CLOSED),
}


def collected(answers: dict[str, Answer]) -> tuple[str, set[str]]:
    notebook = Notebook(Replay(answers))
    ask.ask(notebook, "165")
    return filter_of(notebook.answers, "165"), {question for question in notebook.answers if question.startswith("run")}


def test_a_unit_that_may_talk_to_nobody() -> None:
    assert collected(HOST) == ("IPAddressDeny=0.0.0.0/0 ::/0 of dnsmasq.service", {UNIT})


def test_a_unit_without_a_filter() -> None:
    assert collected(HOST | {UNIT: Text(CLOSED.replace("0.0.0.0/0 ::/0", ""))})[0] == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"list /run/systemd/system": Absent("does not exist")},
        {"read /proc/165/cgroup": Text("0::/user.slice/user-0.slice/session-1.scope\n")},
        {"read /proc/165/cgroup": Absent("does not exist")},
    ],
    ids=["another init system", "started by hand", "it has ended"],
)
def test_nobody_is_asked(changes: dict[str, Answer]) -> None:
    assert collected(HOST | changes) == ("", set())


@pytest.mark.parametrize(
    ("changes", "unit"),
    [
        ({}, "dnsmasq.service"),
        ({"read /proc/165/cgroup": Text("0::/user.slice/user-0.slice/session-1.scope\n")}, ""),
        ({"read /proc/165/cgroup": Absent("does not exist")}, ""),
        ({"list /run/systemd/system": Absent("does not exist")}, None),
    ],
    ids=["a service", "started by hand", "not known", "another init system"],
)
def test_whose_process_it_is(changes: dict[str, Answer], unit: str | None) -> None:
    notebook = Notebook(Replay(HOST | changes))
    ask.ask(notebook, "165")
    assert unit_of(notebook.answers, "165") == unit


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/system.slice/virtnetworkd.service\n", "virtnetworkd.service"),
        ("12:pids:/system.slice/dnsmasq.service\n0::/system.slice/dnsmasq.service\n", "dnsmasq.service"),
        ("0::/system.slice/system-dnsmasq.slice/dnsmasq@br0.service\n", "dnsmasq@br0.service"),
        ("0::/system.slice/evil; rm.service\n", ""),
        ("0::/\n", ""),
    ],
)
def test_the_unit_of_a_process(cgroup: str, unit: str) -> None:
    assert ask.unit_in(cgroup) == unit
