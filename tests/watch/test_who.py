"""Who did it, in words for a person."""

import msgspec

from pxedoctor.watch.lineage import Lived, Told
from pxedoctor.watch.who import asker, at_work, program, unit, who

SYSTEMD = Told(name="systemd", command=("/sbin/init",))
SSHD = Told(name="sshd", command=("sshd: root@pts/0",))


def chain(*told: Told) -> tuple[Lived, ...]:
    """The writer first, the first process last."""
    pids = [*range(300, 300 + len(told) - 1), 1]
    return tuple(
        Lived(key=number, pid=pid, parent=number + 1 if number < len(told) - 1 else None, told=each)
        for number, (pid, each) in enumerate(zip(pids, told, strict=True))
    )


def test_a_tool_is_told_as_the_program_that_called_it() -> None:
    service = "/system.slice/docker.service"
    dockerd = Told(name="dockerd", command=("/usr/bin/dockerd", "-H", "fd://"), cgroup=service)
    writer = Told(name="iptables", command=("iptables", "-P", "FORWARD", "DROP"), cgroup=service)
    told = who(300, "iptables", chain(writer, dockerd, SYSTEMD))
    assert told.words() == "dockerd -> iptables"
    assert told.unit == "docker.service"


def test_a_script_is_told_by_its_own_name_and_its_user() -> None:
    ufw = Told(name="ufw", command=("/usr/bin/python3", "/usr/sbin/ufw", "enable"), session_user=0)
    writer = Told(name="iptables-restor", command=("iptables-restore", "-n"), session_user=0)
    shell = Told(name="bash", command=("-bash",), session_user=0)
    told = who(300, "iptables-restor", chain(writer, ufw, shell, SSHD, SYSTEMD))
    assert told.words() == "ufw enable, by root from ssh"


def test_a_command_typed_into_a_shell_is_its_user_s() -> None:
    writer = Told(name="iptables", command=("iptables", "-F"), session_user=1000)
    shell = Told(name="bash", command=("-bash",), session_user=1000)
    assert who(300, "iptables", chain(writer, shell, SSHD, SYSTEMD)).words() == "iptables -F, by user 1000 from ssh"


def test_a_daemon_that_writes_itself_is_told_by_its_unit() -> None:
    firewalld = Told(
        name="firewalld",
        command=("/usr/bin/python3", "/usr/sbin/firewalld", "--nofork"),
        cgroup="/system.slice/firewalld.service",
    )
    assert who(300, "firewalld", chain(firewalld, SYSTEMD)).words() == "firewalld.service (firewalld)"


def test_a_daemon_that_writes_itself_is_not_blamed_on_its_supervisor() -> None:
    firewalld = Told(name="firewalld", command=("/usr/bin/python3", "/usr/sbin/firewalld", "--nofork"))
    supervisor = Told(name="s6-supervise", command=("s6-supervise", "firewalld"))
    assert who(300, "firewalld", chain(firewalld, supervisor, SYSTEMD)).words() == "firewalld --nofork"


def test_the_helper_of_ufw_is_told_as_ufw() -> None:
    writer = Told(name="iptables-restor", command=("iptables-restore", "-n"))
    helper = Told(name="ufw-init", command=("/bin/sh", "/lib/ufw/ufw-init", "start"))
    ufw = Told(name="ufw", command=("/usr/bin/python3", "/usr/sbin/ufw", "enable"))
    assert who(300, "iptables-restor", chain(writer, helper, ufw, SYSTEMD)).words() == "ufw enable"


def test_an_upgrade_is_told_as_such() -> None:
    apt = Told(name="apt", command=("apt", "upgrade"), session_user=0)
    script = Told(name="sh", command=("/bin/sh", "/var/lib/dpkg/info/firewalld.postinst", "configure"))
    dpkg = Told(name="dpkg", command=("/usr/bin/dpkg", "--status-fd", "15", "--configure", "--pending"))
    told = who(300, "nft", chain(Told(name="nft", command=("nft", "-f", "-")), script, dpkg, apt, SSHD, SYSTEMD))
    assert told.caller == "package upgrade (apt upgrade)"


def test_a_process_of_which_nothing_is_known_says_so() -> None:
    told = who(4711, "nft", ())
    assert told.words() == "nft, started by an unknown parent"
    assert not told.whole


