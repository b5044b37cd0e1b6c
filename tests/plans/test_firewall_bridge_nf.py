"""The switch that sends bridged frames through the ip rules: turned off, back again, and who rests on it."""

import pytest

from builders import bridge, host
from pxedoctor.model.fact import Missing
from pxedoctor.model.netfilter import Netfilter, RulesText
from pxedoctor.plans.firewall_bridge_nf import SetBridgeNfCall, bridge_nf_call_off, is_on
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (real("docker.save"), "Docker's --icc=false"),
        (":libvirt-in - [0:0]\n", "nwfilters"),
        (":PVEFW-FORWARD - [0:0]\n", "Proxmox"),
        ("\tchain KUBE-FORWARD {\n", "Kubernetes"),
        (real("ufw.save"), "where somebody rests on them"),
    ],
)
def test_it_is_risky_and_names_who_loses_by_it(text: str, words: str) -> None:
    listing = RulesText(family="ip", dialect="iptables-save", variant="nft", origin="iptables-save", text=text)
    at = host(netfilter=Netfilter(listings=(listing,)), sysctls={KEY: "1"})
    (step,) = bridge_nf_call_off(at, "iptables", "br0")
    assert step.safety is Safety.RISKY
    assert words in step.may_lose


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
