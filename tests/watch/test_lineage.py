"""Who started whom, remembered after they are gone."""

from pxedoctor.watch.lineage import Lineage, Told

INIT = Told(name="systemd", command=("/sbin/init",))
SHELL = Told(name="bash", command=("bash",), parent=1)
UFW = Told(name="ufw", command=("/usr/bin/python3", "/usr/sbin/ufw", "enable"))


def with_a_shell() -> Lineage:
    lineage = Lineage(most_dead=3)
    lineage.found(1, INIT)
    lineage.found(100, SHELL)
    return lineage


def names(lineage: Lineage, pid: int) -> list[str]:
    return [lived.told.name for lived in lineage.chain(pid)]


def test_a_process_that_is_gone_is_known_with_all_that_called_it() -> None:
    lineage = with_a_shell()
    lineage.forked(200, 100)
    lineage.executed(200, UFW)
    lineage.forked(201, 200)
    lineage.executed(201, Told(name="iptables-restor", command=("iptables-restore",)))
    lineage.exited(201)
    lineage.exited(200)

    assert names(lineage, 201) == ["iptables-restor", "ufw", "bash", "systemd"]


def test_a_child_is_what_its_parent_is_until_it_says_otherwise() -> None:
    lineage = with_a_shell()
    lineage.forked(200, 100)
    assert names(lineage, 200) == ["bash", "bash", "systemd"]


def test_an_exec_that_was_read_too_late_keeps_the_parent() -> None:
    lineage = with_a_shell()
    lineage.forked(200, 100)
    lineage.executed(200, Told())
    assert names(lineage, 200) == ["", "bash", "systemd"]


def test_a_pid_that_is_used_again_is_another_process() -> None:
    lineage = with_a_shell()
    lineage.forked(200, 100)
    lineage.executed(200, UFW)
    lineage.forked(201, 200)
    lineage.exited(200)
    lineage.forked(200, 1)

    assert names(lineage, 201)[:2] == ["ufw", "ufw"], "its parent is the process that started it, not the pid's next"
    assert names(lineage, 200) == ["systemd", "systemd"]


def test_the_oldest_of_the_dead_are_forgotten_and_their_children_say_so() -> None:
    lineage = with_a_shell()
    for pid in range(200, 206):
        lineage.forked(pid, 100)
        lineage.exited(pid)
    assert len(lineage) == 2 + 3
    assert lineage.chain(200) == ()


def test_long_command_lines_are_forgotten_sooner() -> None:
    lineage = Lineage(most_dead=100, most_bytes=6600)
    lineage.found(1, INIT)
    for pid in range(200, 220):
        lineage.forked(pid, 1)
        lineage.executed(pid, Told(name="cc1", command=("cc1", "x" * 900)))
        lineage.exited(pid)
    assert names(lineage, 219) == ["cc1", "systemd"]
    assert 5 <= len(lineage) - 1 <= 6
    for pid in range(300, 320):
        lineage.forked(pid, 1)
        lineage.exited(pid)
    assert names(lineage, 300) == ["systemd", "systemd"], "short ones find more room"


def test_the_dead_are_known_as_they_were() -> None:
    lineage = with_a_shell()
    told = Told(name="ufw", command=UFW.command, cgroup="/x.slice", uid=0, session_user=1000, parent=100)
    lineage.forked(200, 100)
    lineage.executed(200, told)
    alive = lineage.chain(200)
    lineage.exited(200)
    dead = lineage.chain(200)
    assert (dead[0].told, dead[0].alive) == (alive[0].told, False)
    assert dead[1:] == alive[1:]


def test_after_a_gap_nobody_is_taken_for_another() -> None:
    lineage = with_a_shell()
    lineage.forked(200, 100)
    lineage.gap()
    assert lineage.chain(200) == ()
    assert lineage.gaps == 1


def test_after_a_gap_a_child_of_the_first_process_may_be_an_orphan() -> None:
    lineage = with_a_shell()
    lineage.gap()
    lineage.found(1, INIT)
    lineage.found(100, SHELL)
    lineage.found(300, Told(name="nft", command=("nft",), parent=1))
    assert [lived.orphan for lived in lineage.chain(300)] == [True, False]
    assert not lineage.chain(100)[0].orphan, "it was there before events were lost"


def test_nobody_knows_a_process_that_was_never_told_of() -> None:
    assert Lineage().chain(4711) == ()


def test_a_copy_runs_its_parent_s_program_beside_its_parent() -> None:
    lineage = with_a_shell()
    dnsmasq = Told(name="dnsmasq", command=("dnsmasq", "--conf-file=/x"))
    lineage.forked(200, 100)
    lineage.executed(200, dnsmasq)
    lineage.forked(201, 200)
    copy, first = lineage.lived(201), lineage.lived(200)
    assert copy is not None
    assert first is not None
    assert lineage.is_copy(copy)
    assert not lineage.is_copy(first), "a shell started it"

    # A daemon is what is left when its parent has ended.
    lineage.exited(200)
    assert not lineage.is_copy(copy)
