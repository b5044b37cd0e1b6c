"""The switch that sends bridged frames through the ip rules: turned off, back again, and who rests on it."""

import pytest

from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.model.netfilter import Netfilter, RulesText
from pxedoctor.plans.firewall_bridge_nf import SetBridgeNfCall, bridge_nf_call_off
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
    assert OFF.undo(host(sysctls={KEY: "0"})) == Nothing("it was 0 already")
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
    step = bridge_nf_call_off(host(netfilter=Netfilter(listings=(listing,))), "iptables")
    assert step.safety is Safety.RISKY
    assert words in step.may_lose
