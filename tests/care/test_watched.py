"""Which NIC of a guest a trace watches, and what it says where that is not clear."""

import pytest

from builders import MAC, bridge, host
from pxedoctor.care.watched import watched_of
from pxedoctor.diagnose.selection import SelectionError
from pxedoctor.model.target import Target

OTHER = "52:54:00:0d:0d:02"
HOST = host(bridges=(bridge("br0"), bridge("br1")))


def nic_on(where: str | None, mac: str = MAC, tap: str | None = None) -> Target:
    return Target(id=f"web01/{mac}", kind="nic", guest="web01", mac=mac, bridge=where, tap=tap)


def test_its_only_nic_on_a_bridge() -> None:
    targets = (nic_on(None, OTHER), nic_on("br0"))
    assert watched_of(HOST, targets, None).mac == MAC


def test_with_several_it_asks_which() -> None:
    with pytest.raises(SelectionError) as refused:
        watched_of(HOST, (nic_on("br0", tap="vnet0"), nic_on("br1", OTHER)), None)
    assert f"{MAC} on br0, {OTHER} on br1" in refused.value.message
    assert refused.value.would_help.endswith(f"--mac {MAC}")


def test_it_is_the_one_whose_mac_is_named() -> None:
    targets = (nic_on("br0"), nic_on("br1", OTHER))
    assert watched_of(HOST, targets, OTHER).bridge == "br1"
    with pytest.raises(SelectionError, match="no NIC of 'web01' that can be watched has the MAC 52:54:00:00:00:99"):
        watched_of(HOST, targets, "52:54:00:00:00:99")


def test_on_a_bridge_the_mac_is_anybodys() -> None:
    target = Target(id="bridge/br0", kind="bridge", bridge="br0")
    assert watched_of(HOST, (target,), OTHER) is target


def test_nothing_can_be_watched() -> None:
    with pytest.raises(SelectionError, match="its bridge 'br7' does not exist now"):
        watched_of(HOST, (nic_on("br7"),), None)
    with pytest.raises(SelectionError, match="no bridge for guests"):
        watched_of(HOST, (), None)
