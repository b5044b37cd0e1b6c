"""The command as it is typed: exit statuses, words for a person, JSON for a program, and readers who leave."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import msgspec
import pytest

from pxedoctor import __version__
from pxedoctor.access.snapshot import FORMAT, VERSION, Snapshot, write
from recorded import running_guest

COMMAND = (sys.executable, "-m", "pxedoctor")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*COMMAND, *words), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def schema() -> object:
    done = run("schema")
    assert done.returncode == 0
    return json.loads(done.stdout)


@pytest.fixture
def snapshot(tmp_path: Path) -> str:
    path = str(tmp_path / "host.snapshot")
    taken = Snapshot(format=FORMAT, version=VERSION, tool="t", taken_at="2024-02-03T04:05:06Z", answers=running_guest())
    write(path, taken)
    return path


def test_version() -> None:
    assert run("--version").stdout == f"pxedoctor {__version__}\n"
    assert run("--version", "diagnose").stdout == f"pxedoctor {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Usage: pxedoctor"),
        (("lab",), "Usage: pxedoctor lab"),
        (("diagnos",), "did you mean `pxedoctor diagnose`?"),
        (("xyzzy",), "verbs: diagnose, probe, trace, fix"),
        (("\x1b[31m" * 1000,), "there is no verb"),
        (("diagnose", "--jsno"), "--json"),
        (("diagnose", "--from"), "'--from' requires an argument"),
        (("diagnose", "--all", "--bridge", "br0"), "one of them"),
        (("diagnose", "a", "--network", "n"), "one of them"),
        (("diagnose", "--fetch"), "give --probe, too"),
        (("diagnose", "--probe", "--from", "/etc/hostname"), "is about a saved one"),
        (("fix", "--quick"), "give --probe, too"),
        (("fix", "--yes"), "go with --apply"),
        (("fix", "--revert-after", "60"), "go with --apply"),
        (("fix", "--revert-after", "60", "--no-revert", "--apply"), "--revert-after or --no-revert: one of them"),
        (("fix", "--revert-after", "2min"), "'2min' is not a valid whole number of seconds"),
        (("fix", "--revert-after", "86401"), "86401 is not in the range 0<=x<=86400"),
        (("fix", "a", "--all"), "pxedoctor fix --help"),
        (("fix", "--fetch"), "pxedoctor fix --help"),
        (("fix", "--only", "bridge-forward-delya"), "nearest: bridge-forward-delay"),
        (("fix", "--only", "BR0010"), "nearest: BR010"),
        # As of a variable that is not set: never the last one.
        (("undo", ""), "the journal has no treatment ''"),
        (("keep", ""), "the journal has no treatment ''"),
        (("probe",), "one of them"),
        (("probe", "web01", "--all"), "one of them"),
        (("probe", "--all", "--firmware", "ipx\x1b"), "profiles: auto, ipxe, "),
        (("probe", "--all", "--mac", "52:54:00"), "'52:54:00' is not a MAC"),
        (("probe", "--all", "--mac", "01:00:5e:00:00:01"), "is a group's MAC"),
        (("probe", "--all", "--vlan", "4095"), "4095"),
        (("probe", "--all", "--from-netns", "/run/netns/a"), "--from-netns goes with --bridge"),
        (("probe", "--all", "--quick", "--fetch"), "one of them"),
        (("probe", "--bridge", "br0", "--pcap", "/nowhere/x"), "'/nowhere/x' cannot be written"),
        (("probe", "--bridge", "nobridge", "--quick"), "there is no bridge nobridge"),
        (("probe", "--bridge", "br0", "--from-netns", "/nowhere"), "no network namespace at /nowhere"),
        (("diagnose", "--client", ""), "there is no client ''"),
        (("diagnose", "--client", "ipx"), "clients: ipxe,"),
        (("diagnose", "--from", "/dev/zero"), "/dev/zero is not a file"),
        (("diagnose", "--from", "/nowhere"), "/nowhere cannot be read"),
        (("diagnose", "--from", "/etc/hostname"), "is not a snapshot"),
        (("snapshot",), "--output"),
        (("snapshot", "-o", "/nowhere/x"), "cannot be written"),
        (("snapshot", "-o", "-"), "-o host.snapshot"),
        (("trace", "--bridge", "br0", "--seconds", "x"), "'x' is not a valid number."),
        (("trace", "web01", "--client", "nobody"), "there is no client 'nobody' in the table"),
        (("trace", "--bridge", "br0", "--seconds", "0"), "0.0 is not in the range 0.1<=x<=3600.0"),
        (("events", "--last", "x"), "'x' is not a valid whole number."),
        (("probe", "--bridge", "br0", "--vlan", "x"), "'x' is not a valid whole number."),
        (("lab", "run"), "name the cases to run, or --all"),
        (("snapshot", "-o", "/dev/null"), "is there already and is not a file"),
    ],
)
def test_wrong_usage_is_2_and_says_what_would_help(words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.returncode == 2, done
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("diagnose", "--bogus"),
        ("diagnose", "--from", "/dev/zero"),
        ("diagnose", "--from", "/tmp"),
        ("diagnose", "no-such-guest"),
        ("fix", "--bridge", "no-such-bridge"),
        ("diagnose", "--client", "x"),
        ("diagnos",),
        ("undo", "../../etc/passwd"),
        ("lab", "run", "no-such-case"),
    ],
)
def test_wrong_usage_for_a_program(words: tuple[str, ...], schema: object) -> None:
    done = run(*words, "--json")
    assert done.returncode == 2, done
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema)
    assert document["type"] == "error"
    assert document["message"]
    assert document["would_help"]


def test_a_snapshot_is_diagnosed_as_of_its_time(snapshot: str, schema: object) -> None:
    done = run("diagnose", "--from", snapshot, "--json")
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema)
    assert done.returncode == 1
    assert document["host"]["collected_at"] == "2024-02-03T04:05:06Z"
    assert "bridge-forward-delay" in [finding["name"] for finding in document["findings"]]


def test_a_folder_with_a_snapshot_in_it(snapshot: str) -> None:
    one, other = (
        run("diagnose", "--from", snapshot, "--json"),
        run("diagnose", "--from", str(Path(snapshot).parent), "--json"),
    )
    assert one.stdout == other.stdout


def test_a_snapshot_asks_nothing_of_this_machine(snapshot: str) -> None:
    """Python's own audit hook sees every program that is started and every file that is opened."""
    trace = Path(snapshot).with_suffix(".py")
    trace.write_text(
        "import sys\n"
        "asked = []\n"
        "hosts = ('/proc/', '/sys/', '/etc/libvirt', '/run/')\n"
        "def watch(event, args):\n"
        "    if event == 'subprocess.Popen' or event == 'open' and str(args[0]).startswith(hosts):\n"
        "        asked.append((event, str(args[0])))\n"
        "sys.addaudithook(watch)\n"
        f"sys.argv = ['pxedoctor', 'diagnose', '--from', {snapshot!r}, '--json']\n"
        "from pxedoctor.cli import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(asked, file=sys.stderr)\n"
    )
    done = subprocess.run((sys.executable, str(trace)), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr.strip() == "[]"


def test_hostile_texts_in_a_snapshot_reach_no_terminal(tmp_path: Path) -> None:
    answers = running_guest(**{"read /proc/sys/kernel/hostname": "\x1b]0;owned\x07", "read /etc/os-release": "\x9b31m"})
    path = str(tmp_path / "s")
    write(path, Snapshot(format=FORMAT, version=VERSION, tool="t", taken_at="2024-02-03T04:05:06Z", answers=answers))
    for words in ((), ("--verbose",), ("--json",)):
        done = run("diagnose", "--from", path, *words)
        assert done.returncode == 1
        assert not {"\x1b", "\x07", "\x9b"} & set(done.stdout + done.stderr)


@pytest.mark.parametrize("words", [("schema",), ("list",), ("diagnose", "--from", "SNAPSHOT"), ("explain", "BR001")])
def test_a_reader_who_has_left(words: tuple[str, ...], snapshot: str) -> None:
    """`pxedoctor ... | true`: 141 as for SIGPIPE, and not 1, which means broken."""
    reader, writer = os.pipe()
    os.close(reader)
    argv = (*COMMAND, *(snapshot if word == "SNAPSHOT" else word for word in words))
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.returncode == 141, done
    assert done.stderr == ""


def test_no_line_of_a_list_ends_in_blanks() -> None:
    assert [line for line in run("list").stdout.splitlines() if line != line.rstrip()] == []


def test_no_help_is_cut_short_and_no_option_takes_a_range() -> None:
    verbs = run("lab", "--help").stdout
    assert "..." not in "".join(line for line in verbs.splitlines() if "OPTIONS" not in line)
    for verb in ("trace", "events", "probe"):
        assert " RANGE " not in run(verb, "--help").stdout


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_an_end_that_was_closed_is_no_verdict(closed: str, snapshot: str) -> None:
    """As some daemons start their programs: 1 would mean broken, and the next file would get the number of that end."""
    for words, status in ((("list",), 0), (("diagnose", "nosuch", "--from", snapshot), 2), (("diagnos",), 2)):
        argv = ("sh", "-c", f'exec "$@" {closed}', "sh", *COMMAND, *words)
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (status, False), words


def test_a_full_disk_is_no_verdict(snapshot: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            (*COMMAND, "diagnose", "--from", snapshot), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 70
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr


@pytest.mark.parametrize(("verb", "module"), [("list", "listing"), ("history", "history")])
def test_an_internal_error_is_70_and_no_traceback(verb: str, module: str) -> None:
    """The verb's own module cannot be imported here: an error that nobody foresaw."""
    broken = f"import sys; sys.modules['pxedoctor.cli.{module}'] = None; sys.argv = ['pxedoctor', '{verb}']"
    code = f"{broken}; from pxedoctor.cli import main; main()"
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "pxedoctor itself failed" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_read_is_what_was_told(snapshot: str) -> None:
    """A snapshot written by the command itself, of this machine, is diagnosed as this machine is."""
    path = f"{snapshot}.mine"
    assert run("snapshot", "-o", path).returncode == 0
    live, replayed = (json.loads(run("diagnose", *words, "--json").stdout) for words in ((), ("--from", path)))
    assert live["host"].pop("collected_at")
    assert replayed["host"].pop("collected_at")
    assert live == replayed
    assert msgspec.json.encode(live)
