"""A rule of udev's for a device that is made: what it says, and for which names there is none."""

import pytest

from builders import host
from pxedoctor.model.fact import Missing
from pxedoctor.model.process import Process
from pxedoctor.plans.at_boot import runs_udev, when_loaded, when_made


def test_a_rule_of_its_own_file() -> None:
    change = when_made("br0", "checksum", (("ethtool", "-K", "br0", "tx", "off"), ("tc", "qdisc", "show")))
    assert change is not None
    assert change.path == "/etc/udev/rules.d/90-pxedoctor-checksum-br0.rules"
    assert change.before is None
    assert change.after.splitlines()[-1] == (
        'ACTION=="add", SUBSYSTEM=="net", KERNEL=="br0", '
        'RUN+="/usr/bin/env ethtool -K br0 tx off", RUN+="/usr/bin/env tc qdisc show"'
    )


@pytest.mark.parametrize("name", ["br*", 'br"0', "br$0", "br%0", "br 0", "br\n0", "br[0]", "ümlaut"])
def test_a_name_that_means_something_to_udev_gets_none(name: str) -> None:
    assert when_made(name, "checksum", (("true",),)) is None


@pytest.mark.parametrize(
    ("processes", "runs"),
    [
        ((Process(pid=9, parent=1, state="S", name="systemd-udevd", command=""),), True),
        ((Process(pid=9, parent=1, state="S", name="udevd", command=""),), True),
        ((Process(pid=9, parent=1, state="Z", name="udevd", command=""),), False),
        ((), False),
        (Missing("failed", "ps"), False),
    ],
)
def test_it_is_promised_only_where_udev_runs(processes: object, runs: bool) -> None:
    assert runs_udev(host(processes=processes)) is runs


def test_a_rule_for_when_a_module_is_loaded() -> None:
    change = when_loaded("br_netfilter", "switch", ("sysctl", "-w", "a=0"))
    assert change.path == "/etc/udev/rules.d/90-pxedoctor-switch.rules"
    assert (
        'ACTION=="add", SUBSYSTEM=="module", KERNEL=="br_netfilter", RUN+="/usr/bin/env sysctl -w a=0"' in change.after
    )
