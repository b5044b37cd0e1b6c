"""Processes that matter to a boot: from ps, from procfs where there is no ps, and never a stranger's arguments."""

from pxedoctor.access.answer import Absent, Answer, Answers, Forbidden, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import processes
from pxedoctor.collect.ask import processes as ask_processes
from pxedoctor.model.fact import Missing
from pxedoctor.model.process import Process
from pxedoctor.netfilter.owner_names import PROCESSES

DNSMASQ = "/usr/sbin/dnsmasq\0--conf-file=/var/lib/libvirt/dnsmasq/lab.conf\0--leasefile-ro\0"
COMMAND = "/usr/sbin/dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/lab.conf --leasefile-ro"
OURS, THEIRS = Text("net:[4026531840]"), Text("net:[4026532311]")

# From a site with libvirt 9.0.0 and dnsmasq 2.90; 98 was killed below a parent that never waits.
PS = """\
      1       0 S    python
     11       8 Sl   libvirtd
     97       8 Zs   dnsmasq <defunct>
     98       8 Z    dnsmasq <defunct>
    165       1 S    dnsmasq
    170       1 S    mysqld
"""
STAT_98 = "98 (dnsmasq) Z 8 97 97 0 -1 4228428 61 0 0 0 0 0 0 0 20 0 1 0 278400 0 0 18446744073709551615"
STAT_97_SLEEP = "97 (sleep) S 1 95 10 0 -1 4194304 98 0 0 0 0 0 0 0 20 0 1 0 300000 5500928 212"
STAT_1 = "1 (python) S 0 1 1 0 -1 4194560 10 0 0 0 0 0 0 0 20 0 1 0 100 0 0"


def collected(answers: Answers) -> tuple[tuple[Process, ...] | Missing, Answers]:
    """The fact, and the texts that were kept for it."""
    notebook = Notebook(Replay(answers))
    ask_processes.ask(notebook)
    return processes.parse(notebook.answers), notebook.answers


def site(**changes: Answer) -> dict[str, Answer]:
    texts: dict[str, Answer] = {
        "read /proc/1/stat": Text(STAT_1),
        "list /run/libvirt/network": Text("autostarted\ndriver.pid\nlab.pid\nlab.xml"),
        "read /run/libvirt/network/lab.pid": Text("165\n"),
        "read /proc/165/stat": Text("165 (dnsmasq) S 1 165 165 0 -1 4228160 120"),
        "run ps -A -o pid=,ppid=,stat=,comm=": Text(PS),
        "read /proc/165/cmdline": Text(DNSMASQ),
        "read /proc/170/cmdline": Text("mysqld\0--password=secret\0"),
        "link /proc/self/ns/net": OURS,
        "link /proc/165/ns/net": OURS,
    }
    return texts | changes


def test_ps_tells_servers_and_daemons_and_no_stranger() -> None:
    found, kept = collected(site())
    assert not isinstance(found, Missing)
    assert [(process.pid, process.name, process.alive) for process in found] == [
        (11, "libvirtd", True),
        (97, "dnsmasq", False),
        (98, "dnsmasq", False),
        (165, "dnsmasq", True),
    ]
    assert found[3].command == COMMAND
    everything = repr(kept)
    assert "mysqld" not in everything
    assert "secret" not in everything


def test_a_dead_servers_parent_is_named() -> None:
    found, _ = collected(site())
    assert not isinstance(found, Missing)
    assert found[2] == Process(pid=98, parent=8, state="Z", name="dnsmasq", command="")


def test_a_stranger_with_a_used_pid_is_known_by_name_alone() -> None:
    answers = site()
    answers["read /run/libvirt/network/lab.pid"] = Text("97\n")
    answers["read /proc/97/stat"] = Text(STAT_97_SLEEP)
    answers["run ps -A -o pid=,ppid=,stat=,comm="] = Text("     97       1 S    sleep\n")
    answers["read /proc/97/cmdline"] = Text("sleep\0a-secret\0")
    found, kept = collected(answers)
    assert found == (Process(pid=97, parent=1, state="S", name="sleep", command=""),)
    assert "read /proc/97/cmdline" not in kept


def test_without_ps_procfs_tells_the_same() -> None:
    answers = site()
    answers["run ps -A -o pid=,ppid=,stat=,comm="] = Absent("ps is not installed")
    answers["list /proc"] = Text("1\n165\n170\n98\nself\nnet")
    answers["read /proc/98/stat"] = Text(STAT_98)
    answers["read /proc/170/stat"] = Text("170 (mysqld) S 1 170 170 0 -1")
    found, kept = collected(answers)
    assert not isinstance(found, Missing)
    assert [(process.pid, process.name, process.alive, process.command) for process in found if process.pid > 1] == [
        (98, "dnsmasq", False, ""),
        (165, "dnsmasq", True, COMMAND),
    ]
    assert "mysqld" not in repr(kept)


def test_a_containers_server_is_elsewhere() -> None:
    found, _ = collected(site(**{"link /proc/165/ns/net": THEIRS}))
    assert not isinstance(found, Missing)
    assert [process.pid for process in found if process.elsewhere] == [165]


def test_a_namespace_that_may_not_be_seen_is_not_called_another() -> None:
    found, _ = collected(site(**{"link /proc/165/ns/net": Forbidden("/proc/165/ns/net may not be read by this user")}))
    assert not isinstance(found, Missing)
    assert not any(process.elsewhere for process in found)


def test_hidden_processes_are_not_absent_processes() -> None:
    """mount -o hidepid=2: ps shows a plain user his own processes alone."""
    answers = site(**{"run ps -A -o pid=,ppid=,stat=,comm=": Text("")})
    answers["read /proc/1/stat"] = Absent("/proc/1/stat does not exist")
    found, _ = collected(answers)
    assert isinstance(found, Missing)
    assert found.status == "forbidden"
    assert "hidepid" in found.why


def test_neither_ps_nor_procfs() -> None:
    answers = site()
    answers["run ps -A -o pid=,ppid=,stat=,comm="] = Absent("ps is not installed")
    answers["list /proc"] = Forbidden("/proc may not be read by this user")
    found, _ = collected(answers)
    assert found == Missing("absent", "ps is not installed", "install procps")


def test_a_name_with_parentheses_is_read_to_its_end() -> None:
    answers = site(**{"read /proc/165/stat": Text("165 (tmux: server (1)) S 1 165 165 0 -1")})
    answers["run ps -A -o pid=,ppid=,stat=,comm="] = Text("")
    found, _ = collected(answers)
    assert found == (Process(pid=165, parent=1, state="S", name="tmux: server (1)", command=""),)


def test_a_garbled_line_is_no_process() -> None:
    answers = site(**{"list /run/libvirt/network": Absent("/run/libvirt/network does not exist")})
    answers["run ps -A -o pid=,ppid=,stat=,comm="] = Text("x y Z dnsmasq\n")
    found, _ = collected(answers)
    assert found == ()


def test_no_name_is_longer_than_the_kernel_keeps() -> None:
    """TASK_COMM_LEN: a longer name would never be found. Whoever owns rules and runs is among those asked for."""
    assert {name for name in ask_processes.NAMES if len(name) > 15} == set()
    assert {name for names in PROCESSES.values() for name in names} <= ask_processes.NAMES
