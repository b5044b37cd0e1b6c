"""The MTU of a device: what it does, and back."""

import pytest

from builders import bridge, host, link, port
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.mtu import SetMtu
from pxedoctor.plans.step import Assumed, Inverse, Nothing

STEP = SetMtu(device="vnet0", mtu=1500)
SMALL = host(links=(link("vnet0", mtu=1400), link("vnet1", mtu=1400)))


def test_it_is_what_a_person_would_type() -> None:
    assert STEP.argv() == ("ip", "link", "set", "dev", "vnet0", "mtu", "1500")
    assert STEP.describe() == "let vnet0 send packets of 1500 bytes"


def test_done_and_taken_back() -> None:
    after = STEP.simulate(SMALL)
    assert isinstance(after, Host)
    assert [(entry.name, entry.mtu) for entry in after.links or ()] == [("vnet0", 1500), ("vnet1", 1400)]  # type: ignore[union-attr]
    back = STEP.undo(SMALL)
    assert isinstance(back, Inverse)
    assert back.argv == ("ip", "link", "set", "dev", "vnet0", "mtu", "1400")


@pytest.mark.parametrize(
    ("own", "then"),
    [
        pytest.param(1400, 1450, id="it follows, up to its next smallest port"),
        pytest.param(1300, 1300, id="somebody set it"),
    ],
)
def test_the_bridge_of_a_port_follows_until_somebody_sets_its_own(own: int, then: int) -> None:
    links = (link("br0", kind="bridge", mtu=own), link("vnet0", mtu=1400), link("vnet1", mtu=1450))
    after = STEP.simulate(host(links=links, bridges=(bridge(ports=(port("vnet0"), port("vnet1"))),)))
    assert isinstance(after, Host)
    found = after.link("br0")
    assert found is not None
    assert found.mtu == then


def test_devices_that_could_not_be_read() -> None:
    unread = host(links=Missing("failed", "no"))
    assert isinstance(STEP.simulate(unread), Assumed)
    assert isinstance(STEP.undo(unread), Nothing)


@pytest.mark.parametrize("mtu", [1279, 65536, 0, -1])
def test_an_mtu_that_would_end_ipv6_or_cannot_be(mtu: int) -> None:
    with pytest.raises(ValueError, match="an MTU that keeps IPv6 is 1280 to 65535"):
        SetMtu(device="vnet0", mtu=mtu)
