"""The step that gives guests' TFTP requests their helper, and its way back."""

from builders import host
from pxedoctor.plans.request import Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse
from pxedoctor.plans.tftp_helper import AddTftpHelper

STEP = AddTftpHelper(bridge="virbr0")
RULE = ("PREROUTING", "-i", "virbr0", "-p", "udp", "-m", "udp", "--dport", "69", "-j", "CT", "--helper", "tftp")


def test_one_rule_before_conntrack() -> None:
    assert STEP.argv() == ("iptables", "-w", "-t", "raw", "-A", *RULE)
    assert STEP.request() == Run(STEP.argv())
    assert (STEP.safety, STEP.may_lose) == (Safety.SAFE, "")
    assert STEP.describe() == "have conntrack's helper follow TFTP from virbr0"
    assert STEP.simulate(host()) == Assumed("conntrack expects the data of TFTP that guests on virbr0 ask for")


def test_its_undo_takes_that_rule_alone_away() -> None:
    undo = STEP.undo(host())
    assert isinstance(undo, Inverse)
    assert undo.argv == ("iptables", "-w", "-t", "raw", "-D", *RULE)
    assert undo.request == Run(undo.argv, only_if=("iptables", "-w", "-t", "raw", "-C", *RULE))
