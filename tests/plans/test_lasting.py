"""What lasts: a step where one owner is known; else words that say who, where, and why pxedoctor leaves it alone."""

import pytest

from builders import host
from owned import OFF, SHORT, configured
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.lasting import lasting
from pxedoctor.plans.safety import Safety

MAIN = "/etc/network/interfaces"
DEBIAN = "iface br0 inet manual\n  bridge_ports none\n  bridge_stp on\n  bridge_fd 15\n"
NETDEV = "[NetDev]\nName=br0\nKind=bridge\n[Bridge]\nSTP=yes\n"


def told(on: Host) -> str:
    found = lasting(on, "br0", SHORT)
    assert found.steps == ()
    return found.told


def test_one_owner_is_a_step() -> None:
    found = lasting(configured({MAIN: DEBIAN}, "bridge-utils"), "br0", SHORT)
    assert [step.describe() for step in found.steps] == [
        f"for good: a forward delay of 2 s for br0 in {MAIN} (ifupdown)"
    ]
    assert found.words == ()


@pytest.mark.parametrize(
    ("files", "programs", "command"),
    [
        ({MAIN: DEBIAN}, ("bridge-utils",), "ifdown br0; ifup br0"),
        ({"/etc/sysconfig/network/ifcfg-br0": "BRIDGE=yes\nBRIDGE_STP=on\n"}, (), "wicked ifreload br0"),
        (
            {"/etc/netplan/1.yaml": "network:\n  bridges:\n    br0:\n      parameters:\n        stp: true\n"},
            (),
            "netplan apply",
        ),
    ],
    ids=["ifupdown", "wicked", "netplan"],
)
def test_what_manuals_say_is_shown_with_what_it_costs_and_cannot_be_carried_out(
    files: dict[str, str], programs: tuple[str, ...], command: str
) -> None:
    found = lasting(configured(files, *programs), "br0", SHORT)
    (old,) = found.shown
    assert (old.command, old.safety) == (command, Safety.SHOW_ONLY)
    assert old.may_lose.startswith("It ")
    assert not hasattr(old, "request")


def test_stp_off_for_good() -> None:
    found = lasting(configured({MAIN: DEBIAN}, "bridge-utils"), "br0", OFF)
    assert found.steps[0].describe() == f"for good: STP off for br0 in {MAIN} (ifupdown)"


def test_nobody() -> None:
    assert told(configured({})) == (
        "The live change of br0 ends with its next start: no file that pxedoctor knows says who makes br0."
    )


def test_two_owners_are_told_and_neither_is_touched() -> None:
    on = configured({MAIN: DEBIAN, "/etc/systemd/network/b.netdev": NETDEV}, "bridge-utils")
    assert "configured 2 times: systemd-networkd in /etc/systemd/network/b.netdev:2; ifupdown in" in told(on)


def test_what_is_so_already_is_left() -> None:
    on = configured({MAIN: DEBIAN.replace("15", "2")}, "bridge-utils")
    assert told(on) == f"For good it is so already: ifupdown, {MAIN}:1 makes a forward delay of 2 s at the next start."
    assert "makes STP off" in told(configured({MAIN: DEBIAN.replace("on", "off")}, "bridge-utils"))


def test_what_is_unclear_is_left_to_a_person() -> None:
    assert "by hand in ifupdown" in told(configured({MAIN: DEBIAN.replace("15", "fast")}, "bridge-utils"))


def test_somebodys_script_is_told_with_its_line() -> None:
    on = configured({"/etc/rc.local": "#!/bin/sh\nbrctl addbr br0\nbrctl stp br0 on\n"})
    assert "a script, /etc/rc.local:2: a script does what its author wrote" in told(on)


@pytest.mark.parametrize("name", ["docker0", "br-0123456789ab"])
def test_docker_has_no_word_for_it(name: str) -> None:
    assert "Docker makes STP off" in lasting(configured({}), name, SHORT).told


def test_files_that_could_not_be_read() -> None:
    on = host(network_files=Missing("failed", "it broke"))
    assert "was not read (it broke)" in told(on)
