"""The switch that sends bridged frames through the ip rules: turned off, back again, and who rests on it."""

import pytest

from builders import bridge, host
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import Netfilter, RulesText
from pxedoctor.model.process import Process
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.firewall_bridge_nf import SetBridgeNfCall, bridge_nf_call_off, is_on, switched_off
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing
from ruletexts import real

KEY = "net/bridge/bridge-nf-call-iptables"
OFF = SetBridgeNfCall(which="iptables", on=False)


def test_off_and_back() -> None:
    before = host(sysctls={KEY: "1", "net/ipv4/ip_forward": "1"})
    after = OFF.simulate(before)
    assert not isinstance(after, Assumed)
    assert after.sysctls == {KEY: "0", "net/ipv4/ip_forward": "1"}
    assert " ".join(OFF.argv()) == "sysctl -w net.bridge.bridge-nf-call-iptables=0"
    back = OFF.undo(before)
    assert isinstance(back, Inverse)
    assert " ".join(back.argv) == "sysctl -w net.bridge.bridge-nf-call-iptables=1"


def test_what_was_off_or_cannot_be_read() -> None:
    assert OFF.undo(host(sysctls={KEY: "0"})) == Nothing("it was off already")
    assert isinstance(OFF.undo(host(sysctls=Missing("failed", "no procfs"))), Nothing)
    assert isinstance(OFF.simulate(host(sysctls={})), Assumed)


def resting_on(text: str, **changes: object) -> Host:
    listing = RulesText(family="ip", dialect="iptables-save", variant="nft", origin="iptables-save", text=text)
    values: dict[str, object] = {"netfilter": Netfilter(listings=(listing,)), "sysctls": {KEY: "1"}}
    return host(**(values | changes))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (":libvirt-in - [0:0]\n", "nwfilters"),
        (":PVEFW-FORWARD - [0:0]\n", "Proxmox"),
        ("\tchain KUBE-FORWARD {\n", "Kubernetes"),
        (":neutron-openvswi-FORWARD - [0:0]\n", "OpenStack"),
    ],
)
def test_it_is_refused_where_somebody_rests_on_it(text: str, words: str) -> None:
    refused = switched_off(resting_on(text), "iptables", "br0")
    assert isinstance(refused, NoPlan)
    assert words in refused.because


def test_dockers_bridges_keep_it_by_a_switch_of_their_own() -> None:
    own = (bridge("br0"), bridge("docker0"), bridge("br-0123456789ab", nf_call_iptables=True))
    plan = switched_off(resting_on(real("docker.save"), bridges=own), "iptables", "br0")
    assert isinstance(plan, Plan)
    assert [" ".join(step.argv()) for step in plan.steps] == [
        "ip link set dev docker0 type bridge nf_call_iptables 1",
        "sysctl -w net.bridge.bridge-nf-call-iptables=0",
    ]
    assert plan.safety is Safety.RISKY
    assert any("Docker turns it on again" in way for way in plan.other_ways)


def test_it_stays_off_by_a_rule_of_udevs_or_in_words() -> None:
    udev = (Process(pid=2, parent=1, state="S", name="systemd-udevd", command=""),)
    plan = switched_off(resting_on(real("ufw.save"), processes=udev), "ip6tables", "br0")
    assert isinstance(plan, Plan)
    kept = plan.steps[-1]
    assert isinstance(kept, ChangeFile)
    assert kept.change.after.endswith(
        'ACTION=="add", SUBSYSTEM=="module", KERNEL=="br_netfilter", '
        'RUN+="/usr/bin/env sysctl -q -w net.bridge.bridge-nf-call-ip6tables=0"\n'
    )
    told = switched_off(resting_on(real("ufw.save")), "iptables", "br0")
    assert isinstance(told, Plan)
    assert any("udev rule" in way for way in told.other_ways)


def test_one_bridge_may_have_a_switch_of_its_own() -> None:
    """Only what is on is turned off; each by itself keeps the frames on their way through the rules."""
    own = host(bridges=(bridge(nf_call_iptables=True), bridge("br1")), sysctls={KEY: "0"})
    (step,) = bridge_nf_call_off(own, "iptables", "br0")
    assert " ".join(step.argv()) == "ip link set dev br0 type bridge nf_call_iptables 0"
    after = step.simulate(own)
    assert not isinstance(after, Assumed)
    assert [is_on(after, "iptables", name) for name in ("br0", "br1")] == [False, False]
    back = step.undo(own)
    assert isinstance(back, Inverse)
    assert " ".join(back.argv) == "ip link set dev br0 type bridge nf_call_iptables 1"
    both = host(bridges=(bridge(nf_call_iptables=True),), sysctls={KEY: "1"})
    assert [step.bridge for step in bridge_nf_call_off(both, "iptables", "br0")] == ["", "br0"]
    assert [step.bridge for step in bridge_nf_call_off(host(), "iptables", "br0")] == [""]