def test_one_that_may_have_been_adopted_has_an_unknown_parent() -> None:
    """After events were lost, a child of the first process may be an orphan that the first process took over."""
    writer, first = chain(Told(name="nft", command=("nft", "flush", "ruleset")), SYSTEMD)
    told = who(300, "nft", (msgspec.structs.replace(writer, orphan=True), first))
    assert told.words() == "nft flush ruleset, started by an unknown parent"


def test_the_unit_is_the_innermost_service() -> None:
    assert unit("/system.slice/libvirtd.service/inner") == "libvirtd.service"
    assert unit("/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope") == ""


def test_a_script_of_busybox_is_told_by_its_own_name() -> None:
    assert program(Told(name="sh", command=("/usr/bin/busybox", "sh", "/sbin/harden", "now"))) == "harden now"


def test_an_interpreter_with_a_script_inside_keeps_its_words() -> None:
    assert program(Told(name="sh", command=("sh", "-c", "iptables -F"))) == "sh -c 'iptables -F'"


def test_a_command_that_still_runs_is_at_work_and_a_daemon_never_is() -> None:
    ufw = Told(name="ufw", command=("/usr/bin/python3", "/usr/sbin/ufw", "reload"))
    writer = Told(name="iptables-restor", command=("iptables-restore", "-n"))
    shell = Told(name="bash", command=("-bash",))
    running = chain(writer, ufw, shell, SSHD, SYSTEMD)
    assert at_work(running)
    ended = (running[0], msgspec.structs.replace(running[1], alive=False), *running[2:])
    assert not at_work(ended)

    dockerd = Told(name="dockerd", command=("/usr/bin/dockerd",))
    assert not at_work(chain(writer, dockerd, SYSTEMD))
    firewalld = Told(name="firewalld", command=("/usr/bin/python3", "/usr/sbin/firewalld", "--nofork"))
    supervisor = Told(name="runsvdir", command=("runsvdir", "/etc/service"))
    assert not at_work(chain(firewalld, supervisor, shell, SYSTEMD)), "it writes its rules itself"
    assert not at_work(())


FIREWALL_CMD = ("/usr/bin/python3", "/usr/bin/firewall-cmd", "--permanent", "--zone=drop", "--add-interface=virbr0")


def test_firewalld_is_told_with_whoever_asked_it() -> None:
    firewalld = Told(name="firewalld", command=("firewalld", "--nofork"), cgroup="/system.slice/firewalld.service")
    typed = Told(name="firewall-cmd", command=FIREWALL_CMD, session_user=0, cgroup="/system.slice/ssh.service")
    shell = Told(name="bash", command=("-bash",), session_user=0)
    by = asker(chain(typed, shell, SSHD, SYSTEMD))
    told = who(200, "firewalld", chain(firewalld, SYSTEMD), by)
    assert told.words() == (
        "firewalld.service (firewalld), asked by "
        "firewall-cmd --permanent --zone=drop --add-interface=virbr0, by root from ssh"
    )
    assert told.pids() == "pid 300; firewalld's is 200"


def test_a_service_s_script_that_asks_is_told_with_what_it_asked_and_its_unit() -> None:
    service = "/system.slice/fail2ban.service"
    asks = Told(name="systemctl", command=("systemctl", "--no-pager", "restart", "nftables"), cgroup=service)
    script = Told(name="fail2ban-server", command=("fail2ban-server", "-xf", "start"), cgroup=service)
    told = asker(chain(asks, Told(name="sh", command=("sh", "-c", "x"), cgroup=service), script, SYSTEMD))
    assert told is not None
    assert told.words() == "fail2ban.service (fail2ban-server -> systemctl --no-pager restart nftables)"


def test_a_daemon_that_asks_is_told_by_its_unit() -> None:
    asks = Told(name="NetworkManager", command=("NetworkManager", "-n"), cgroup="/system.slice/NetworkManager.service")
    told = asker(chain(asks, SYSTEMD))
    assert told is not None
    assert told.words() == "NetworkManager.service (NetworkManager)"


def test_nobody_is_told_to_have_asked_of_whom_nothing_is_known() -> None:
    assert asker(()) is None
    assert asker(chain(Told())) is None
