"""network-scripts: DELAY=15 is 15 s to an old one and 0.15 s to a new one; 2 is 2 s to both."""

import pytest

from owned import OFF, changed, configured, edit, setting, the_claim
from pxedoctor.model.bridge_owner import Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import network_scripts
from pxedoctor.plans.owners.owner import Told

FILE = "/etc/sysconfig/network-scripts/ifcfg-br0"


def rhel(*lines: str) -> Host:
    text = "DEVICE=br0\nTYPE=Bridge\n" + "".join(f"{line}\n" for line in lines)
    return configured({FILE: text}, "network-scripts")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), Setting(stp=False)),
        (("STP=on",), Setting(stp=True)),
        (("STP=yes", "DELAY=15"), Setting(stp=True, delay=15.0)),
        (("STP=yes", "DELAY=0"), Setting(stp=True, delay=0.0)),
        (("STP=yes", "DELAY=1500"), Setting(stp=True, delay=15.0)),
    ],
    ids=str,
)
def test_the_longest_that_any_version_makes_of_it(lines: tuple[str, ...], expected: Setting) -> None:
    assert setting(network_scripts, rhel(*lines)) == expected


@pytest.mark.parametrize("line", ["DELAY=long", 'BRIDGING_OPTS="forward_delay=1500"', "DELAY=$X"])
def test_what_it_does_not_claim_to_know(line: str) -> None:
    assert isinstance(setting(network_scripts, rhel("STP=yes", line)), Unclear)


def test_the_change() -> None:
    on = rhel("STP=yes", "DELAY=15")
    assert edit(changed(network_scripts, on)) == (["DELAY=15"], ["DELAY=2"])
    assert edit(changed(network_scripts, on, OFF)) == (["STP=yes"], ["STP=no"])
    assert isinstance(network_scripts.change(on, the_claim(network_scripts, on), Setting(stp=True, delay=4)), Told)
