"""bridge-has-several-owners: who counts as one, when it is a risk, and when guests die of it now."""

import pytest

from builders import bridge, facts, finding, link, port, target
from owned import configured
from pxedoctor.checks.bridge import bridge_has_several_owners as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.bridge import Bridge, Stp
from pxedoctor.model.fact import Missing
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan

IFUPDOWN = {"/etc/network/interfaces": "iface br0 inet manual\n  bridge_ports none\n  bridge_stp on\n  bridge_fd 2\n"}
NETWORKD = {"/etc/systemd/network/b.netdev": "[NetDev]\nName=br0\nKind=bridge\n[Bridge]\nSTP=yes\nForwardDelaySec=15\n"}
NMSTATE = {
    "/etc/nmstate/br.yml": "interfaces:\n- name: br0\n  type: linux-bridge\n  state: up\n",
    "/etc/NetworkManager/system-connections/br0.nmconnection": "[connection]\ntype=bridge\ninterface-name=br0\n",
}


def seen(files: dict[str, str], now: Bridge, *programs: str) -> Facts:
    own = configured(files, *programs)
    return facts(bridges=(now,), links=(link("br0", kind="bridge"),), network_files=own.network_files)


def judged(files: dict[str, str], delay: float = 2.0, stp: Stp = Stp.KERNEL, name: str = "ipxe") -> Outcome:
    now = bridge("br0", stp=stp, forward_delay=delay, ports=(port("vnet0"),))
    return check.check(seen(files, now, "bridge-utils"), target(name, bridge="br0"))


def test_two_systems_are_a_risk_with_file_and_line() -> None:
    outcome = judged(IFUPDOWN | NETWORKD)
    assert isinstance(outcome, Broken)
    assert (outcome.severity, outcome.certainty, outcome.subject) == ("risk", "proven", "br0")
    assert "systemd-networkd and ifupdown" in outcome.headline
    assert {evidence.origin for evidence in outcome.evidence} == {
        "/etc/network/interfaces:1",
        "/etc/systemd/network/b.netdev:2",
    }


def test_with_the_longer_delay_in_force_guests_die_of_it_now() -> None:
    outcome = judged(IFUPDOWN | NETWORKD, delay=15.0)
    assert isinstance(outcome, Broken)
    assert outcome.severity == "broken"
    assert "silent for 30 s, which one of them does not want" in outcome.headline


@pytest.mark.parametrize(
    ("delay", "stp", "name"),
    [(20.0, Stp.KERNEL, "ipxe"), (15.0, Stp.OFF, "ipxe"), (15.0, Stp.USER, "ipxe")],
    ids=["nobody's delay", "STP off", "a program decides"],
)
def test_what_none_of_them_made_is_not_blamed_on_them(delay: float, stp: Stp, name: str) -> None:
    outcome = judged(IFUPDOWN | NETWORKD, delay, stp, name)
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"


def test_a_client_that_outlasts_it_is_a_risk() -> None:
    outcome = judged(IFUPDOWN | NETWORKD, 15.0, name="udhcpc")
    assert isinstance(outcome, Broken)
    assert outcome.severity == "risk"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(IFUPDOWN, id="one"),
        pytest.param(NMSTATE, id="nmstate and the profile that it keeps"),
        pytest.param(
            {
                "/etc/network/interfaces": IFUPDOWN["/etc/network/interfaces"]
                + "iface br0 inet6 manual\n  bridge_ports none\n  bridge_stp on\n  bridge_fd 2\n",
                "/etc/network/interfaces.d/other": "# br0\n",
            },
            id="two stanzas that say the same",
        ),
    ],
)
def test_one_owner_is_fine(files: dict[str, str]) -> None:
    assert isinstance(judged(files), Fine)


def test_one_owner_that_says_two_things_is_several() -> None:
    twice = {
        "/etc/network/interfaces": "source /etc/network/interfaces.d/*\n" + IFUPDOWN["/etc/network/interfaces"],
        "/etc/network/interfaces.d/b": "iface br0 inet manual\n  bridge_ports none\n  bridge_fd 15\n",
    }
    outcome = judged(twice)
    assert isinstance(outcome, Broken)
    assert "ifupdown, 2 times" in outcome.headline


def test_mentioned_twice_and_made_by_nobody() -> None:
    files = {"/etc/network/interfaces": "# br0\n", "/etc/network/interfaces.d/x": "# br0\n"}
    assert isinstance(judged(files), NotApplicable)


def test_unread_files_are_unknown_and_not_on_the_road() -> None:
    known = facts(bridges=(bridge("br0"),), links=(link("br0", kind="bridge"),), network_files=Missing("failed", "no"))
    outcome = check.check(known, target(bridge="br0"))
    assert isinstance(outcome, Unknown)
    assert not outcome.on_road


def test_there_is_no_plan_and_each_way_is_told() -> None:
    now = bridge("br0", stp=Stp.KERNEL, forward_delay=15.0, ports=(port("vnet0"),))
    known = seen(IFUPDOWN | NETWORKD, now, "bridge-utils")
    plan = check.plan(finding(check, check.check(known, target("ipxe", bridge="br0"))), known)
    assert isinstance(plan, NoPlan)
    assert "if ifupdown is not meant: take br0 out of /etc/network/interfaces:1" in plan.instead
    assert any("forward_delay 200" in way for way in plan.instead)
