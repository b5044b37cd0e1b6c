"""The founding story of a host's bridge, to its end: repaired under running guests, rebooted, undone, rebooted again.

A reboot in the lab's sense: the bridge is made anew from its files by the real ifdown and ifup.
"""

import pytest

from pxedoctor.lab.normalise import differences, fingerprint
from pxedoctor.lab.parts import cold_start
from pxedoctor.lab.parts_ifupdown import as_built, delay_of_15, restart_networking
from pxedoctor.lab.readers import in_force
from pxedoctor.lab.running_neighbour import across
from pxedoctor.lab.site import Site
from pxedoctor.model.bridge_owner import Setting

pytestmark = pytest.mark.lab

CAUSE = "bridge-forward-delay"
LONG, SHORT = Setting(stp=True, delay=15.0), Setting(stp=True, delay=2.0)


def test_a_running_guest_loses_no_packet(slow_site: Site) -> None:
    """Repair and undo, live step and lasting step, under 1,000 packets a second."""
    as_built(slow_site)
    pinging = across(slow_site).begun()
    delay_of_15(slow_site)
    told = slow_site.doctor("fix", "--only", CAUSE, "--apply", "--yes")
    assert told.document["outcome"] == "verified", told.document
    assert in_force(slow_site, slow_site.bridge) == SHORT
    assert slow_site.doctor("undo").exit_code == 0
    assert in_force(slow_site, slow_site.bridge) == LONG
    pings = pinging.end()
    # As many as there is time for: repair and undo may take less than a second.
    assert pings.sent > 300
    assert pings.lost == 0, pings


def test_repaired_rebooted_undone_rebooted(slow_site: Site) -> None:
    first = fingerprint(slow_site.path(""), ("/etc/network",))
    assert not cold_start(slow_site).ok
    shown = slow_site.doctor("fix", "--only", CAUSE)
    assert "-    bridge_fd 15\n+    bridge_fd 2\n" in shown.document["plans"][0]["steps"][1]["diff"]
    assert slow_site.doctor("fix", "--only", CAUSE, "--apply", "--yes").document["outcome"] == "verified"
    restart_networking(slow_site)
    assert in_force(slow_site, slow_site.bridge) == SHORT
    assert CAUSE not in slow_site.doctor("diagnose").names()
    assert cold_start(slow_site).ok
    assert slow_site.doctor("undo").exit_code == 0
    assert differences(first, fingerprint(slow_site.path(""), ("/etc/network",))) == []
    restart_networking(slow_site)
    assert in_force(slow_site, slow_site.bridge) == LONG
    assert CAUSE in slow_site.doctor("diagnose").names()
