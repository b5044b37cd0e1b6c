"""Which networks make their own bridge, which of those have lost it, and which come up by themselves."""

import pytest

from builders import bridge, host, network
from pxedoctor.model.libvirt import Daemon, Libvirt
from pxedoctor.road.network import bridge_is_gone, makes_bridge, starts_when_woken


@pytest.mark.parametrize(
    ("forward", "name", "makes"),
    [
        ("nat", "virbr0", True),
        ("route", "virbr0", True),
        ("open", "virbr0", True),
        ("", "virbr0", True),
        ("bridge", "br0", False),
        ("passthrough", "", False),
        ("hostdev", "", False),
    ],
)
def test_makes_bridge(forward: str, name: str, makes: bool) -> None:
    assert makes_bridge(network(forward=forward, bridge=name)) is makes


def test_bridge_is_gone() -> None:
    assert bridge_is_gone(host(), network())
    assert not bridge_is_gone(host(bridges=(bridge("virbr0"),)), network())
    assert not bridge_is_gone(host(), network(active=False))


@pytest.mark.parametrize(
    ("daemons", "done", "changes", "starts"),
    [
        ((Daemon(name="virtnetworkd", asleep=True),), False, {}, True),
        ((Daemon(name="virtnetworkd", asleep=True),), True, {}, False),
        ((Daemon(name="virtnetworkd", asleep=True),), False, {"autostart": False}, False),
        ((Daemon(name="virtnetworkd", asleep=True),), False, {"active": True}, False),
        ((Daemon(name="libvirtd", pid=3), Daemon(name="virtnetworkd", asleep=True)), False, {}, False),
        ((), False, {}, False),
    ],
)
def test_starts_when_woken(daemons: tuple[Daemon, ...], done: bool, changes: dict[str, bool], starts: bool) -> None:
    libvirt = Libvirt(daemons=daemons, networks_autostarted=done)
    one = network(**({"active": False} | changes))
    assert starts_when_woken(host(libvirt=libvirt), one) is starts


def test_nothing_is_expected_of_a_libvirt_that_is_not_known() -> None:
    assert not starts_when_woken(host(), network(active=False))
