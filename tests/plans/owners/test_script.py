"""Somebody's script: the line is told, and the script is left alone."""

import pytest

from owned import OFF, configured, the_claim
from pxedoctor.model.bridge_owner import Unclear
from pxedoctor.plans.owners import script
from pxedoctor.plans.owners.owner import Told


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/etc/rc.local", "brctl stp br0 on"),
        ("/etc/systemd/system/br.service", "ExecStart=/sbin/ip link add name br0 type bridge stp_state 1"),
        ("/etc/libvirt/hooks/qemu", "echo 1500 > /sys/class/net/br0/bridge/forward_delay"),
    ],
)
def test_found_and_told(path: str, line: str) -> None:
    on = configured({path: f"#!/bin/sh\n# brctl addbr br0\n{line}\n"})
    claim = the_claim(script, on)
    assert (claim.place, claim.text) == (f"{path}:3", line)
    assert isinstance(claim.setting, Unclear)
    assert isinstance(script.change(on, claim, OFF), Told)


@pytest.mark.parametrize(
    "line", ["brctl stp br00 on", "brctl stp my-br0 on", "ping -I br0 x", "iptables -i br0 -j DROP"]
)
def test_what_is_about_something_else(line: str) -> None:
    assert script.claims(configured({"/etc/rc.local": f"{line}\n"}), "br0") == ()
