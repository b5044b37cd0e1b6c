"""Looking things up on a host, where there is something and where nothing is known."""

import msgspec
import pytest

from builders import bridge, domain, host, link, network, nic, port
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Nic
from pxedoctor.model.target import Target

GONE = Missing("failed", "no")
NOTHING = Host(links=GONE, bridges=GONE, networks=GONE, domains=GONE)
HERE = host(links=(link("eno1"),), bridges=(bridge("br0"),), networks=(network("default", bridge="virbr0"),))


def test_by_name() -> None:
    assert HERE.link("eno1") == link("eno1")
    assert HERE.bridge("br0") == bridge("br0")
    assert HERE.network("default") == HERE.network_on("virbr0") == network("default", bridge="virbr0")


@pytest.mark.parametrize("of", [HERE, NOTHING], ids=["others are there", "nothing is known"])
def test_what_is_not_there(of: Host) -> None:
    assert (of.link("x"), of.bridge("x"), of.network("x"), of.network_on("x")) == (None, None, None, None)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (nic(kind="bridge", source="br0"), "br0"),
        (nic(kind="bridge", source=""), None),
        (nic(kind="network", source="default"), "virbr0"),
        (nic(kind="network", source="default", bridge="virbr9"), "virbr9"),
        (nic(kind="network", source="other"), None),
        (nic(kind="direct", source="eno1"), None),
    ],
)
def test_the_bridge_of_a_nic(of: Nic, expected: str | None) -> None:
    assert HERE.bridge_of(of) == expected


def test_what_was_not_understood() -> None:
    strange = Unmodelled(kind="bridge", name="br7", origin="o", why="w")
    of = host(unmodelled=(strange,))
    assert of.not_understood("bridge", "br7") == strange
    assert of.not_understood("domain", "br7") is None
    assert of.not_understood("bridge", "br8") is None


def test_a_bridge_of_negative_delay_is_none() -> None:
    with pytest.raises(ValueError, match="negative"):
        bridge(forward_delay=-1.0)


def test_the_port_towards_the_root() -> None:
    foreign: Bridge = bridge(root_port=2, ports=(port("a"), port("b")))
    assert foreign.towards_root is None
    assert bridge().towards_root is None
    assert bridge().port("a") is None


@pytest.mark.parametrize(
    ("network", "bridge", "segment", "scope"),
    [("default", "virbr0", "default", "network"), (None, "br0", "br0", "bridge"), (None, None, "tap/x", "bridge")],
)
def test_what_a_target_shares_with_those_who_are_served_alike(
    network: str | None, bridge: str | None, segment: str, scope: str
) -> None:
    of = Target(id="tap/x", kind="tap", network=network, bridge=bridge)
    assert (of.segment, of.segment_scope) == (segment, scope)


def test_a_target_has_an_id() -> None:
    with pytest.raises(ValueError, match="needs an id"):
        Target(id="", kind="bridge")


@pytest.mark.parametrize(
    ("boot", "orders", "expected"),
    [
        (("network",), (None, None), (True, False)),
        (("hd",), (None, None), (False, False)),
        (("network",), (2, None), (True, False)),
        ((), (1, 2), (True, True)),
    ],
)
def test_which_nics_a_guest_boots_from(
    boot: tuple[str, ...], orders: tuple[int | None, int | None], expected: tuple[bool, bool]
) -> None:
    nics = tuple(nic(boot_order=order, position=index) for index, order in enumerate(orders))
    of = domain(*nics, boot=boot)
    assert tuple(of.boots_from(entry) for entry in nics) == expected


def test_of_several_with_one_name_the_first_counts() -> None:
    twice = host(links=(link("eno1", mtu=1500), link("eno1", mtu=9000)), domains=(domain(), domain(uuid="other")))
    assert twice.link("eno1") == link("eno1", mtu=1500)
    assert twice.domain("web01") == domain()


def test_what_is_made_of_a_host_is_made_once_and_another_host_has_its_own() -> None:
    made: list[Host] = []

    def count(of: Host) -> int:
        made.append(of)
        return len(made)

    assert (HERE.once(count), HERE.once(count), NOTHING.once(count)) == (1, 1, 2)
    assert msgspec.structs.replace(HERE).once(count) == 3
