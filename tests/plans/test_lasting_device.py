"""A device's setting that lasts: a step where one file says otherwise, else words that say who, where and why."""

import msgspec

from builders import host
from owned import configured
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.devices.wish import InVlan, Mtu, Up
from pxedoctor.plans.lasting_device import lasting_device
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse

MAIN = "/etc/network/interfaces"
TEXT = "iface eno1 inet manual\n  mtu 1400\n"


def told(on: Host, wish: Up | Mtu | InVlan) -> str:
    found = lasting_device(on, wish)
    assert found.steps == ()
    return found.told


def test_a_step_as_safe_as_the_live_one_and_its_way_back() -> None:
    on = configured({MAIN: TEXT})
    (step,) = lasting_device(on, Mtu("eno1", 1500), Safety.RISKY, "Large packets.").steps
    assert step.describe() == f"for good: an MTU of 1500 for eno1 in {MAIN} (ifupdown)"
    assert (step.safety, step.may_lose) == (Safety.RISKY, "Large packets.")
    after = step.simulate(on)
    assert isinstance(after, Host)
    assert told(after, Mtu("eno1", 1500)) == f"For good it is so already: an MTU of 1500 for eno1 in {MAIN}."
    assert isinstance(step.undo(on), Inverse)


def test_nobody_says_it() -> None:
    assert "no file that pxedoctor reads sets an MTU for eno2" in told(configured({MAIN: TEXT}), Mtu("eno2", 1500))
    assert "no file that pxedoctor reads is about eno2" in told(configured({MAIN: TEXT}), Up("eno2"))


def test_two_owners_are_told_and_neither_is_touched() -> None:
    unit = "[Match]\nName=eno1\n[Link]\nMTUBytes=1400\n"
    on = configured({MAIN: TEXT, "/etc/systemd/network/e.network": unit})
    assert "configured several times" in told(on, Mtu("eno1", 1500))


def test_what_a_person_must_do() -> None:
    on = configured({"/etc/sysconfig/network/ifcfg-eno1": "STARTMODE=auto\n"})
    words = told(on, InVlan("eno1", "br0", 10))
    assert "for good, by hand: wicked has no word for the VLANs of a bridge's port (a POST_UP_SCRIPT" in words


def test_files_that_could_not_be_read() -> None:
    assert "was not read (it broke)" in told(host(network_files=Missing("failed", "it broke")), Up("br0"))


def test_a_link_is_told() -> None:
    on = configured({MAIN: TEXT})
    assert not isinstance(on.network_files, Missing)
    files = tuple(msgspec.structs.replace(file, link="/srv/theirs") for file in on.network_files.files)
    linked = msgspec.structs.replace(on, network_files=msgspec.structs.replace(on.network_files, files=files))
    assert "is a link to /srv/theirs" in told(linked, Mtu("eno1", 1500))
