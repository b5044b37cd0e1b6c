"""uplink-switch-stp: a switch is heard, questions are lost, and what the switch says meanwhile."""

import pytest

from builders import bridge, facts, finding, link, offer, port, probed, sent, silent, target, with_probes
from pxedoctor.checks.uplink import uplink_switch_stp as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.bridge import Stp
from pxedoctor.model.link import Address
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.observation import Probed, ProbeOutcome, SeenSent, SeenSwitch
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts
from pxedoctor.model.traced import CounterMove, HeardFrame
from pxedoctor.plans.plan import NoPlan
from pxedoctor.wire import bpdu
from trace_builders import BRIDGE, TAP, UPLINK, bpdu_of, discover, traced

HERE = Process(
    pid=7, parent=1, state="S", name="dnsmasq", command="dnsmasq --interface=br0 --dhcp-range=10.0.0.2,10.0.0.9"
)
OWN = (Address(family="inet", address="10.0.0.1", prefix=24),)
AGAIN = SeenSent(at=33.1, what="DISCOVER", port_state="forwarding", afterwards=True)


def seen(**more: object) -> Facts:
    values: dict[str, object] = {
        "links": (link("br0", kind="bridge"), link("eno1", kind="", master="br0")),
        "bridges": (bridge(ports=(port("eno1"),)),),
        "netfilter": Netfilter(listings=()),
        "sysctls": {},
        "routes": (),
        "sockets": (),
        "traffic_control": (),
        "processes": (),
    }
    return facts(**(values | more))


def switch(at: float = 1.0, **changes: object) -> SeenSwitch:
    values: dict[str, object] = {
        "by": "stp",
        "mac": "00:1b:00:00:00:02",
        "name": "8000.001b00000001",
        "detail": "root 8000.00:1b:00:00:00:01, forward delay 15 s",
        "forward_delay": 15.0,
    }
    return SeenSwitch(at=at, **(values | changes))  # type: ignore[arg-type]


def lost(*switches: SeenSwitch, answered: bool = True) -> Probed:
    """Four questions in vain, and one more after the wait."""
    asked = (*sent(0.1, 1.1, 3.1, 7.1), AGAIN)
    return silent(sent=asked, switches=switches, offers=(offer(at=33.3),) if answered else ())


def judged(*probes: Probed, **more: object) -> object:
    return check.check(with_probes(seen(**more), *probes), target())


def test_an_answer_after_the_wait_and_a_topology_change_prove_it() -> None:
    found = judged(lost(switch(), switch(31.0, changes=True)))
    assert isinstance(found, Broken)
    assert (found.certainty, found.severity, found.subject, found.hop) == ("proven", "broken", "eno1", Hop.UPLINK)
    assert found.headline == (
        "The switch behind eno1 lets nothing through for 30 s after its link came up (its own STP), and the guest "
        "gives up before."
    )
    assert found.evidence[0].text == (
        "of 4 questions that left eno1 none was answered; asked again 33.0 s after the first, somebody answered"
    )
    assert [evidence.value for evidence in found.evidence][2:] == ["topology change"]


def test_a_rapid_bpdu_tells_of_its_own_port() -> None:
    found = judged(lost(switch(by="rstp", port="discarding"), switch(31.0, by="rstp", port="forwarding")))
    assert isinstance(found, Broken)
    assert found.certainty == "proven"
    assert [evidence.value for evidence in found.evidence][2:] == ["discarding"]


def test_an_answer_alone_may_be_a_server_that_was_started_meanwhile() -> None:
    found = judged(lost(switch()))
    assert isinstance(found, Broken)
    assert found.certainty == "likely"


def test_a_change_that_went_on_from_the_first_proves_nothing() -> None:
    found = judged(lost(switch(changes=True)))
    assert isinstance(found, Broken)
    assert found.certainty == "likely"


def test_a_port_that_goes_on_to_discard_is_likely() -> None:
    found = judged(lost(switch(by="rstp", port="discarding"), answered=False))
    assert isinstance(found, Broken)
    assert found.certainty == "likely"


@pytest.mark.parametrize(
    "probe",
    [
        pytest.param(probed(switches=(switch(),)), id="answered at once"),
        pytest.param(lost(switch(), answered=False), id="nobody answers after the wait either"),
        pytest.param(silent(switches=(switch(by="rstp", port="forwarding"),)), id="the port forwards, by its own word"),
    ],
)
def test_a_switch_that_is_heard_is_no_fault(probe: Probed) -> None:
    assert isinstance(judged(probe), Fine)


