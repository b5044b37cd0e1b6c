"""What is not repaired by the wrong libvirt; with two real ones: tests/lab/test_connect.py."""

import msgspec

from pxedoctor.care.elsewhere import of_there
from pxedoctor.collect.ask.connection import Connection
from pxedoctor.plans.network import StartNetwork
from pxedoctor.plans.plan import NoPlan, Plan
from report_builders import broken_report

THERE = Connection("qemu:///session", ())


def test_a_plan_that_asks_the_systems_libvirt_is_none_of_another() -> None:
    entry = broken_report().findings[0]
    assert isinstance(entry.plan, Plan)
    of_bridge = msgspec.structs.replace(entry.plan, steps=entry.plan.steps[:1])
    assert "qemu:///system" not in of_bridge.steps[0].argv()
    kept = msgspec.structs.replace(entry, plan=of_bridge)
    assert of_there(kept, THERE) is kept
    asking = msgspec.structs.replace(entry.plan, steps=(StartNetwork(network="lab", bridge="virbr1"),))
    found = of_there(msgspec.structs.replace(entry, plan=asking), THERE).plan
    assert isinstance(found, NoPlan)
    assert "qemu:///session" in found.because
