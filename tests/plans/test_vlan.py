"""Steps on VLANs of ports: the command, the model after it, and the way back."""

from builders import bridge, host, port
from pxedoctor.model.bridge import Port, Vlan
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Membership, Run
from pxedoctor.plans.step import Assumed, Inverse, Nothing
from pxedoctor.plans.vlan import JoinVlan


def here(vlans: tuple[Vlan, ...] | None) -> Host:
    return host(bridges=(bridge(ports=(Port(name="vnet0", state=port().state, vlans=vlans),)),))


def join(access: bool = False) -> JoinVlan:
    return JoinVlan(bridge="br0", port="vnet0", vid=10, access=access, may_lose="it may not belong there")


def test_what_a_person_could_type_is_what_is_done() -> None:
    assert join().request() == Run(("bridge", "vlan", "add", "dev", "vnet0", "vid", "10"))
    assert " ".join(join(access=True).argv()) == "bridge vlan add dev vnet0 vid 10 pvid untagged"
    assert join(access=True).describe() == "put vnet0 into VLAN 10, for its frames without a tag"


def test_the_port_is_in_the_vlan_afterwards() -> None:
    after = join().simulate(here(()))
    assert isinstance(after, Host)
    assert after == here((Vlan(first=10, last=10),))


def test_where_bridges_are_not_known_it_is_assumed() -> None:
    assert isinstance(join().simulate(host(bridges=Missing("failed", "no"))), Assumed)


def test_the_way_back_takes_out_what_was_put_in() -> None:
    undo = join().undo(here(()))
    assert isinstance(undo, Inverse)
    member = Membership("vnet0", 10, "tagged", "not there")
    assert undo.request == Run(("bridge", "vlan", "del", "dev", "vnet0", "vid", "10"), members=(member,))


def test_a_tagged_member_that_is_made_the_access_vlan_goes_back_to_being_tagged() -> None:
    before = here((Vlan(first=9, last=11),))
    assert join(access=True).simulate(before) == here(
        (Vlan(first=9, last=9), Vlan(first=11, last=11), Vlan(first=10, last=10, pvid=True, untagged=True))
    )
    undo = join(access=True).undo(before)
    assert isinstance(undo, Inverse)
    member = Membership("vnet0", 10, "pvid untagged", "tagged")
    assert undo.request == Run(("bridge", "vlan", "add", "dev", "vnet0", "vid", "10"), members=(member,))


def test_a_port_has_one_pvid_and_the_one_that_it_loses_is_named() -> None:
    before = here((Vlan(first=1, last=1, pvid=True, untagged=True),))
    assert join(access=True).simulate(before) == here(
        (Vlan(first=1, last=1, untagged=True), Vlan(first=10, last=10, pvid=True, untagged=True))
    )
    undo = join(access=True).undo(before)
    assert isinstance(undo, Nothing)
    assert "VLAN 1 before" in undo.reason


def test_no_way_back_from_where_it_was_already_or_nobody_knows() -> None:
    for vlans in ((Vlan(first=5, last=15),), None):
        assert isinstance(join().undo(here(vlans)), Nothing)
