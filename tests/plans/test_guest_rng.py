"""AddRng: what it asks for, what it does on the model and to a definition, and its way back."""

import pytest

from builders import GUEST, domain, host, nic
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.definition_text import edited
from pxedoctor.plans.guest_rng import AddRng
from pxedoctor.plans.request import EditDefinition
from pxedoctor.plans.step import Assumed, Inverse, Nothing

STEP = AddRng(domain=GUEST)
BEFORE = f"<domain><name>{GUEST}</name><devices><interface type='network'/></devices></domain>"
BACKEND = "<backend model='random'>/dev/urandom</backend>"


def back() -> EditDefinition:
    undo = STEP.undo(host(domains=(domain(nic()),)))
    assert isinstance(undo, Inverse)
    assert "<controller>" in undo.leaves
    assert isinstance(undo.request, EditDefinition)
    return undo.request


def test_a_definition_with_it_and_without_it_again() -> None:
    request = STEP.request()
    assert isinstance(request, EditDefinition)
    with_it = edited(BEFORE, request)
    assert f"<rng model='virtio'>{BACKEND}</rng>" in with_it
    assert edited(with_it, request) == with_it
    # libvirt has given it an address meanwhile.
    addressed = with_it.replace("</backend>", "</backend><address type='pci' bus='0x03'/>")
    assert edited(addressed, back()) == edited(BEFORE, back())
    assert "rng" not in edited(addressed, back())


def test_that_guest_and_no_other() -> None:
    after = STEP.simulate(host(domains=(domain(nic()), domain(nic(), name="web02"))))
    assert isinstance(after, Host)
    assert isinstance(after.domains, tuple)
    assert [guest.rng for guest in after.domains] == [True, False]
    assert STEP.simulate(after) == after


@pytest.mark.parametrize("domains", [(domain(nic(), running=True),), Missing("failed", "unreadable")])
def test_the_model_does_not_start_guests(domains: object) -> None:
    assert isinstance(STEP.simulate(host(domains=domains)), Assumed)


def test_a_guest_that_has_one_or_was_not_read_keeps_what_it_has() -> None:
    for before in ((), (domain(nic(), rng=True),), Missing("failed", "unreadable")):
        assert isinstance(STEP.undo(host(domains=before)), Nothing)
