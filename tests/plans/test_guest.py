"""SetNicDriver and SetNicMtu: what they ask for, and what their undo goes back to."""

import pytest

from builders import GUEST, MAC, domain, host, nic
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain
from pxedoctor.plans.guest import SetNicDriver, SetNicMtu
from pxedoctor.plans.request import EditDefinition
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing

STEP = SetNicDriver(domain=GUEST, mac=MAC)


def edit(driver: str | None) -> EditDefinition:
    select = f"/domain/devices/interface[mac/@address='{MAC}']"
    return EditDefinition("domain", GUEST, select, "driver", (("name", driver),))


def test_it_asks_for_the_driver_and_says_when_it_holds() -> None:
    assert STEP.request() == edit("qemu")
    assert "next full start" in STEP.describe()
    assert STEP.safety is Safety.RISKY
    assert STEP.may_lose


@pytest.mark.parametrize(
    ("guest", "before"),
    [
        pytest.param(domain(nic()), None, id="no driver: the attribute goes"),
        pytest.param(domain(nic(driver="vhost")), "vhost", id="another driver comes back"),
        pytest.param(
            domain(nic(driver="vhost"), running=True, defined_nics=(nic(),)), None, id="the definition decides"
        ),
    ],
)
def test_undo_goes_back_to_the_definition(guest: Domain, before: str | None) -> None:
    undo = STEP.undo(host(domains=(guest,)))
    assert isinstance(undo, Inverse)
    assert undo.request == edit(before)


@pytest.mark.parametrize(
    "domains",
    [(), (domain(nic(mac="52:54:00:00:00:99")),), (domain(nic(), nic()),), Missing("failed", "unreadable")],
    ids=["no guest", "no such NIC", "two NICs of one address", "unreadable"],
)
def test_nothing_to_go_back_to(domains: object) -> None:
    assert isinstance(STEP.undo(host(domains=domains)), Nothing)


@pytest.mark.parametrize("domains", [(domain(),), Missing("failed", "unreadable")])
def test_the_model_does_not_start_guests(domains: object) -> None:
    assert isinstance(STEP.simulate(host(domains=domains)), Assumed)


SIZE = SetNicMtu(domain=GUEST, mac=MAC, mtu=1500)
SELECT = f"/domain/devices/interface[mac/@address='{MAC}']"


def test_an_mtu_in_the_definition_and_back() -> None:
    small = host(domains=(domain(nic(mtu=1400)),))
    after = SIZE.simulate(small)
    assert isinstance(after, Host)
    assert isinstance(after.domains, tuple)
    assert after.domains[0].nics[0].mtu == 1500
    assert SIZE.request() == EditDefinition("domain", GUEST, SELECT, "mtu", (("size", "1500"),))
    back = SIZE.undo(small)
    assert isinstance(back, Inverse)
    assert back.request == EditDefinition("domain", GUEST, SELECT, "mtu", (("size", "1400"),))


def test_a_running_guest_keeps_its_tap_and_its_definition_changes() -> None:
    runs = host(domains=(domain(nic(mtu=1400), running=True, defined_nics=(nic(mtu=1400),)),))
    after = SIZE.simulate(runs)
    assert isinstance(after, Host)
    assert isinstance(after.domains, tuple)
    assert (after.domains[0].nics[0].mtu, after.domains[0].defined_nics[0].mtu) == (1400, 1500)


def test_an_mtu_that_was_not_there_is_taken_away_again() -> None:
    back = SIZE.undo(host(domains=(domain(nic()),)))
    assert isinstance(back, Inverse)
    assert back.request == EditDefinition("domain", GUEST, SELECT, "mtu", (("size", None),))
