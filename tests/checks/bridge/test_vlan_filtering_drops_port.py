"""vlan-filtering-drops-port: a frame without a tag from the guest's port to the server's side, and the answer back."""

import msgspec
import pytest

from builders import bridge, facts, finding, link, network, port, target
from pxedoctor.checks.bridge import vlan_filtering_drops_port as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Port, Vlan
from pxedoctor.model.network_files import NetworkFile, NetworkFiles
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

RUNNING = target(tap="vnet0", running=True)
OFF = target()


def access(vid: int) -> tuple[Vlan, ...]:
    """pvid untagged: what `ip link` gives a new port."""
    return (Vlan(first=vid, last=vid, pvid=True, untagged=True),)


def tagged(*vids: int) -> tuple[Vlan, ...]:
    return tuple(Vlan(first=vid, last=vid) for vid in vids)


def member(name: str, vlans: tuple[Vlan, ...] | None) -> Port:
    return Port(name=name, state=port().state, vlans=vlans)


def served(
    tap: tuple[Vlan, ...] | None, own: tuple[Vlan, ...] | None, *links: object, default_pvid: int | None = 1
) -> Facts:
    """br0 is the bridge of libvirt's network, whose dnsmasq sits on the host."""
    here = bridge(vlan_filtering=True, vlans=own, default_pvid=default_pvid, ports=(member("vnet0", tap),))
    return facts(bridges=(here,), networks=(network(bridge="br0"),), links=(link("vnet0", master="br0"), *links))


def wired(tap: tuple[Vlan, ...] | None, *uplinks: tuple[Vlan, ...]) -> Facts:
    """br0 has no server on the host; eno0, eno1, ... lead out."""
    ports = [member(f"eno{number}", vlans) for number, vlans in enumerate(uplinks)]
    links = [link(entry.name, kind="", master="br0") for entry in ports]
    here = bridge(vlan_filtering=True, vlans=access(1), default_pvid=1, ports=(member("vnet0", tap), *ports))
    return facts(bridges=(here,), links=(link("vnet0", master="br0"), *links))


# The bridge itself takes and sends VLAN 10 without a tag, and its own frames belong to VLAN 1.
BOTH = (*access(1), Vlan(first=10, last=10, untagged=True))


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_port_without_a_pvid_drops_what_firmware_sends() -> None:
    found = broken(check.check(served((), access(1)), RUNNING))
    assert (found.subject, found.hop, found.certainty) == ("vnet0", Hop.PORT, "proven")
    assert found.headline == (
        "br0 filters by VLAN, and vnet0 has no PVID: a frame without a tag dies there: "
        "the guest on vnet0 gets no answer."
    )
    assert [(fact.text, fact.value) for fact in found.evidence] == [
        ("br0 filters by VLAN", "1"),
        ("VLANs of vnet0", "none"),
        ("VLANs of br0", "1 PVID untagged"),
    ]


@pytest.mark.parametrize(
    ("tap", "own", "why"),
    [
        pytest.param(access(10), access(1), "br0 is not in VLAN 10", id="the bridge is in another VLAN"),
        pytest.param(access(10), (*access(1), *tagged(10)), "br0 takes VLAN 10 with its tag only", id="with its tag"),
        pytest.param((*access(10), *tagged(1)), BOTH, "with the tag of VLAN 1", id="answers come tagged"),
        pytest.param(access(10), BOTH, "vnet0 is not in VLAN 1", id="answers stay"),
    ],
)
def test_vlans_that_do_not_meet(tap: tuple[Vlan, ...], own: tuple[Vlan, ...], why: str) -> None:
    assert why in broken(check.check(served(tap, own), RUNNING)).headline


def test_the_same_vlan_everywhere_is_fine() -> None:
    assert isinstance(check.check(served(access(7), access(7)), RUNNING), Fine)


def test_a_guest_that_is_off_gets_the_default_pvid() -> None:
    found = broken(check.check(served(access(1), access(1), default_pvid=20), OFF))
    assert (found.subject, found.certainty) == ("br0", "likely")
    assert "the next start of this guest" in found.headline
    assert isinstance(check.check(served((), access(1)), OFF), Fine)


