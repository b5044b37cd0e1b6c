"""SUSE's ifcfg, read by wicked: a range that refuses the whole file, and quotes."""

import pytest

from owned import OFF, changed, configured, edit, setting
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import wicked

FILE = "/etc/sysconfig/network/ifcfg-br0"


def suse(*lines: str) -> Host:
    text = "STARTMODE='auto'\nBRIDGE='yes'\nBRIDGE_PORTS='eth0'\n" + "".join(f"{line}\n" for line in lines)
    return configured({FILE: text, FILE.replace("br0", "eth0"): "BOOTPROTO='none'\n"})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), Setting(stp=False)),
        (("BRIDGE_STP='on'",), Setting(stp=True)),
        (("BRIDGE_STP=on", 'BRIDGE_FORWARDDELAY="2.5"'), Setting(stp=True, delay=2.5)),
        (("BRIDGE_STP='off'", "BRIDGE_FORWARDDELAY='0'"), Setting(stp=False, delay=0.0)),
        (("BRIDGE_STP='on'", "BRIDGE_FORWARDDELAY=''"), Setting(stp=True)),
    ],
    ids=str,
)
def test_what_it_makes_of_it(lines: tuple[str, ...], expected: Setting) -> None:
    assert setting(wicked, suse(*lines)) == expected


@pytest.mark.parametrize("delay", ["'0'", "31", "soon", "`date`"])
def test_what_it_does_not_claim_to_know(delay: str) -> None:
    assert isinstance(setting(wicked, suse("BRIDGE_STP='on'", f"BRIDGE_FORWARDDELAY={delay}")), Unclear)


def test_the_change() -> None:
    on = suse("BRIDGE_STP='on'", "BRIDGE_FORWARDDELAY='15'")
    assert edit(changed(wicked, on)) == (["BRIDGE_FORWARDDELAY='15'"], ["BRIDGE_FORWARDDELAY='2'"])
    assert edit(changed(wicked, on, OFF)) == (["BRIDGE_STP='on'"], ["BRIDGE_STP='off'"])
    assert edit(changed(wicked, suse("BRIDGE_STP='on'"))) == ([], ["BRIDGE_FORWARDDELAY='2'"])
