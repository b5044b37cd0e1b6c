"""explain and list, as typed: the real command in a child."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pxedoctor.access.snapshot import FORMAT, VERSION, Snapshot, write
from pxedoctor.checks import CHECKS
from recorded import BRIDGE, running_guest


def doctor(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pxedoctor", *words], check=False, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("what", ["bridge-forward-delay", "BR001", "br001"])
def test_explain_by_name_and_code(what: str) -> None:
    done = doctor("explain", what)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("bridge-forward-delay (BR001)\n")
    assert "\nWhy the guest fails\n" in done.stdout
    assert "\x1b" not in done.stdout


def test_an_unknown_name_offers_the_nearest() -> None:
    done = doctor("explain", "bridge-forward-dely")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nearest: bridge-forward-delay" in done.stderr


@pytest.mark.parametrize("what", ["PXE-E16", "https://ipxe.org/040ee119"])
def test_firmware_words_are_explained_by_their_likely_causes(what: str) -> None:
    done = doctor("explain", what)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1  bridge-forward-delay (BR001)" in done.stdout
    assert "what decides: pxedoctor" in done.stdout


def test_a_pasted_line_needs_no_quotes() -> None:
    line = "dnsmasq-dhcp[9]: no address range available for DHCP request via virbr0"
    assert doctor("explain", *line.split()).stdout == doctor("explain", line).stdout
    told = json.loads(doctor("explain", line, "--json").stdout)
    assert (told["type"], told["words"]) == ("sayings", line)
    assert told["sayings"][0]["causes"][0]["name"] == "dhcp-not-configured"


@pytest.mark.parametrize("what", ["dnsmasq-dhcp: all is well", "ipxe.org/err", "\x1b[2J", "PXE-EXX"])
def test_what_it_cannot_explain_it_says_harmlessly(what: str) -> None:
    done = doctor("explain", what)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


def test_a_finding_of_which_nobody_can_tell_is_not_called_absent(tmp_path: Path) -> None:
    """The check said Unknown: that there is no such finding would be a guess."""
    path = str(tmp_path / "s")
    taken = Snapshot(format=FORMAT, version=VERSION, tool="t", taken_at="2024-02-03T04:05:06Z", answers=running_guest())
    write(path, taken)
    unknown = json.loads(doctor("diagnose", "--from", path, "--json").stdout)["unknown"][0]
    done = doctor("explain", f"{unknown['code']}:somewhere", "--from", path)
    assert done.returncode == 2
    assert "could not be told: " + unknown["missing"] in done.stderr
    assert unknown["would_help"] in done.stderr


def test_explain_as_json() -> None:
    told = json.loads(doctor("explain", "BR001", "--json").stdout)
    assert (told["type"], told["cause"]["name"]) == ("explanation", "bridge-forward-delay")
    wrong = doctor("explain", "nope", "--json")
    assert (wrong.returncode, json.loads(wrong.stdout)["type"]) == (2, "error")


def test_list_has_every_cause() -> None:
    text = doctor("list").stdout
    assert all(check.META.code in text and check.META.name in text for check in CHECKS)
    told = json.loads(doctor("list", "--json").stdout)
    assert [cause["code"] for cause in told["causes"]] == [check.META.code for check in CHECKS]


SLOW = f"BR001:{BRIDGE}"


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """A host whose bridge keeps new ports silent for 30 s."""
    path = str(tmp_path / "host.snapshot")
    write(
        path,
        Snapshot(format=FORMAT, version=VERSION, tool="t", taken_at="2024-02-03T04:05:06Z", answers=running_guest()),
    )
    return path


@pytest.mark.parametrize("what", [SLOW, f"br001:{BRIDGE}", f"bridge-forward-delay:{BRIDGE}"])
def test_a_finding_of_a_saved_host(saved: str, what: str) -> None:
    done = doctor("explain", what, "--from", saved)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{SLOW}\n")
    assert "No packet filter rule decides here." in done.stdout
    assert "\nWhy the guest fails\n" in done.stdout


def test_a_finding_as_json(saved: str) -> None:
    told = json.loads(doctor("explain", SLOW, "--from", saved, "--json").stdout)
    assert (told["type"], told["finding"]["id"], told["rules"]) == ("finding-explanation", SLOW, [])


@pytest.mark.parametrize(
    ("words", "message", "would_help"),
    [
        (("BR001:br7",), "this host has no finding 'BR001:br7'", f"its findings: {SLOW}"),
        (("BR777:br0",), "there is no cause with the code 'BR777'", "pxedoctor list"),
        (("BR001:br\x1b[2J",), "this host has no finding", "its findings"),
    ],
)
def test_a_finding_that_is_not_there(saved: str, words: tuple[str, ...], message: str, would_help: str) -> None:
    done = doctor("explain", *words, "--from", saved)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert would_help in done.stderr
    assert "\x1b" not in done.stderr


def test_a_cause_is_the_same_on_every_host(saved: str) -> None:
    done = doctor("explain", "BR001", "--from", saved)
    assert done.returncode == 2
    assert "--from goes with a finding" in done.stderr


def test_a_saved_host_that_is_not_there() -> None:
    done = doctor("explain", SLOW, "--from", "/nowhere", "--json")
    assert (done.returncode, json.loads(done.stdout)["type"]) == (2, "error")
