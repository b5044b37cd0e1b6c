"""Giving a device an address: on the model, and back."""

from builders import host, link
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.link import Address
from pxedoctor.plans.address import AddAddress
from pxedoctor.plans.request import Run
from pxedoctor.plans.step import Assumed, Inverse, Nothing

STEP = AddAddress(device="virbr0", address="192.168.122.1", prefix=24)
OWN = Address(family="inet", address="192.168.122.1", prefix=24)


def test_the_device_has_it_afterwards() -> None:
    after = STEP.simulate(host(links=(link("eth0"), link("virbr0"))))
    assert isinstance(after, Host)
    changed = after.link("virbr0")
    assert changed is not None
    assert changed.addresses == (OWN,)
    assert STEP.request() == Run(("ip", "address", "add", "192.168.122.1/24", "broadcast", "+", "dev", "virbr0"))


def test_twice_is_once() -> None:
    had = host(links=(link("virbr0", addresses=(OWN,)),))
    assert STEP.simulate(had) == had
    assert isinstance(STEP.undo(had), Nothing)


def test_a_device_that_is_not_known_is_assumed() -> None:
    assert isinstance(STEP.simulate(host(links=Missing("failed", "ip is not here"))), Assumed)


def test_the_way_back() -> None:
    back = STEP.undo(host(links=(link("virbr0"),)))
    assert isinstance(back, Inverse)
    assert back.argv == ("ip", "address", "del", "192.168.122.1/24", "dev", "virbr0")
