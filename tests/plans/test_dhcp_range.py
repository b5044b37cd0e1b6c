"""A second range: on the model, and back."""

from builders import host, network
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.dhcp_range import AddDhcpRange
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Nothing

STEP = AddDhcpRange(network="default", first="192.168.122.255", last="192.168.123.9")
ENDS = ("192.168.122.255", "192.168.123.9")


def test_the_network_hands_them_out_afterwards() -> None:
    after = STEP.simulate(host(networks=(network(),)))
    assert isinstance(after, Host)
    changed = after.network("default")
    assert changed is not None
    assert changed.subnets[0].ranges[-1] == ENDS
    assert STEP.simulate(after) == after
    assert STEP.safety is Safety.RISKY


def test_a_network_that_is_not_known_is_assumed() -> None:
    assert isinstance(STEP.simulate(host(networks=Missing("failed", "closed"))), Assumed)


def test_there_is_no_way_back() -> None:
    """Seen with libvirt 9.0.0: the range taken away, its dnsmasq dies of "too many stored leases"."""
    undo = STEP.undo(host(networks=(network(),)))
    assert isinstance(undo, Nothing)
    assert "dnsmasq would not start" in undo.reason


def test_the_command() -> None:
    assert STEP.argv()[4:] == (
        "default",
        "add",
        "ip-dhcp-range",
        "<range start='192.168.122.255' end='192.168.123.9'/>",
        "--live",
        "--config",
    )
