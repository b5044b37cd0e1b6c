"""SetNicDriver and SetNicMtu: what they ask for, and what their undo goes back to."""

import pytest

from builders import GUEST, MAC, domain, host, nic
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain
from pxedoctor.plans.guest import AddToBootOrder, SetNicDriver, SetNicMtu
from pxedoctor.plans.request import EditDefinition, taking_back
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
    assert undo.request == taking_back(edit(before), edit("qemu"))


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
    assert back.request == EditDefinition(
        "domain", GUEST, SELECT, "mtu", (("size", "1400"),), written=(("size", "1500"),)
    )


def test_a_running_guest_keeps_its_tap_and_its_definition_changes() -> None:
    runs = host(domains=(domain(nic(mtu=1400), running=True, defined_nics=(nic(mtu=1400),)),))
    after = SIZE.simulate(runs)
    assert isinstance(after, Host)
    assert isinstance(after.domains, tuple)
    assert (after.domains[0].nics[0].mtu, after.domains[0].defined_nics[0].mtu) == (1400, 1500)


def test_an_mtu_that_was_not_there_is_taken_away_again() -> None:
    back = SIZE.undo(host(domains=(domain(nic()),)))
    assert isinstance(back, Inverse)
    assert back.request == EditDefinition(
        "domain", GUEST, SELECT, "mtu", (("size", None),), written=(("size", "1500"),)
    )


LISTED = AddToBootOrder(domain=GUEST, mac=MAC, place=None)
NUMBERED = AddToBootOrder(domain=GUEST, mac=MAC, place=3)


@pytest.mark.parametrize(
    ("step", "select", "child", "attribute", "value"),
    [
        (LISTED, "/domain/os", "boot[@dev='network']", "dev", "network"),
        (NUMBERED, SELECT, "boot", "order", "3"),
    ],
)
def test_the_network_is_the_last_in_the_order_and_out_of_it_again(
    step: AddToBootOrder, select: str, child: str, attribute: str, value: str
) -> None:
    assert step.request() == EditDefinition("domain", GUEST, select, child, ((attribute, value),))
    back = step.undo(host(domains=(domain(nic()),)))
    assert isinstance(back, Inverse)
    assert back.request == EditDefinition(
        "domain", GUEST, select, child, ((attribute, None),), written=((attribute, value),)
    )
    assert step.safety is Safety.RISKY
    assert "installer" in step.may_lose


@pytest.mark.parametrize(
    ("step", "guest"),
    [(LISTED, domain(boot=("hd",))), (NUMBERED, domain(boot=(), other_boot_orders=(1, 2)))],
    ids=["a list", "numbers"],
)
def test_a_guest_that_is_off_tries_it_from_its_next_start(step: AddToBootOrder, guest: Domain) -> None:
    after = step.simulate(host(domains=(guest, domain(name="other"))))
    assert isinstance(after, Host)
    assert isinstance(after.domains, tuple)
    changed = after.domains[0]
    assert changed.boots_from(changed.nics[0])
    assert after.domains[1] == domain(name="other")
    assert step.simulate(after) == after
    assert isinstance(step.simulate(host(domains=(domain(running=True),))), Assumed)
