"""bridge-forward-delay: twice the delay against the client's patience, and what may be done about it."""

import pytest

from builders import bridge, facts, finding, link, network, offer, port, probed, sent, silent, target, with_probes
from owned import configured
from pxedoctor.checks.bridge import bridge_forward_delay as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Unknown
from pxedoctor.model.bridge import PortState, Stp
from pxedoctor.model.link import Link
from pxedoctor.model.observation import Probed, SeenSent, SeenState
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.network import DefineForwardDelay
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety

SLOW = bridge(stp=Stp.KERNEL, forward_delay=15.0)


def test_fifteen_seconds_outlast_ipxe() -> None:
    outcome = check.check(facts(bridges=(SLOW,)), target("ipxe"))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "broken"
    assert outcome.headline == "br0 keeps a new port silent for 30 s; iPXE sends its last DISCOVER 7 s after its first."


@pytest.mark.parametrize(
    ("stp", "delay", "client"),
    [
        pytest.param(Stp.OFF, 15.0, "ipxe", id="STP off: the delay is there and nobody waits for it"),
        pytest.param(Stp.KERNEL, 2.0, "ipxe", id="libvirt's delay='0' is 2 s to the kernel, 4 s of silence"),
        pytest.param(Stp.KERNEL, 15.0, "dhcpcd", id="a client that asks for ever"),
    ],
)
def test_fine(stp: Stp, delay: float, client: str) -> None:
    outcome = check.check(facts(bridges=(bridge(stp=stp, forward_delay=delay),)), target(client))
    assert isinstance(outcome, Fine)


def test_borderline_is_a_risk() -> None:
    """OVMF's fourth DISCOVER leaves at 28 s: whether it lands after 30 s depends on the head start."""
    outcome = check.check(facts(bridges=(SLOW,)), target("ovmf"))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"
    assert "borderline" in outcome.headline


def test_a_guest_whose_port_forwards_is_ill_only_at_its_next_cold_start() -> None:
    running = bridge(stp=Stp.KERNEL, forward_delay=15.0, ports=(port("vnet0"),))
    outcome = check.check(facts(bridges=(running,)), target("ipxe", tap="vnet0", running=True))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"
    assert "next cold start" in outcome.headline


def test_a_port_that_listens_is_ill_now() -> None:
    starting = bridge(stp=Stp.KERNEL, forward_delay=15.0, ports=(port("vnet0", PortState.LISTENING),))
    outcome = check.check(facts(bridges=(starting,)), target("ipxe", tap="vnet0", running=True))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "broken"


def test_an_unknown_client_is_compared_with_the_least_patient() -> None:
    outcome = check.check(facts(bridges=(SLOW,)), target(None))
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"
    assert "not known" in outcome.headline


def test_user_space_stp_is_unknown() -> None:
    outcome = check.check(facts(bridges=(bridge(stp=Stp.USER),)), target())
    assert isinstance(outcome, Unknown)
    assert outcome.on_road


@pytest.mark.parametrize("bridges", [(), (bridge(stp=Stp.KERNEL, root_port=1),)], ids=["no bridge", "foreign root"])
def test_not_applicable(bridges: tuple[object, ...]) -> None:
    assert isinstance(check.check(facts(bridges=bridges), target()), NotApplicable)


def _plan(uplink: Link | None, bpdus: int | None, **others: object) -> Plan | NoPlan:
    ports = (port("eno1", bpdus=bpdus),) if uplink else ()
    host_facts = facts(bridges=(bridge(stp=Stp.KERNEL, ports=ports),), links=(uplink,) if uplink else (), **others)
    return check.plan(finding(check, check.check(host_facts, target())), host_facts)


def test_plan_is_safe_where_only_guests_are_plugged_in() -> None:
    plan = _plan(None, None)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    assert [" ".join(step.argv()) for step in plan.steps] == ["ip link set dev br0 type bridge forward_delay 200"]


@pytest.mark.parametrize(
    ("bpdus", "safety"),
    [
        pytest.param(0, Safety.SAFE, id="no switch was ever heard"),
        pytest.param(12, Safety.RISKY, id="a switch takes part in the tree"),
        pytest.param(None, Safety.RISKY, id="a kernel that does not count proves nothing"),
    ],
)
def test_plan_beside_an_uplink(bpdus: int | None, safety: Safety) -> None:
    plan = _plan(link("eno1", kind=""), bpdus)
    assert isinstance(plan, Plan)
    assert plan.safety is safety


def test_a_libvirt_network_is_mended_for_good_too() -> None:
    plan = _plan(None, None, networks=(network(bridge="br0"),))
    assert isinstance(plan, Plan)
    assert isinstance(plan.steps[1], DefineForwardDelay)


LISTENS = (SeenState(0.0, "listening"), SeenState(15.2, "learning"))
FORWARDS = (*LISTENS, SeenState(30.3, "forwarding"))
AFTERWARDS = SeenSent(at=30.4, what="DISCOVER 1", port_state="forwarding", afterwards=True)
LOST = sent(0.1, 1.1, 3.1, 7.1, state="listening")


def _seen(*probes: Probed, **stp: object) -> Facts:
    values = {"stp": Stp.KERNEL, "forward_delay": 15.0} | stp
    return with_probes(facts(bridges=(bridge(**values),)), *probes)


