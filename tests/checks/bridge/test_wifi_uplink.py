"""wifi-uplink: a macvtap of a radio's device."""

import pytest

from builders import MAC, domain, facts, finding, link, nic, target
from pxedoctor.checks.bridge import wifi_uplink as check
from pxedoctor.findings.outcome import Broken, Fine, Hop, NotApplicable, Unknown
from pxedoctor.model.target import Direct, Facts
from pxedoctor.plans.plan import NoPlan

GUEST = domain(nic(kind="direct", source="wlan0", lower="wlan0", mode="bridge"))
ON_WLAN0 = target(bridge=None, direct=Direct("wlan0", "bridge"))


def seen(wireless: bool | None, name: str = "wlan0") -> Facts:
    return facts(links=(link(name, kind="", mac="02:00:00:00:00:01", wireless=wireless),), domains=(GUEST,))


def test_a_macvtap_of_a_wifi_device_is_likely_the_end() -> None:
    found = check.check(seen(True), ON_WLAN0)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject, found.hop) == ("broken", "likely", "wlan0", Hop.UPLINK)
    assert found.headline == ("web01 is on a macvtap of the Wi-Fi device wlan0: its access point drops other MACs.")
    assert found.evidence[0].origin == "/sys/class/net/wlan0/phy80211"
    assert found.evidence[2].value == MAC


def test_of_a_wire_it_is_fine() -> None:
    assert isinstance(check.check(seen(False), ON_WLAN0), Fine)


def test_a_device_that_was_not_listed_is_unknown() -> None:
    outcome = check.check(seen(None), ON_WLAN0)
    assert isinstance(outcome, Unknown)
    assert outcome.would_help == "ls /sys/class/net/wlan0"


@pytest.mark.parametrize(
    ("host_facts", "of"),
    [
        pytest.param(seen(True), target(), id="a guest on a bridge"),
        pytest.param(seen(True, "wlan1"), ON_WLAN0, id="the device is gone"),
    ],
)
def test_not_applicable(host_facts: Facts, of: object) -> None:
    assert isinstance(check.check(host_facts, of), NotApplicable)  # type: ignore[arg-type]


def test_which_network_instead_is_for_a_person_to_say() -> None:
    plan = check.plan(finding(check, check.check(seen(True), ON_WLAN0), ON_WLAN0), seen(True))
    assert isinstance(plan, NoPlan)
    assert "4addr on" in plan.instead[1]
