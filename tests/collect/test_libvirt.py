"""Which of libvirt's daemons run, sleep, or are not there at all."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Forbidden
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import libvirt
from pxedoctor.collect.ask import libvirt as ask
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Libvirt
from recorded import running_guest

PID = "read /run/libvirtd.pid"
STAT = "read /proc/10/stat"
SOCKETS = "read /proc/net/unix"
# As this kernel prints it (net/unix/af_unix.c, unix_seq_show).
LISTING = """\
Num       RefCount Protocol Flags    Type St Inode Path
00000000d58563bb: 00000002 00000000 00010000 0001 01 2100424 /run/libvirt/virtnetworkd-sock
000000007721e304: 00000003 00000000 00000000 0001 03 2100425 /run/libvirt/virtqemud-sock
00000000175caacd: 00000002 00000000 00010000 0002 01 2102912 /run/user/0/private name
000000004c84948b: 00000002 00000000 00010000 0001 01 2100426
"""


def parsed(**changes: str | Answer) -> Libvirt:
    notebook = Notebook(Replay(running_guest(**changes)))
    ask.ask_daemons(notebook)
    found = libvirt.parse(notebook.answers)
    assert isinstance(found, Libvirt), found
    return found


def test_a_real_libvirtd_that_runs() -> None:
    found = parsed()
    (daemon,) = found.daemons
    assert (daemon.name, daemon.pid, daemon.asleep) == ("libvirtd", 10, False)
    assert found.sleeping == ()
    assert found.network_daemon == "libvirtd"


def test_asleep_is_who_does_not_run_and_is_listened_for() -> None:
    """virtqemud's socket has a connection and nobody who accepts: that is no sleep, that is death."""
    found = parsed(**{PID: Absent("none"), SOCKETS: LISTING})
    assert found.sleeping == ("virtnetworkd",)
    assert [daemon.name for daemon in found.daemons] == ["virtnetworkd"]


def test_one_that_runs_is_not_asleep_beside_one_that_is() -> None:
    assert parsed(**{SOCKETS: LISTING}).sleeping == ()


def test_only_sockets_of_libvirt_are_kept() -> None:
    notebook = Notebook(Replay(running_guest(**{SOCKETS: LISTING})))
    ask.ask_daemons(notebook)
    assert "private" not in repr(notebook.answers[SOCKETS])


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_zombie_is_dead(state: str) -> None:
    assert parsed(**{STAT: f"10 (libvirtd) {state} 1 10 10", SOCKETS: ""}).daemons == ()


def test_a_name_with_brackets_in_it() -> None:
    assert parsed(**{STAT: "10 (a) Z (b)) S 1 10 10"}).running("libvirtd") is not None


@pytest.mark.parametrize("pid", ["", "abc", "-1", "../../etc/shadow", "²", "9" * 5000, "10 11"])
def test_a_pid_file_that_holds_no_pid(pid: str) -> None:
    changes: dict[str, str | Answer] = {PID: pid, SOCKETS: ""}
    assert parsed(**changes).daemons == ()
    notebook = Notebook(Replay(running_guest(**changes)))
    ask.ask_daemons(notebook)
    assert not [question for question in notebook.answers if question.startswith("read /proc/") and "stat" in question]


@pytest.mark.parametrize(
    ("conf", "backend"),
    [
        ('firewall_backend = "nftables"\n', "nftables"),
        ('#firewall_backend = "nftables"\n', ""),
        ("firewall_backend=", ""),
    ],
)
def test_network_conf(conf: str, backend: str) -> None:
    assert parsed(**{"read /etc/libvirt/network.conf": conf}).configured_backend == backend


@pytest.mark.parametrize(
    ("answer", "status"), [(Absent("no such folder"), "absent"), (Forbidden("not for you"), "forbidden")]
)
def test_without_its_folder(answer: Answer, status: str) -> None:
    found = libvirt.parse(running_guest(**{"list /run/libvirt": answer}))
    assert isinstance(found, Missing)
    assert found.status == status
