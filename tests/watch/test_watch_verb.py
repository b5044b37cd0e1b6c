"""`pxedoctor watch` itself on a host of its own: what it says of itself, and what it knows when it comes back."""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.parts_journald import start_journald, wait_for_entry
from pxedoctor.lab.site import Site
from pxedoctor.lab.verb import watch_verb

pytestmark = pytest.mark.lab

DEAD, NF002 = "dhcp-server-dead", "host-firewall-drops-dhcp"
# ECMA-48, SGR.
COLOUR = r"\x1b\[[\d;]+m"
DROP = ("INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as opened:
        libvirt_site(opened)
        yield opened


def once(site: Site) -> int:
    return site.ask(sys.executable, "-m", "pxedoctor", "watch", "--once", "--json").returncode


def test_a_keeper_that_was_killed_knows_what_it_missed(site: Site) -> None:
    assert once(site) == 0
    with watch_verb(site) as first:
        sources = {source["name"]: source for source in first.until("listening")["sources"]}
        assert sources["rules"]["heard"]
        # The kernel tells of processes in the first pid namespace alone: a site is none.
        assert not sources["processes"]["heard"]
        assert sources["processes"]["why"]
        site.run("iptables", "-I", *DROP)
        first.until("appeared", NF002)
        first.kill()

    site.run("iptables", "-D", *DROP)
    site.run("sh", "-c", "kill -9 $(cat /run/libvirt/network/lab.pid)")
    assert once(site) == 1
    start_journald(site)
    with watch_verb(site, "--journal") as second:
        missed = wait_for_entry(site, f"PXEDOCTOR_CAUSE={DEAD}", "PXEDOCTOR_EVENT=appeared")
        assert "while no keeper listened, since 20" in missed["PXEDOCTOR_WHAT"]
        assert "changes of the firewall rules" in missed["PXEDOCTOR_WHAT"]
        gone = wait_for_entry(site, f"PXEDOCTOR_CAUSE={NF002}", "PXEDOCTOR_EVENT=cleared")
        assert json.loads(gone["PXEDOCTOR_JSON"])["lasted"] > 0
        assert gone["_TRANSPORT"] == "journal"
        assert second.end() == 0

    # Not the first run, nothing missed: what stands is told to stand.
    with watch_verb(site, "--metrics", "9469") as third:
        stands = third.until("stands", DEAD)
        assert stands["lasted"] > 0
        numbers = site.run("curl", "-sf", "http://127.0.0.1:9469/metrics")
        assert f'pxedoctor_findings{{cause="{DEAD}",severity="broken"}} 1.0' in numbers.splitlines()
    events = site.ask(sys.executable, "-m", "pxedoctor", "events").stdout
    assert "STILL BROKEN" in events
    assert "well again" in events


def test_a_second_keeper_says_who_is_here_and_one_that_was_killed_blocks_nobody(site: Site) -> None:
    with watch_verb(site) as first:
        begun = first.until("listening")
        pid = site.run("cat", "/run/watch.pid").strip()
        second = site.ask(sys.executable, "-m", "pxedoctor", "watch", "--json")
        assert second.returncode == 2
        error = json.loads(second.stdout)
        assert error["type"] == "error"
        assert f"another keeper watches this host (pid {pid}, since {begun['time'][:16]}" in error["message"]
        assert "end that one" in error["would_help"]
        for words in (("watch", "--once"), ("events",), ("watch", "--pause"), ("watch", "--resume")):
            assert site.ask(sys.executable, "-m", "pxedoctor", *words).returncode == 0, words
        first.kill()
    with watch_verb(site) as third:
        third.until("listening")
        assert third.end() == 0


def test_whoever_reads_no_line_of_it_keeps_it_from_no_repair(site: Site) -> None:
    """Six repairs are a dozen lines; the pipe has room for three."""
    site.write("/etc/pxedoctor/keeper.toml", f'rounds = 100\n[causes]\n{NF002} = "repair"\n')
    with watch_verb(site) as first:
        # On a host's first run it only tells.
        first.until("listening")
    with watch_verb(site, "--repair") as keeper:
        keeper.until("listening")
        keeper.narrow()
        for number in range(6):
            site.run("iptables", "-I", *DROP)
            wait_until(lambda: kept(site, "repaired") == number + 1)  # noqa: B023 - asked within this turn
        assert [keeper.until("repaired", NF002)["outcome"] for _ in range(6)] == ["verified"] * 6
        assert [told["event"] for told in keeper.told].count("appeared") == 6
        assert keeper.end() == 0


def test_a_reader_that_has_gone_is_said_and_the_keeper_goes_on(site: Site) -> None:
    keeper = f"echo $$ >/run/watch.pid; exec {sys.executable} -m pxedoctor watch --json 2>/var/log/watch.err"
    watching = site.start("sh", "-c", f"sh -c '{keeper}' | head -n 1")
    assert watching.stdout is not None
    assert json.loads(watching.stdout.readline())["event"] == "listening"
    site.run("iptables", "-I", *DROP)
    wait_until(lambda: NF002 in site.ask(sys.executable, "-m", "pxedoctor", "events").stdout)
    wait_until(lambda: "nobody takes what is printed" in site.run("cat", "/var/log/watch.err"))
    site.run("sh", "-c", "kill $(cat /run/watch.pid)")
    watching.wait(60)
    assert "Traceback" not in site.run("cat", "/var/log/watch.err")


def test_ctrl_c_leaves_the_host_as_it_was_and_the_memory_closed(site: Site) -> None:
    before = site.run("iptables-save")
    with watch_verb(site, "--repair") as keeper:
        keeper.until("listening")
        wait_until(lambda: site.exists("/var/lib/pxedoctor/keeper.json"))
        keeper.interrupt()
        assert keeper.end() == 130
    assert rules(site.run("iptables-save")) == rules(before)
    assert site.path("/run/pxedoctor/keeper.lock").read_bytes() == b"", "nobody is named who is gone"
    assert "pxedoctor.watch.judge" not in site.run("ps", "-eo", "args")
    assert site.run("cat", "/var/log/watch.err") == ""
    assert json.loads(site.run("cat", "/var/lib/pxedoctor/keeper.json"))["generation"] > 0


def test_ctrl_c_in_the_middle_of_a_look_ends_it_at_once(site: Site) -> None:
    for script in ("watch", "watch --once"):
        # To all of a terminal's group, as a terminal does.
        command = f"setsid --wait timeout --foreground --signal=INT 0.7 {sys.executable} -m pxedoctor {script}"
        started = time.monotonic()
        done = site.ask("sh", "-c", f"{command}; true")
        assert time.monotonic() - started < 20
        assert "Traceback" not in done.stderr
        wait_until(lambda: "pxedoctor.watch.judge" not in site.run("ps", "-eo", "args"))


def test_whoever_is_not_root_is_told_so_by_all_of_them(site: Site) -> None:
    assert once(site) == 0
    with watch_verb(site) as keeper:
        keeper.until("listening")
    assert site.ask(sys.executable, "-m", "pxedoctor", "watch", "--pause").returncode == 0
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-m", "pxedoctor")
    for words in (("watch",), ("watch", "--once"), ("watch", "--pause"), ("watch", "--resume"), ("events",)):
        done = site.ask(*nobody, *words, "--json")
        assert (done.returncode, json.loads(done.stdout)["would_help"]) == (2, "run it as root"), words
    # As the unit makes it (StateDirectoryMode).
    site.run("chmod", "0700", "/var/lib/pxedoctor")
    done = site.ask(*nobody, "events")
    assert (done.returncode, "run it as root" in done.stderr) == (2, True)


def test_on_a_terminal_it_is_coloured_unless_that_is_not_wanted(site: Site) -> None:
    site.run("iptables", "-I", *DROP)
    look = f"{sys.executable} -m pxedoctor watch --once"
    assert re.search(COLOUR, site.ask("env", "TERM=xterm", "script", "-qec", look, "/dev/null").stdout)
    plain = site.ask("env", "TERM=xterm", "NO_COLOR=1", "script", "-qec", look, "/dev/null")
    assert NF002 in plain.stdout
    assert not re.search(COLOUR, plain.stdout)


def rules(saved: str) -> list[str]:
    return [line for line in saved.splitlines() if not line.startswith("#")]


def kept(site: Site, word: str) -> int:
    """How many such events the store has."""
    lines = site.ask(sys.executable, "-m", "pxedoctor", "events", "--json").stdout.splitlines()
    return [json.loads(line)["event"] for line in lines].count(word)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
