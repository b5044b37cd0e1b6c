"""How a port is in a VLAN by bridge(8)'s own words, and what the way back of a step meets of it.

The texts are as iproute2 prints them (bridge/vlan.c; tests/collect/test_vlans.py): the kernel under the tests may not
filter by VLAN. A real bridge that does is in tests/machine/test_kernel.py.
"""

import os
from pathlib import Path

import pytest

from builders import bridge, host
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.grant import grant
from pxedoctor.apply.membership import now_of, told
from pxedoctor.apply.three_way import met
from pxedoctor.model.bridge import Port, PortState, Vlan
from pxedoctor.plans.request import Membership
from pxedoctor.plans.step import Inverse
from pxedoctor.plans.vlan import JoinVlan

MEMBER = Membership("vnet0", 10, "pvid untagged", "not there")
JOIN = JoinVlan(bridge="br0", port="vnet0", vid=10, access=True, may_lose="x")


def shown(*flags: str) -> str:
    words = ",".join(f'"{flag}"' for flag in flags)
    return f'[{{"ifname":"vnet0","vlans":[{{"vlan":10,"flags":[{words}]}}]}}]'


ACCESS, TAGGED = shown("PVID", "Egress Untagged"), '[{"ifname":"vnet0","vlans":[{"vlan":10}]}]'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ACCESS, "pvid untagged"),
        (TAGGED, "tagged"),
        (shown("Egress Untagged"), "untagged"),
        (shown("PVID"), "pvid tagged"),
        ('[{"ifname":"vnet0","vlans":[{"vlan":2,"vlanEnd":30}]}]', "tagged"),
        ('[{"ifname":"vnet0","vlans":[{"vlan":11}]}]', "not there"),
        ('[{"ifname":"vnet1","vlans":[{"vlan":10}]}]', "not there"),
        ('{"vnet0":[{"vlan":10,"flags":["PVID","Egress Untagged"]}]}', "pvid untagged"),
        ('{"vnet1":[{"vlan":10}]}', "not there"),
        ("[]", "not there"),
    ],
)
def test_what_bridge_says(text: str, words: str) -> None:
    assert told(text, MEMBER) == words


@pytest.mark.parametrize("text", ["", "nothing", "7", '[{"ifname":"vnet0","vlans":[{"vlan":"x"}]}]'])
def test_what_is_not_understood_is_no_answer(text: str) -> None:
    with pytest.raises(NotGrantedError, match="is not understood"):
        told(text, MEMBER)


def test_a_port_that_is_gone_is_told_by_bridge_itself() -> None:
    with pytest.raises(NotGrantedError, match=r"^bridge ended with"):
        now_of(Membership("pxe-gone", 10, "tagged", "not there"))


@pytest.fixture
def host_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a port's VLANs are a text in a file, for a kernel that has none: what is asked for, and what was done."""
    program = tmp_path / "bridge"
    program.write_text(
        "#!/bin/sh\n"
        f'case "$*" in "-j vlan show dev vnet0") cat {tmp_path}/shown;; *) echo "$*" >> {tmp_path}/done;; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def way_back(*vlans: Vlan) -> Inverse:
    ports = (Port(name="vnet0", state=PortState.FORWARDING, vlans=vlans),)
    back = JOIN.undo(host(bridges=(bridge("br0", ports=ports),)))
    assert isinstance(back, Inverse)
    return back


@pytest.mark.parametrize(
    ("vlans", "before", "text", "now", "standing"),
    [
        ((), "not there", ACCESS, "pvid untagged", "undoable"),
        ((), "not there", "[]", "not there", "undone"),
        ((), "not there", TAGGED, "tagged", "conflict"),
        ((Vlan(first=9, last=11),), "tagged", ACCESS, "pvid untagged", "undoable"),
        ((Vlan(first=9, last=11),), "tagged", TAGGED, "tagged", "undone"),
        ((Vlan(first=9, last=11),), "tagged", "[]", "not there", "conflict"),
    ],
)
def test_what_the_way_back_meets_and_does(
    host_of: Path, vlans: tuple[Vlan, ...], before: str, text: str, now: str, standing: str
) -> None:
    (host_of / "shown").write_text(text)
    back = way_back(*vlans)
    (value,) = met(back).values
    told_now = (value.name, value.standing, value.before, value.written, value.now)
    assert told_now == ("VLAN 10 of vnet0", standing, before, "pvid untagged", now)
    if standing == "conflict":
        with pytest.raises(NotGrantedError, match=f"VLAN 10 of vnet0 is '{now}' now, not 'pvid untagged': somebody"):
            grant(back.request)
    else:
        grant(back.request)
    done = (host_of / "done").read_text() if (host_of / "done").exists() else ""
    assert done == (" ".join(back.argv[1:]) + "\n" if standing == "undoable" else "")
