"""A systemctl that waits for a unit is who asked for it; with the words that people type."""

import pytest

from pxedoctor.watch.lineage import Told
from pxedoctor.watch.unit_requests import UnitRequests


def systemctl(*words: str) -> Told:
    return Told(name="systemctl", command=("systemctl", *words))


@pytest.mark.parametrize(
    "words",
    [
        ("restart", "nftables"),
        ("restart", "nftables.service"),
        ("--no-pager", "stop", "docker", "nftables"),
        ("enable", "--now", "nftables"),
    ],
    ids=" ".join,
)
def test_whoever_waits_for_a_unit_asked_for_it(words: tuple[str, ...]) -> None:
    requests = UnitRequests()
    requests.executed(7, systemctl(*words))
    assert requests.asker("nftables.service") == 7
    assert requests.asker("ufw.service") is None


@pytest.mark.parametrize("words", [("status", "nftables"), ("is-active", "nftables"), ("restart",), ()], ids=" ".join)
def test_whoever_only_looks_asked_for_nothing(words: tuple[str, ...]) -> None:
    requests = UnitRequests()
    requests.executed(7, systemctl(*words))
    assert requests.asker("nftables.service") is None


def test_another_program_with_the_same_words_asked_for_nothing() -> None:
    requests = UnitRequests()
    requests.executed(7, Told(name="echo", command=("systemctl", "restart", "nftables")))
    assert requests.asker("nftables.service") is None


def test_of_two_who_wait_nobody_is_named() -> None:
    requests = UnitRequests()
    requests.executed(7, systemctl("restart", "nftables"))
    requests.executed(8, systemctl("reload", "nftables"))
    assert requests.asker("nftables.service") is None
    requests.ended(8)
    assert requests.asker("nftables.service") is None, "what it asked for may be told later than its end"
    requests.turn()
    assert requests.asker("nftables.service") == 7


def test_its_number_becomes_another_program_s() -> None:
    requests = UnitRequests()
    requests.executed(7, systemctl("restart", "nftables"))
    requests.executed(7, Told(name="true", command=("true",)))
    assert requests.asker("nftables.service") is None
