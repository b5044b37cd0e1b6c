"""systemd-networkd: units in three folders, drop-ins, spans of time; the change is a drop-in of its own."""

import pytest

from owned import OFF, changed, configured, edit, setting, the_claim
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.plans.owners import networkd
from pxedoctor.plans.owners.owner import Told

UNIT = "/etc/systemd/network/20-br0.netdev"
BRIDGE = "[NetDev]\nName=br0\nKind=bridge\n\n[Bridge]\nSTP=yes\n"


def test_where_it_stands() -> None:
    claim = the_claim(networkd, configured({UNIT: BRIDGE}))
    assert (claim.place, claim.text) == (f"{UNIT}:2", "Name=br0")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", Setting(stp=True, delay=15.0)),
        ("ForwardDelaySec=4", Setting(stp=True, delay=4.0)),
        ("ForwardDelaySec=1s 500ms", Setting(stp=True, delay=1.5)),
        ("ForwardDelaySec=0", Setting(stp=True, delay=0.0)),
        ("STP=off", Setting(stp=False, delay=15.0)),
        ("# STP=off\n;ForwardDelaySec=3", Setting(stp=True, delay=15.0)),
        ("[Bridge]\nForwardDelaySec=3\nForwardDelaySec=", Setting(stp=True, delay=15.0)),
    ],
    ids=str,
)
def test_what_it_makes_of_it(lines: str, expected: Setting) -> None:
    assert setting(networkd, configured({UNIT: BRIDGE + lines + "\n"})) == expected


def test_less_than_two_seconds_are_two_to_the_kernel() -> None:
    found = setting(networkd, configured({UNIT: BRIDGE + "ForwardDelaySec=0\n"}))
    assert isinstance(found, Setting)
    assert found.silence == 4


@pytest.mark.parametrize("lines", ["STP=maybe", "ForwardDelaySec=soon", "ForwardDelaySec=5 fortnights"])
def test_what_it_does_not_claim_to_know(lines: str) -> None:
    assert isinstance(setting(networkd, configured({UNIT: BRIDGE + lines + "\n"})), Unclear)


def test_etc_hides_usr_lib_and_drop_ins_come_last() -> None:
    files = {
        "/usr/lib/systemd/network/20-br0.netdev": BRIDGE + "STP=no\n",
        UNIT: BRIDGE,
        "/usr/lib/systemd/network/20-br0.netdev.d/10.conf": "[Bridge]\nForwardDelaySec=3\n",
        f"{UNIT}.d/20.conf": "[Bridge]\nForwardDelaySec=7\n",
    }
    assert setting(networkd, configured(files)) == Setting(stp=True, delay=7.0)


def test_what_netplan_wrote_is_netplans() -> None:
    assert networkd.claims(configured({"/run/systemd/network/10-netplan-br0.netdev": BRIDGE}), "br0") == ()


def test_a_masked_unit_makes_nothing() -> None:
    assert networkd.claims(configured({"/usr/lib/systemd/network/b.netdev": BRIDGE, UNIT: ""}), "br1") == ()


def test_the_change_is_a_drop_in() -> None:
    change = changed(networkd, configured({UNIT: BRIDGE}))
    assert (change.path, change.before) == (f"{UNIT}.d/90-pxedoctor.conf", None)
    assert change.after.endswith("[Bridge]\nSTP=yes\nForwardDelaySec=2\n")
    assert change.mode == 0o644


def test_stp_off() -> None:
    assert changed(networkd, configured({UNIT: BRIDGE}), OFF).after.endswith("[Bridge]\nSTP=no\n")


def test_a_drop_in_of_ours_is_changed_in_place() -> None:
    ours = f"{UNIT}.d/90-pxedoctor.conf"
    change = changed(networkd, configured({UNIT: BRIDGE, ours: "[Bridge]\nSTP=yes\nForwardDelaySec=9\n"}))
    assert edit(change) == (["ForwardDelaySec=9"], ["ForwardDelaySec=2"])


def test_after_every_other_drop_in() -> None:
    files = {UNIT: BRIDGE, f"{UNIT}.d/95-last.conf": "[Bridge]\nForwardDelaySec=20\n"}
    assert changed(networkd, configured(files)).path == f"{UNIT}.d/zz-pxedoctor.conf"
    later = configured({UNIT: BRIDGE, f"{UNIT}.d/zzz.conf": "[Bridge]\nForwardDelaySec=20\n"})
    assert isinstance(networkd.change(later, the_claim(networkd, later), OFF), Told)