def _broken(known: Facts, about: Target) -> Broken:
    outcome = check.check(known, about)
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_probe_that_was_heard_only_once_its_port_forwarded_proves_it() -> None:
    late = probed(profile="dhcpcd", states=FORWARDS, sent=(*LOST, *sent(31.0)), offers=(offer(31.2),))
    outcome = _broken(_seen(late), target("ipxe"))
    assert (outcome.severity, outcome.certainty) == ("broken", "proven")
    assert outcome.evidence[-1].origin == "a probe of br0 as dhcpcd"
    assert outcome.evidence[-1].text == (
        "a probe's port forwarded 30.3 s after it came up; before, the probe sent 4 packets, and the port let none of "
        "them out; the first offer came 0.9 s later"
    )
    assert "for 30 s;" in outcome.headline


def test_a_probe_that_gave_up_before_its_port_forwarded_proves_it_for_its_client() -> None:
    outcome = _broken(_seen(silent(profile="ovmf", states=LISTENS, sent=LOST)), target("ovmf"))
    assert outcome.severity == "broken"
    assert outcome.headline.endswith("; a probe that asked as OVMF PXE does gave up before.")
    assert "it still did not forward 15.2 s after it came up" in outcome.evidence[-1].text


def test_an_offer_that_came_once_it_had_given_up_proves_that_the_wait_alone_was_the_fault() -> None:
    later = silent(profile="ovmf", states=FORWARDS, sent=(*LOST, AFTERWARDS), offers=(offer(30.5),))
    outcome = _broken(_seen(later), target("ovmf"))
    assert outcome.severity == "broken"
    assert outcome.evidence[-1].text.endswith("; the first offer came 0.2 s later")


def test_a_probe_that_asked_in_vain_when_its_port_forwarded_did_not_give_up_for_the_delay() -> None:
    outcome = _broken(_seen(silent(profile="ovmf", states=FORWARDS, sent=(*LOST, *sent(31.0)))), target("ovmf"))
    assert outcome.severity == "risk"


def test_where_no_client_is_known_a_probe_that_gave_up_is_one() -> None:
    outcome = _broken(_seen(silent(states=LISTENS, sent=LOST)), target(None))
    assert outcome.severity == "broken"


def test_a_probe_as_another_client_proves_nothing_about_this_one() -> None:
    outcome = _broken(_seen(silent(states=LISTENS, sent=LOST)), target("ovmf"))
    assert outcome.severity == "risk"
    assert "borderline" in outcome.headline


def test_a_probe_that_was_cut_short_proves_nothing_by_its_silence() -> None:
    outcome = _broken(_seen(silent(whole=False, states=LISTENS, sent=LOST)), target(None))
    assert outcome.severity == "risk"


def test_a_guest_whose_port_forwards_is_not_ill_now_whatever_a_new_port_goes_through() -> None:
    known = _seen(silent(states=LISTENS, sent=LOST), ports=(port("vnet0"),))
    outcome = _broken(known, target("ipxe", tap="vnet0", running=True))
    assert outcome.severity == "risk"
    assert "next cold start" in outcome.headline


def test_a_probe_whose_port_forwarded_at_once_refutes_a_risk() -> None:
    outcome = check.check(_seen(probed()), target(None))
    assert outcome == Fine("a probe's port forwarded as soon as it was up")


def test_a_probe_of_another_target_says_nothing() -> None:
    assert isinstance(check.check(_seen(probed(target="bridge/br9")), target()), Broken)


def test_what_does_not_fit_together_is_not_used() -> None:
    odd = probed(states=FORWARDS, sent=LOST, offers=(offer(2.0),))
    assert len(_broken(_seen(odd), target()).evidence) == len(_broken(_seen(), target()).evidence)


@pytest.mark.parametrize(
    ("states", "kind"),
    [(FORWARDS, Broken), ((SeenState(0.0, "forwarding"),), Fine), (LISTENS, Broken)],
    ids=["30 s of silence", "forwards at once", "still silent when it gave up"],
)
def test_a_probe_tells_what_a_program_in_user_space_does(states: tuple[SeenState, ...], kind: type) -> None:
    asked = LOST if states[0].state == "listening" else sent(0.1)
    outcome = check.check(_seen(silent(states=states, sent=asked), stp=Stp.USER), target())
    assert isinstance(outcome, kind)


INTERFACES = "iface br0 inet manual\n  bridge_ports none\n  bridge_stp on\n"


def test_a_hosts_bridge_is_mended_live_and_where_it_is_configured() -> None:
    on = configured({"/etc/network/interfaces": INTERFACES}, "bridge-utils")
    plan = _plan(None, None, network_files=on.network_files)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.SAFE
    live, good = plan.steps
    assert live.argv() == ("ip", "link", "set", "dev", "br0", "type", "bridge", "forward_delay", "200")
    assert good.describe() == "for good: a forward delay of 2 s for br0 in /etc/network/interfaces (ifupdown)"


def test_where_nobody_is_known_to_make_it_that_is_told() -> None:
    plan = _plan(None, None, network_files=configured({}).network_files)
    assert isinstance(plan, Plan)
    assert "no file that pxedoctor knows says who makes br0" in plan.other_ways[-1]
