"""Which probes a diagnosis makes, in whose name, and what becomes of those that cannot be made."""

import pytest

from builders import MAC, bridge, client, domain, host, nic, port, target
from pxedoctor.care.probe import require_fair, wanted_of
from pxedoctor.care.probing import Probing, asking_of, asking_on, probe_targets, profile_for
from pxedoctor.diagnose.selection import Selection, SelectionError
from pxedoctor.dialogue.profiles.registry import profile_named
from pxedoctor.model.bridge import Bridge, Stp, Vlan
from pxedoctor.model.target import Target
from pxedoctor.probe.identity import mac_of_this_host

BRIDGES = (bridge("br0"), bridge("br1"))


def on(name: str) -> Target:
    return Target(id=f"bridge/{name}", kind="bridge", bridge=name)


def test_it_asks_in_the_guests_name_and_sends_from_its_own_mac() -> None:
    asking = asking_of(target("ipxe", uuid="11111111-2222-3333-4444-555555555555"), Probing())
    assert (asking.chaddr, asking.mac, asking.bridge) == (MAC, mac_of_this_host(), "br0")
    assert asking.profile is profile_named("ipxe")
    assert str(asking.machine) == "11111111-2222-3333-4444-555555555555"
    assert len(asking.tap) <= 15


def test_firmware_takes_no_open_sums_and_a_system_does() -> None:
    assert not asking_of(target("ovmf"), Probing()).offload
    assert asking_of(target("dhclient"), Probing()).offload


def test_nobody_on_a_bridge_asks_in_the_probes_own_name() -> None:
    asking = asking_of(on("br0"), Probing(), 7)
    assert asking.chaddr == asking.mac == mac_of_this_host()
    assert asking.tap.endswith("n7")


def test_a_person_knows_better() -> None:
    profile = profile_named("u-boot")
    asking = asking_of(target(), Probing(profile=profile, mac="52:54:00:00:00:77", vlan=7, quick=True, on_wire=True))
    assert (asking.profile, asking.chaddr, asking.vlan) == (profile, "52:54:00:00:00:77", 7)
    assert (asking.quick, asking.on_wire, asking.listens) == (True, True, 0.0)


def test_a_uuid_that_is_none() -> None:
    assert asking_of(target(uuid="u"), Probing()).machine is None


def test_a_client_without_a_profile_is_asked_for_as_ipxe() -> None:
    assert profile_for(client("freebsd")).name == profile_for(None).name == "ipxe"
    assert profile_for(client("ovmf")).name == "ovmf"


def test_the_clients_processor_is_the_guests() -> None:
    named = Probing(profile=profile_named("ovmf-http"))
    guest = target("ovmf", arch="aarch64")
    assert getattr(asking_of(guest, Probing()).profile, "architecture", None) == 0x0B
    assert getattr(asking_of(guest, named).profile, "architecture", None) == 0x13
    # Nothing is put in the place of what a person named: a BIOS ROM, though this machine has none.
    assert asking_of(guest, Probing(profile=profile_named("ipxe"))).profile.name == "ipxe"


def test_what_is_on_no_bridge_is_not_probed() -> None:
    seen = probe_targets(host(bridges=BRIDGES), (target(bridge=None), on("gone")), Probing())
    assert (seen.observations, seen.not_probed) == ((), ())
    assert [source.status for source in seen.sources] == ["absent"]


def test_bridges_that_are_not_here_are_told_and_end_nothing() -> None:
    """The facts know them, and this machine has them not: as where a bridge goes in between."""
    seen = probe_targets(host(bridges=BRIDGES), (on("br0"), on("br1")), Probing(quick=True))
    assert [entry.target for entry in seen.not_probed] == ["bridge/br0", "bridge/br1"]
    assert {source.status for source in seen.sources} <= {"failed", "forbidden"}
    assert "br0" in seen.sources[0].why


def test_the_mac_of_a_running_guest_is_not_borrowed() -> None:
    there = host(domains=(domain(nic(), running=True),), bridges=BRIDGES)
    with pytest.raises(SelectionError, match="which runs now"):
        require_fair(there, (on("br0"),), Selection(), Probing(mac=MAC))
    require_fair(there, (on("br0"),), Selection(), Probing(mac="52:54:00:00:00:77"))
    require_fair(host(domains=(domain(nic(), running=False),)), (on("br0"),), Selection(), Probing(mac=MAC))


def test_trees_are_not_changed_unasked() -> None:
    trees = host(bridges=(bridge("br0", stp=Stp.KERNEL), bridge("br1")))
    both = (on("br0"), on("br1"))
    with pytest.raises(SelectionError, match="br0: STP is on") as refused:
        require_fair(trees, both, Selection(), Probing())
    assert "--yes" in refused.value.would_help
    require_fair(trees, both, Selection(), Probing(yes=True))
    require_fair(trees, both[:1], Selection(), Probing())
    require_fair(host(bridges=BRIDGES), both, Selection(), Probing())


def test_everything_is_asked_also_in_each_vlan() -> None:
    """Of a bridge named by itself only what was named: with --vlan a person says which."""
    there = host(bridges=(_with_guests_in(range(10, 13)),))
    wanted, left = wanted_of(there, (on("br0"),), Selection(alone=True), Probing())
    assert [each.vlan for _, each in wanted] == [None, 10, 11, 12]
    assert left == []
    for selection in (
        Selection(bridge="br0", alone=True),
        Selection(network="n", alone=True),
        Selection(guests=("g",)),
    ):
        named, _ = wanted_of(there, (on("br0"),), selection, Probing())
        assert [each.vlan for _, each in named] == [None]
    tagged, _ = wanted_of(there, (on("br0"),), Selection(alone=True), Probing(vlan=7))
    assert [each.vlan for _, each in tagged] == [7]


def test_vlans_without_end_are_not_asked_in_and_that_is_said() -> None:
    there = host(bridges=(_with_guests_in(range(100, 180)),))
    wanted, (left,) = wanted_of(there, (on("br0"),), Selection(alone=True), Probing())
    assert len(wanted) == 65
    assert left.message == "it was asked in 64 VLANs, and not in 16 more, from 164 to 179"
    assert left.would_help.endswith("pxedoctor probe --bridge br0 --vlan 164")


def _with_guests_in(vids: range) -> Bridge:
    ports = tuple(port(f"vnet{vid}", vlans=(Vlan(first=vid, last=vid, pvid=True, untagged=True),)) for vid in vids)
    return bridge("br0", vlan_filtering=True, default_pvid=1, ports=ports)


def test_a_guest_in_a_vlan_is_asked_for_in_it_without_a_tag() -> None:
    there = host(bridges=(_with_guests_in(range(10, 11)),))
    asking = asking_on(there, target(tap="vnet10"), Probing())
    assert (asking.vlan, asking.vlans) == (None, (Vlan(first=10, last=10, pvid=True, untagged=True),))
    assert asking_on(there, target(tap="vnet10"), Probing(vlan=20)).vlans == "as-made"
