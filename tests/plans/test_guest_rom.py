"""SwitchRomOn: what it asks for, what it does on the model, and its way back."""

import pytest

from builders import GUEST, MAC, domain, host, nic
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.guest_rom import SwitchRomOn
from pxedoctor.plans.request import EditDefinition, taking_back
from pxedoctor.plans.step import Assumed, Inverse, Nothing

STEP = SwitchRomOn(domain=GUEST, mac=MAC, off=("enabled",))
OFF = nic(rom_off=("enabled",))


def edit(enabled: str | None) -> EditDefinition:
    select = f"/domain/devices/interface[mac/@address='{MAC}']"
    return EditDefinition("domain", GUEST, select, "rom", (("enabled", enabled),))


def test_it_takes_the_word_away_and_puts_it_back() -> None:
    assert STEP.request() == edit(None)
    undo = STEP.undo(host(domains=(domain(OFF),)))
    assert isinstance(undo, Inverse)
    assert undo.request == taking_back(edit("no"), edit(None))
    assert STEP.may_lose


def test_each_word_that_switches_it_off() -> None:
    both = SwitchRomOn(domain=GUEST, mac=MAC, off=("enabled", "bar"))
    undo = both.undo(host(domains=(domain(OFF),)))
    assert isinstance(undo, Inverse)
    assert isinstance(undo.request, EditDefinition)
    assert undo.request.attributes == (("enabled", "no"), ("bar", "off"))


def test_that_nic_and_no_other() -> None:
    other = nic(mac="52:54:00:0d:0d:02", rom_off=("enabled",))
    after = STEP.simulate(host(domains=(domain(OFF, other), domain(OFF, name="web02"))))
    assert isinstance(after, Host)
    assert isinstance(after.domains, tuple)
    assert [[entry.rom_enabled for entry in guest.nics] for guest in after.domains] == [[True, False], [False]]


@pytest.mark.parametrize("domains", [(domain(OFF, running=True),), Missing("failed", "unreadable")])
def test_the_model_does_not_start_guests(domains: object) -> None:
    assert isinstance(STEP.simulate(host(domains=domains)), Assumed)


def test_a_nic_that_was_not_there() -> None:
    assert isinstance(STEP.undo(host(domains=())), Nothing)
