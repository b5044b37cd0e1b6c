"""dhcp-nak-loop: refusals that a probe got, and those that a log tells of."""

import pytest

from builders import MAC, bridge, facts, finding, port, probed, target, with_probes
from pxedoctor.checks.server import dhcp_nak_loop as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.fact import Missing
from pxedoctor.model.log import LogLine
from pxedoctor.model.observation import ProbeOutcome, SeenNak
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

NAK = f"dnsmasq-dhcp[9]: DHCPNAK(br0) 192.168.123.140 {MAC} {{}}"
ACK = f"dnsmasq-dhcp[9]: DHCPACK(br0) 192.168.122.5 {MAC} web01"
SEEN = SeenNak(at=1.25, server="192.168.122.1", mac="52:54:00:00:00:fe", why="address not available")


def log(*texts: str) -> Facts:
    return facts(logs=tuple(LogLine(origin="journalctl --boot", text=text) for text in texts))


def said(*texts: str) -> Outcome:
    return check.check(log(*texts), target())


def refused(outcome: ProbeOutcome = ProbeOutcome.REFUSED, *texts: str) -> Facts:
    return with_probes(log(*texts), probed(outcome=outcome, fetch=True, naks=(SEEN,)))


def test_a_probe_was_refused() -> None:
    here = refused()
    found = check.check(here, target())
    assert isinstance(found, Broken)
    assert (found.certainty, found.subject, found.hop.value) == ("proven", "br0", "server")
    assert "192.168.122.1 (52:54:00:00:00:fe): address not available" in found.headline
    assert found.evidence[-1].value == "address not available"


def test_a_probe_that_got_its_address_outweighs_the_log() -> None:
    here = refused(ProbeOutcome.LEASED, NAK.format("wrong network"), NAK.format("wrong network"))
    assert isinstance(check.check(here, target()), Fine)


@pytest.mark.parametrize(
    "line",
    [
        NAK.format("address in use"),
        f"dhcpd[9]: DHCPNAK on 192.168.123.140 to {MAC} via br0",
        f"kea-dhcp4[9]: INFO DHCP4_PACKET_NAK_0003 [hwtype=1 {MAC}], cid=[], tid=0x1: failed to grant a lease",
    ],
    ids=["dnsmasq", "ISC dhcpd", "Kea"],
)
def test_twice_refused_and_nothing_given_since(line: str) -> None:
    found = said(ACK, line, line)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty) == ("broken", "likely")
    assert [evidence.value for evidence in found.evidence] == [line, line]


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param((), id="silence"),
        pytest.param((NAK.format("wrong network"),), id="once: it was in another network before"),
        pytest.param((NAK.format("x"), NAK.format("x"), ACK), id="it has its address by now"),
        pytest.param((NAK.format("x").replace(MAC, "52:54:00:00:00:02"),) * 2, id="another guest"),
        pytest.param((NAK.format("x").replace("br0", "br1"),) * 2, id="another bridge"),
        pytest.param((f"dhcpd[9]: DHCPNAK on 10.0.0.9 to {MAC} via br1",) * 2, id="another bridge of dhcpd's"),
    ],
)
def test_no_loop(texts: tuple[str, ...]) -> None:
    assert isinstance(said(*texts), Fine)


def test_a_refusal_of_what_is_meant_for_another_server_is_a_risk() -> None:
    """Seen with dnsmasq 2.90: udhcpc, dhclient and dhcpcd take the other server's ACK all the same."""
    found = said(*(NAK.format("wrong server-ID"),) * 2)
    assert isinstance(found, Broken)
    assert found.severity == "risk"


@pytest.mark.parametrize(
    ("why", "cure"),
    [
        ("wrong server-ID", "authoritative"),
        ("address in use", "another machine has the lease"),
        ("no leases left", "dhcp-lease-max"),
        ("static lease available", "reservation"),
        ("wrong network", "another network"),
        ("lease not found", "another network"),
        ("something new", "documentation"),
    ],
)
def test_the_cure_fits_the_reason(why: str, cure: str) -> None:
    here = log(*(NAK.format(why),) * 2)
    planned = check.plan(finding(check, check.check(here, target())), here)
    assert isinstance(planned, NoPlan)
    assert cure in planned.instead[0]


def test_without_a_log_or_a_guest_nothing_is_said() -> None:
    assert isinstance(check.check(facts(logs=Missing("forbidden", "closed")), target()), NotApplicable)
    assert isinstance(check.check(log(), target(mac=None)), NotApplicable)


def test_where_another_server_may_have_served_it_a_log_tells_of_a_risk() -> None:
    texts = (NAK.format("address in use"),) * 2
    lines = tuple(LogLine(origin="journalctl --boot", text=text) for text in texts)
    found = check.check(facts(logs=lines, bridges=(bridge(ports=(port("eno1"),)),)), target())
    assert isinstance(found, Broken)
    assert found.severity == "risk"
