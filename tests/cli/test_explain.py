"""explain and list, as typed: the real command in a child."""

import json
import subprocess
import sys

import pytest

from pxedoctor.checks import CHECKS


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


@pytest.mark.parametrize("what", ["PXE-E16", "040ee119", "https://ipxe.org/040ee119"])
def test_firmware_words_are_not_explained_yet_but_point_to_what_mentions_them(what: str) -> None:
    done = doctor("explain", what)
    assert done.returncode == 2
    assert "does not explain firmware's" in done.stderr
    assert "bridge-forward-delay" in done.stderr


@pytest.mark.parametrize("what", ["dnsmasq-dhcp: no address range available", "ipxe.org/err", "\x1b[2J"])
def test_what_it_cannot_explain_it_says_harmlessly(what: str) -> None:
    done = doctor("explain", what)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


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
