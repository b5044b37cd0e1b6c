"""Many changes in a short time are one event."""

import pytest
from msgspec.structs import replace

from pxedoctor.verdict.happened import Asker, Who
from pxedoctor.watch.settle import LONGEST, SETTLE, Burst, Settling, Stir, due_at, settled, stirred


def stir(at: float, source: str = "rules") -> Stir:
    return Stir(at=at, source=source, what=f"at {at}")


def test_nothing_stirs_nothing_is_due() -> None:
    assert due_at(Settling()) is None
    assert settled(Settling(), 99.0) == (Settling(), None)


def test_a_reload_of_two_thousand_transactions_is_one_burst() -> None:
    now = Settling()
    for number in range(2000):
        now = stirred(now, stir(number * 0.0001))
    assert settled(now, 0.2)[1] is None, "it is not quiet yet"

    now, burst = settled(now, 0.2 + SETTLE)

    assert burst is not None
    assert burst.count == 2000
    assert burst.ended == pytest.approx(0.1999)
    assert now == Settling()


def test_a_storm_without_end_is_judged_all_the_same() -> None:
    now, at = Settling(), 0.0
    while settled(now, at)[1] is None:
        now = stirred(now, stir(at))
        at += SETTLE / 3
    assert at == pytest.approx(LONGEST, abs=SETTLE)


def test_of_a_storm_no_source_is_forgotten() -> None:
    now = stirred(Settling(), stir(0.0, "links"))
    for number in range(100):
        now = stirred(now, stir(number * 0.001))
    _, burst = settled(now, 5.0)
    assert burst is not None
    assert burst.sources == {"links", "rules"}


def by(name: str) -> Who:
    return Who(
        pid=1,
        name="iptables",
        command="",
        ancestors=(),
        caller=name,
        unit="",
        session="",
        uid=0,
        session_user=None,
        whole=True,
    )


def test_who_wrote_one_rule_is_not_hidden_by_who_writes_a_hundred() -> None:
    now = stirred(Settling(), replace(stir(0.0), who=by("hardening")))
    for number in range(100):
        now = stirred(now, replace(stir(number * 0.0001), who=by("dockerd")))
    _, burst = settled(now, 5.0)
    assert burst is not None
    assert next(entry.who.caller for entry in burst.stirs if entry.who) == "hardening"
    assert burst.culprit == by("dockerd")
    assert len(burst.stirs) <= 32


def test_who_asked_a_daemon_is_not_told_where_it_may_have_been_another() -> None:
    """Two asked firewalld at once: of the first rules nobody can say for whom they were written."""
    firewalld = by("firewalld")
    asker = Asker(pid=8, program="firewall-cmd --reload")
    asked = replace(firewalld, asked=asker)

    def told(*whose: Who) -> Who | None:
        stirs = tuple(replace(stir(0.01 * at), who=who) for at, who in enumerate(whose))
        return Burst(stirs=stirs, count=len(stirs)).culprit

    assert told(asked, asked) == asked
    assert told(firewalld, asked) == firewalld
    assert told(replace(by("nft"), pid=9), asked) == asked, "another program's rules are its own"
