"""netboot-not-in-boot-order: only where a person says that the guest is to boot from the network."""

import pytest

from builders import domain, facts, finding, nic, target
from pxedoctor.checks.guest import netboot_not_in_boot_order as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.libvirt import Domain
from pxedoctor.model.target import Facts
from pxedoctor.plans.guest import AddToBootOrder
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

DISK_ALONE = domain(boot=("hd",), disks=("cdrom", "disk"))
OTHER = nic(mac="52:54:00:0d:0d:02", boot_order=2)


def outcome(guest: Domain, client: str = "ipxe", why: str = "--client") -> Outcome:
    return check.check(facts(domains=(guest,)), target(client, client_why=why))


@pytest.mark.parametrize(
    ("guest", "order"),
    [
        (DISK_ALONE, "hd"),
        (domain(boot=(), other_boot_orders=(1,)), "a disk or another device"),
        (domain(nic(), OTHER, boot=(), other_boot_orders=(1,)), f"a disk or another device, then the NIC {OTHER.mac}"),
    ],
)
def test_it_never_tries_this_nic(guest: Domain, order: str) -> None:
    found = outcome(guest)
    assert isinstance(found, Broken)
    assert found.headline.endswith(f"it boots {order}.")


def test_of_two_nics_a_list_means_the_first() -> None:
    guest = domain(nic(), nic(mac=OTHER.mac, position=2), boot=("network", "hd"))
    asked = target("ipxe", client_why="--client", id=f"web01/{OTHER.mac}", mac=OTHER.mac)
    found = check.check(facts(domains=(guest,)), asked)
    assert isinstance(found, Broken)
    assert found.headline.endswith(f"it boots network by its first NIC ({nic().mac}), then hd.")
    planned = check.plan(finding(check, found, asked), facts(domains=(guest,)))
    assert isinstance(planned, NoPlan)
    assert "order='N'" in planned.instead[0]


@pytest.mark.parametrize(
    "guest",
    [
        domain(boot=("hd", "network")),
        domain(nic(boot_order=3), boot=(), other_boot_orders=(1,)),
        domain(boot=("hd",), disks=("disk",), boot_menu=True),
        domain(boot=("hd",), disks=("cdrom",)),
        domain(boot=()),
    ],
    ids=["last in the list", "last by its order", "a menu to choose from", "it has no disk", "no order at all"],
)
def test_it_may_try_this_nic(guest: Domain) -> None:
    assert isinstance(outcome(guest), Fine)


@pytest.mark.parametrize(("client", "why"), [("dhclient", "--client"), ("ipxe", "domain XML")])
def test_nobody_says_that_it_is_to_boot_so(client: str, why: str) -> None:
    assert isinstance(outcome(DISK_ALONE, client, why), NotApplicable)


def test_no_guest_of_libvirts() -> None:
    tap = target("ipxe", id="tap/vnet3", kind="tap", guest=None, mac=None, client_why="--client")
    assert isinstance(check.check(facts(), tap), NotApplicable)


@pytest.mark.parametrize(
    ("guest", "place", "pending"),
    [
        (DISK_ALONE, None, ""),
        (domain(boot=("hd",), disks=("disk",), running=True), None, "a full shutdown and start of web01"),
        (domain(nic(), OTHER, boot=(), other_boot_orders=(1,)), 3, ""),
    ],
    ids=["a list", "it runs", "numbers"],
)
def test_the_network_comes_last_and_the_rest_is_for_a_person(guest: Domain, place: int | None, pending: str) -> None:
    known = facts(domains=(guest,))
    planned = check.plan(finding(check, outcome(guest), target("ipxe", client_why="--client")), known)
    assert isinstance(planned, Plan)
    assert planned.steps == (AddToBootOrder(domain="web01", mac=guest.nics[0].mac, place=place),)
    assert planned.pending == pending
    assert planned.safety is Safety.RISKY
    assert "--boot network,hd" in planned.other_ways[0]


def test_on_the_model_it_is_tried_then() -> None:
    known = facts(domains=(DISK_ALONE,))
    planned = check.plan(finding(check, outcome(DISK_ALONE), target("ipxe", client_why="--client")), known)
    assert isinstance(planned, Plan)
    after, assumed = simulate(planned, known.host)
    assert not assumed
    assert isinstance(check.check(Facts(host=after), target("ipxe", client_why="--client")), Fine)


@pytest.mark.parametrize("guests", [(), (domain(boot=("hd",), disks=("disk",), persistent=False),)])
def test_without_a_definition_there_is_no_plan(guests: tuple[Domain, ...]) -> None:
    asked = target("ipxe", client_why="--client")
    planned = check.plan(finding(check, outcome(DISK_ALONE), asked), facts(domains=guests))
    assert isinstance(planned, NoPlan)