def test_no_default_pvid_means_no_vlan_at_all() -> None:
    assert "has no PVID" in broken(check.check(served((), access(1), default_pvid=0), OFF)).headline


def test_an_uplink_may_take_the_tag_with_it() -> None:
    assert isinstance(check.check(wired(access(10), tagged(10)), RUNNING), Fine)


def test_one_uplink_of_two_is_enough() -> None:
    assert isinstance(check.check(wired(access(10), access(1), tagged(10)), RUNNING), Fine)


def test_an_uplink_outside_the_vlan() -> None:
    found = broken(check.check(wired(access(10), access(1)), RUNNING))
    assert "eno0 is not in VLAN 10" in found.headline
    assert found.hop is Hop.BRIDGE


@pytest.mark.parametrize(
    ("host_facts", "whom"),
    [
        pytest.param(served(None, access(1)), RUNNING, id="the port's"),
        pytest.param(served(access(1), None), RUNNING, id="the bridge's own"),
        pytest.param(served(access(1), access(1), default_pvid=None), OFF, id="a new port's"),
    ],
)
def test_vlans_that_could_not_be_read_are_unknown(host_facts: Facts, whom: object) -> None:
    outcome = check.check(host_facts, whom)  # type: ignore[arg-type]
    assert isinstance(outcome, Unknown)
    assert outcome.on_road


def test_a_vlan_device_on_the_host_may_be_the_one_that_serves() -> None:
    outcome = check.check(served(access(10), access(1), link("br0.10", kind="vlan")), RUNNING)
    assert isinstance(outcome, Unknown)


def test_no_question_where_nothing_filters_or_nobody_serves() -> None:
    assert isinstance(check.check(facts(bridges=(bridge(),)), RUNNING), NotApplicable)
    assert isinstance(check.check(facts(), RUNNING), NotApplicable)
    assert isinstance(check.check(wired(access(1)), RUNNING), NotApplicable)


def planned(host_facts: Facts) -> Plan | NoPlan:
    return check.plan(finding(check, check.check(host_facts, RUNNING)), host_facts)


@pytest.mark.parametrize(
    ("host_facts", "command"),
    [
        (served((), access(7)), "bridge vlan add dev vnet0 vid 7 pvid untagged"),
        (wired((), access(7)), "bridge vlan add dev vnet0 vid 7 pvid untagged"),
        (wired(access(10), access(1)), "bridge vlan add dev eno0 vid 10"),
    ],
)
def test_the_missing_membership_is_risky_and_clears_it_on_the_model(host_facts: Facts, command: str) -> None:
    plan = planned(host_facts)
    assert isinstance(plan, Plan)
    assert plan.safety is Safety.RISKY
    assert [" ".join(step.argv()) for step in plan.steps] == [command]
    after, assumed = simulate(plan, host_facts.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), RUNNING), Fine)


def test_an_uplinks_vlan_lasts_in_the_file_of_its_owner() -> None:
    stanza = NetworkFile(path="/etc/network/interfaces", text="iface eno0\n  bridge-vids 1\n")
    files = NetworkFiles(files=(stanza,), programs=("ifupdown2",))
    here = wired(access(10), access(1))
    plan = planned(Facts(host=msgspec.structs.replace(here.host, network_files=files)))
    assert isinstance(plan, Plan)
    assert plan.steps[1].describe() == "for good: VLAN 10 for eno0 in /etc/network/interfaces (ifupdown2)"
    assert plan.steps[1].safety is Safety.RISKY


def test_which_of_two_vlans_is_meant_only_a_person_knows() -> None:
    assert isinstance(planned(served(access(10), access(1))), NoPlan)
    assert isinstance(planned(wired((), access(1), access(2))), NoPlan)


def test_a_port_that_is_not_made_yet_cannot_be_put_anywhere() -> None:
    host_facts = served(access(1), access(1), default_pvid=20)
    assert isinstance(check.plan(finding(check, check.check(host_facts, OFF)), host_facts), NoPlan)
