"""That nothing left a guest is a fault only where it wanted an address."""

import pytest
from msgspec.structs import replace

from builders import domain, facts
from pxedoctor.checks.guest import guest_crashed_or_paused
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.outcome import Broken, Evidence, Hop, Severity
from pxedoctor.model.traced import PortMoment, ServerWord, WitnessName
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.life import Death
from pxedoctor.verdict.report import Diagnosed, Verdict
from pxedoctor.verdict.trace import Trace
from pxedoctor.verdict.wanted import doubted
from report_builders import guest, report
from trace_values import TRACE

WEB = guest(tap="vnet0")
WORDS = "no DISCOVER left the guest in 60 s: nothing of it was seen on vnet0"
SILENT = Death(hop=Hop.NIC, device="vnet0", kind="DISCOVER", words=WORDS, witnesses=(WitnessName.FRAMES,))
IDLE = replace(
    TRACE,
    packets=(),
    died=SILENT,
    seconds=60.0,
    words=(),
    counters=(),
    states=(PortMoment(at=0.0, device="vnet0", state="forwarding"),),
    facts=facts(domains=(domain(running=True, boot=("network", "hd")),)),
    report=report((WEB, Verdict.HEALTHY)),
)
BEGAN_ANEW = (
    *IDLE.states,
    PortMoment(at=5.0, device="vnet0", state="gone"),
    PortMoment(at=7.0, device="vnet0", state="forwarding"),
)


def stays(trace: Trace) -> bool:
    found = doubted(trace)
    if found != trace:
        assert found.verdict is Verdict.UNKNOWN
    return found == trace


def explained_by(hop: Hop, severity: Severity = "broken", target: str = WEB.id) -> Trace:
    broken = Broken(headline="x", subject="web01", hop=hop, severity=severity, evidence=(Evidence("x", "x", "x"),))
    cause = Diagnosed(
        finding=Finding(meta=guest_crashed_or_paused.META, broken=broken, targets=(target,)), plan=NoPlan("x")
    )
    return replace(IDLE, report=report((WEB, Verdict.BROKEN), findings=(cause,)))


def test_a_guest_that_does_not_ask_may_want_nothing_and_the_words_say_what_helps() -> None:
    found = doubted(IDLE)
    assert (found.verdict, found.died and found.died.hop) == (Verdict.UNKNOWN, Hop.NIC)
    assert found.died is not None
    assert found.died.words.startswith(f"{WORDS}; whether it wanted an address then is not known: ")
    assert "start or reset the guest while it is watched, or have its client ask" in found.died.words


def test_a_cause_for_which_nothing_can_leave_it_explains_the_silence() -> None:
    assert stays(explained_by(Hop.NIC))
    assert not stays(explained_by(Hop.NIC, "risk"))
    assert not stays(explained_by(Hop.INPUT)), "that is where it would have ended, had it asked"
    assert not stays(explained_by(Hop.NIC, target="web02")), "another guest's"


def test_a_client_that_says_in_these_seconds_that_it_asks_wanted_an_address() -> None:
    shown = ServerWord(text="PXE-E51", origin="its screen (virsh screenshot web01)", speaker="guest")
    assert not stays(replace(IDLE, words=(shown,))), "it may stand there since yesterday"
    assert stays(replace(IDLE, words=(replace(shown, asks=True),)))


@pytest.mark.parametrize(
    ("seconds", "boot", "wanted"),
    [(60.0, ("network", "hd"), True), (20.0, ("network", "hd"), False), (60.0, ("hd", "network"), False)],
    ids=["it had the time to ask", "its firmware may not be so far", "its disk comes first"],
)
def test_a_guest_that_started_to_boot_over_the_network_wanted_an_address(
    seconds: float, boot: tuple[str, ...], wanted: bool
) -> None:
    host = facts(domains=(domain(running=True, boot=boot),))
    assert stays(replace(IDLE, states=BEGAN_ANEW, seconds=seconds, facts=host)) is wanted


def test_a_port_that_changed_its_state_or_is_anothers_is_no_start() -> None:
    slow = (PortMoment(at=0.0, device="vnet0", state="listening"), PortMoment(at=9.0, device="vnet0", state="learning"))
    assert not stays(replace(IDLE, states=slow))
    assert not stays(replace(IDLE, states=BEGAN_ANEW[:2])), "it was shut off"
    assert not stays(replace(IDLE, states=tuple(replace(moment, device="vnet7") for moment in BEGAN_ANEW)))


def test_what_was_seen_to_set_out_is_no_silence() -> None:
    assert stays(TRACE)
    assert stays(replace(IDLE, died=replace(SILENT, certain=False))), "it is not certain anyway"
    assert stays(replace(IDLE, died=None))
