"""Which libvirt --connect means, what it refuses, and whether that one may be asked; two real ones: tests/lab."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Forbidden, Text, list_question, read_question, run_question
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import domains, networks
from pxedoctor.collect.ask import libvirt as ask
from pxedoctor.collect.ask.connection import (
    CONNECTED,
    LISTENING,
    SYSTEM,
    Connection,
    ConnectionUriError,
    connected,
    connection,
    may_be_asked,
)
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.libvirt import Network

OWN = "/run/user/1000/libvirt"
LXC = Connection("lxc:///", ("/run/libvirt/libvirt-sock", "/run/libvirt/virtlxcd-sock"))
HELD = 'u_str LISTEN 0 4096 /run/libvirt/virtlxcd-sock 99 * 0 users:(("{who}",pid=7,fd=3),("systemd",pid=1,fd=4))\n'


@pytest.mark.parametrize(
    ("uri", "sockets"),
    [
        ("qemu:///session", (f"{OWN}/libvirt-sock", f"{OWN}/virtqemud-sock")),
        ("lxc:///", LXC.sockets),
        ("lxc+unix:///system", LXC.sockets),
        ("xen:///system", ("/run/libvirt/libvirt-sock", "/run/libvirt/virtxend-sock")),
        ("qemu+unix:///system?socket=/run/other/libvirt-sock", ("/run/other/libvirt-sock",)),
        ("qemu:///system?mode=direct&socket=/run/a%20b", ("/run/a b",)),
    ],
)
def test_what_is_on_this_machine(uri: str, sockets: tuple[str, ...]) -> None:
    found = connection(uri, OWN)
    assert found == Connection(uri, sockets)
    assert connected({CONNECTED: found.said()}) == found


def test_the_one_that_is_asked_by_itself_is_no_other() -> None:
    assert connection(SYSTEM, OWN) is None
    assert connected({}) is None


@pytest.mark.parametrize(
    "uri",
    [
        *("qemu+ssh://host/system", "qemu+ssh:///system", "qemu+tls://10.0.0.1/system", "qemu://localhost/system"),
        *("xen+tcp://[::1]/", "qemu+libssh2://u@h:22/system", "qemu+unix://host/system", "qemu+ext:///system"),
    ],
)
def test_another_machine_is_refused_with_the_way_to_go(uri: str) -> None:
    with pytest.raises(ConnectionUriError, match="another machine") as refused:
        connection(uri, OWN)
    assert "--from FILE" in refused.value.would_help


@pytest.mark.parametrize(
    "uri",
    [
        *(
            "",
            " ",
            "-c",
            "--readonly",
            "qemu",
            "qemu:/system",
            "qemu:///system#x",
            "qemu:///system\n",
            "qemu:///\x1b[2J",
        ),
        *("qemu:///embed?root=/tmp/x", "test:///default", "vbox:///session", "QEMU:///system", "qemu:///system ;id"),
        *(
            "qemu:///sys%74em",
            "qemu:///system?socket=relative",
            "qemu:///system?socket=",
            "qemu:///system?socket=/a%0Ab",
        ),
        *("qemu+unix:///system?command=/bin/sh", "qemu:///system?pkipath=/x", "qemu:///system?socket=/a&netcat=x"),
        *("qemu:///system?socket=/%ff", "qemu:///system?mode=../x", "qemu:///système", "qemu:///system" + "?" * 2000),
    ],
)
def test_what_is_no_libvirt_of_this_machine_is_refused(uri: str) -> None:
    with pytest.raises(ConnectionUriError) as refused:
        connection(uri, OWN)
    assert refused.value.would_help


@pytest.mark.parametrize(
    ("listing", "asked"),
    [
        (Text(HELD.format(who="virtlxcd")), True),
        (Text(HELD.format(who="libvirtd")), True),
        (Text(HELD.format(who="systemd")), False),
        (Text(HELD.format(who="libvirtd").replace("virtlxcd-sock", "virtqemud-sock")), False),
        (Text(""), False),
        (Absent("ss is not installed"), False),
    ],
)
def test_only_one_that_runs_is_asked(listing: Answer, asked: bool) -> None:
    notebook = Notebook(Replay({run_question(LISTENING): listing}))
    assert may_be_asked(notebook, LXC) is asked
    assert may_be_asked(notebook, LXC._replace(wake=True))


def told_by(there: Connection, answers: dict[str, Answer]) -> Notebook:
    notebook = Notebook(Replay(answers))
    notebook.answers[CONNECTED] = there.said()
    ask.ask_domains(notebook)
    ask.ask_networks(notebook)
    return notebook


def test_what_sleeps_is_a_fact_and_one_that_refuses_another() -> None:
    asleep = told_by(LXC, {run_question(LISTENING): Text(HELD.format(who="systemd"))})
    assert not [question for question in asleep.answers if "virsh" in question]
    for parse in (domains.parse, networks.parse):
        missing = parse(asleep.answers)
        assert isinstance(missing, Missing)
        assert (missing.status, "--wake" in missing.would_help) == ("asleep", True)
    listing = run_question(ask.domain_names(LXC.virsh))
    shut = told_by(LXC._replace(wake=True), {listing: Forbidden("access denied")})
    assert domains.parse(shut.answers) == Missing("forbidden", "access denied", "run it as root")


def network(name: str, uuid: str) -> str:
    return f"<network><name>{name}</name><uuid>{uuid}</uuid><bridge name='br-{uuid}'/></network>"


def test_the_networks_of_both_are_known_and_none_is_taken_for_another() -> None:
    folder = ask.NETWORKS_DEFINED
    answers: dict[str, Answer] = {
        list_question(folder): Text("default.xml\nlab.xml\nmine.xml"),
        read_question(f"{folder}/default.xml"): Text(network("default", "1")),
        read_question(f"{folder}/lab.xml"): Text(network("lab", "2")),
        read_question(f"{folder}/mine.xml"): Text(network("mine", "3")),
        run_question(ask.network_names(LXC.virsh, ask.ALL)): Text("default\nlab\n\n"),
        run_question(ask.network_names(LXC.virsh)): Text("default\n\n"),
        run_question(ask.dump_network("default", LXC.virsh)): Text(network("default", "9")),
        run_question(ask.dump_network("lab", LXC.virsh)): Text(network("lab", "2")),
    }
    found = networks.parse(told_by(LXC._replace(wake=True), answers).answers)
    assert not isinstance(found, Missing)
    known = {one.name: (one.uuid, one.origin) for one in found if isinstance(one, Network)}
    assert known == {
        "default": ("9", "virsh -r -c lxc:/// net-dumpxml --network=default"),
        "lab": ("2", f"{folder}/lab.xml"),
        "mine": ("3", f"{folder}/mine.xml"),
    }
    assert [(one.name, one.origin) for one in found if isinstance(one, Unmodelled)] == [
        ("default", f"{folder}/default.xml")
    ]