def test_a_probe_that_was_cut_short_cannot_tell() -> None:
    outcome = judged(silent(switches=(switch(),), whole=False, outcome=ProbeOutcome.SILENT))
    assert isinstance(outcome, Unknown)
    assert not outcome.on_road
    asks = "pxedoctor probe --bridge br0 --on-wire, if the switch behind eno1 may see one more MAC"
    assert outcome.would_help == f"ask, and wait as long: {asks}"


@pytest.mark.parametrize(
    ("probe", "more"),
    [
        pytest.param((), {}, id="no probe"),
        pytest.param((silent(),), {}, id="no switch was heard"),
        pytest.param((silent(switches=(switch(by="lldp", forward_delay=None),)),), {}, id="LLDP says nothing of it"),
        pytest.param((lost(switch(mac="fe:54:00:0d:0d:ff")),), {}, id="the bridge's own BPDU"),
        pytest.param((lost(switch()),), {"bridges": (bridge(stp=Stp.KERNEL),)}, id="the bridge is of the tree"),
        pytest.param((lost(switch()),), {"processes": (HERE,)}, id="this host serves"),
        pytest.param(
            (silent(sent=sent(0.1, state="listening"), switches=(switch(),)),),
            {},
            id="nothing was let out of this host",
        ),
    ],
)
def test_not_applicable(probe: tuple[Probed, ...], more: dict[str, object]) -> None:
    links = (link("br0", kind="bridge", addresses=OWN), link("eno1", kind="", master="br0"))
    assert isinstance(judged(*probe, links=links, **more), NotApplicable)


def watched(*says: HeardFrame, link_came: bool = False) -> object:
    """A guest's question left in vain while a trace looked."""
    moved = CounterMove(source="link", name="tx_carrier_changes", device="eno1", before=1, after=3, origin="ip -s -s")
    known = seen(links=(link("br0", kind="bridge"), link("eno1", kind="", master="br0"), link(TAP, master="br0")))
    guest = target(tap=TAP, running=True)
    told = traced(
        target=guest.id,
        frames=(*discover(1.0, BRIDGE, UPLINK), *says),
        counters=(moved,) if link_came else (),
    )
    return check.check(Facts(host=known.host, traces=(told,)), guest)


def says(at: float, version: int = bpdu.STP, flags: int = 0) -> HeardFrame:
    content = bpdu_of(version, flags)
    return HeardFrame(at=at, device=UPLINK, direction="in", content=content, length=len(content))


def test_a_trace_in_which_the_link_came_up_makes_it_likely() -> None:
    """Then the trace's own word on where the question ended proves it, as of every cause (road/traced_road.py)."""
    found = watched(says(0.5), link_came=True)
    assert isinstance(found, Broken)
    assert (found.certainty, found.severity, found.subject, found.hop) == ("likely", "broken", "eno1", Hop.UPLINK)
    assert [evidence.text for evidence in found.evidence] == [
        "the switch 8000.00:1b:00:00:00:01 speaks STP; its forward delay is 15 s: a new port is silent for 30 s",
        "its link came up while the trace ran, less than 30 s before the guest asked",
    ]


def test_so_does_the_switchs_own_word_in_a_trace() -> None:
    found = watched(says(0.5, bpdu.RSTP, 0x0E))
    assert isinstance(found, Broken)
    assert found.evidence[-1].value == "discarding"
    assert isinstance(watched(says(0.5, bpdu.RSTP, 0x3C), link_came=True), Fine)
    forwarded = (says(0.2, bpdu.RSTP, 0x0E), says(0.8, bpdu.RSTP, 0x3C))
    assert isinstance(watched(*forwarded, link_came=True), Fine), "what was lost then was lost elsewhere"


def test_a_switch_that_is_heard_in_a_trace_alone_does_not_tell_why() -> None:
    assert isinstance(watched(says(0.5)), Unknown)
    assert isinstance(watched(), NotApplicable)


def test_the_timer_is_in_the_switch() -> None:
    host_facts = with_probes(seen(), lost(switch()))
    plan = check.plan(finding(check, check.check(host_facts, target())), host_facts)
    assert isinstance(plan, NoPlan)
    assert any("portfast" in way for way in plan.instead)
    assert any(way.startswith("not STP off at the switch") for way in plan.instead)
