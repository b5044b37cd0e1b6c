"""ifcfg files that NetworkManager reads: STP off unless they say so."""

import pytest

from owned import OFF, changed, configured, edit, setting
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.process import Process
from pxedoctor.plans.owners import ifcfg, network_scripts

FILE = "/etc/sysconfig/network-scripts/ifcfg-br0"
NM = Process(pid=9, parent=1, state="S (sleeping)", name="NetworkManager", command="")


def fedora(*lines: str, programs: tuple[str, ...] = (), **facts: object) -> Host:
    text = "# made by virsh iface-bridge\nDEVICE=br0\nTYPE=Bridge\n" + "".join(f"{line}\n" for line in lines)
    return configured({FILE: text, f"{FILE}.bak": text}, *programs, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), Setting(stp=False)),
        (("DELAY=15",), Setting(stp=False)),
        (("STP=yes",), Setting(stp=True)),
        (('STP="on"', "DELAY='4' # short"), Setting(stp=True, delay=4.0)),
        (("STP=no", "DELAY=0"), Setting(stp=False)),
    ],
    ids=str,
)
def test_what_networkmanager_makes_of_it(lines: tuple[str, ...], expected: Setting) -> None:
    assert setting(ifcfg, fedora(*lines)) == expected


@pytest.mark.parametrize(
    "lines", [("STP=yes", "DELAY=0"), ("STP=$(cat /etc/stp)",), ("[ -e /x ] && STP=yes",)], ids=str
)
def test_what_it_does_not_claim_to_know(lines: tuple[str, ...]) -> None:
    assert isinstance(setting(ifcfg, fedora(*lines)), Unclear)


def test_quotes_and_comments_stay() -> None:
    on = fedora("STP=yes", "DELAY='15'  # as the manual says", processes=(NM,))
    change = changed(ifcfg, on)
    assert edit(change) == (["DELAY='15'  # as the manual says"], ["DELAY='2'  # as the manual says"])
    assert change.then == (("nmcli", "connection", "load", FILE),)
    assert edit(changed(ifcfg, on, OFF)) == (["STP=yes"], ["STP=no"])


def test_a_key_that_is_not_there_is_put_behind_the_type() -> None:
    change = changed(ifcfg, fedora("STP=yes", "ONBOOT=yes"))
    assert change.after.splitlines()[2:4] == ["TYPE=Bridge", "DELAY=2"]


@pytest.mark.parametrize(
    ("programs", "line", "owner"),
    [
        ((), "", ifcfg),
        (("network-scripts",), "", network_scripts),
        (("network-scripts", "NetworkManager"), "", ifcfg),
        (("network-scripts", "NetworkManager"), "NM_CONTROLLED=no", network_scripts),
    ],
)
def test_who_reads_it(programs: tuple[str, ...], line: str, owner: object) -> None:
    on = fedora("STP=yes", line, programs=programs)
    assert bool(ifcfg.claims(on, "br0")) is (owner is ifcfg)
    assert bool(network_scripts.claims(on, "br0")) is (owner is network_scripts)
