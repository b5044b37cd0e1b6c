"""The blackout of a new port against the client's patience: the table, its edges, and the judgement."""

import pytest

from builders import bridge, client, port, target
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop
from pxedoctor.model.bridge import PortState, Stp
from pxedoctor.road.blackout import Account, Patience, blackout, judge, least_patient, patience

ACCOUNT = Account("br0 is slow", (Evidence("why", "where", "what"),))
SLOW = bridge(stp=Stp.KERNEL, forward_delay=15.0)


@pytest.mark.parametrize(
    ("stp", "delay", "silence"),
    [(Stp.OFF, 15.0, 0.0), (Stp.KERNEL, 2.0, 4.0), (Stp.KERNEL, 15.0, 30.0), (Stp.USER, 15.0, None)],
)
def test_blackout_is_twice_the_delay_with_kernel_stp_only(stp: Stp, delay: float, silence: float | None) -> None:
    assert blackout(bridge(stp=stp, forward_delay=delay)) == silence


@pytest.mark.parametrize(
    ("name", "silence", "expected"),
    [
        pytest.param("ipxe", 7.0, Patience.OUTLASTS, id="the last DISCOVER leaves as the port opens"),
        pytest.param("ipxe", 7.01, Patience.BORDERLINE, id="a head start of 3 s is enough"),
        pytest.param("ipxe", 15.0, Patience.BORDERLINE, id="the greatest head start is just enough"),
        pytest.param("ipxe", 15.01, Patience.GIVES_UP, id="even the greatest is not"),
        pytest.param("ovmf", 30.0, Patience.BORDERLINE, id="15 s and the PXE specification's timers"),
        pytest.param("udhcpc-n", 30.0, Patience.BORDERLINE, id="a system may have booted for a minute"),
        pytest.param("dhcpcd", 1e6, Patience.OUTLASTS, id="asks for ever"),
    ],
)
def test_patience(name: str, silence: float, expected: Patience) -> None:
    assert patience(client(name), silence) is expected


def test_what_the_least_patient_outlasts_all_outlast() -> None:
    assert least_patient().survives == 6


def test_judged_fine_says_who_asks_longer() -> None:
    outcome = judge(bridge(stp=Stp.KERNEL, forward_delay=2.0), target("ipxe"), 4.0, ACCOUNT)
    assert outcome == Fine("a new port of br0 is silent for 4 s; iPXE asks longer")


def test_judged_broken_carries_the_account_and_the_facts() -> None:
    outcome = judge(SLOW, target("ipxe"), 30.0, ACCOUNT)
    assert isinstance(outcome, Broken)
    assert (outcome.severity, outcome.hop, outcome.subject) == ("broken", Hop.PORT, "br0")
    assert outcome.headline == "br0 is slow; iPXE sends its last DISCOVER 7 s after its first."
    assert ACCOUNT.evidence[0] in outcome.evidence
    assert Evidence("what asks here: iPXE", "test", "ipxe") in outcome.evidence


@pytest.mark.parametrize(
    ("client_name", "state", "severity", "words"),
    [
        pytest.param("ovmf", None, "risk", "borderline", id="borderline"),
        pytest.param("ipxe", PortState.FORWARDING, "risk", "at its next cold start", id="forwards by now"),
        pytest.param("ovmf", PortState.FORWARDING, "risk", "at its next cold start", id="forwards, borderline"),
        pytest.param("ipxe", PortState.LEARNING, "broken", "iPXE sends its last", id="still learning"),
        pytest.param(None, None, "risk", "is not known, and", id="nobody knows who asks"),
    ],
)
def test_judged_by_what_is_certain(client_name: str | None, state: PortState | None, severity: str, words: str) -> None:
    ports = (port("vnet0", state),) if state is not None else ()
    slow = bridge(stp=Stp.KERNEL, forward_delay=15.0, ports=ports)
    outcome = judge(slow, target(client_name, tap="vnet0" if ports else None), 30.0, ACCOUNT)
    assert isinstance(outcome, Broken)
    assert outcome.severity == severity
    assert words in outcome.headline
