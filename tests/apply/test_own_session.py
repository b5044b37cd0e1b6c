"""Which commands touch the way to the person who typed them."""

import pytest

from pxedoctor.apply.own_session import crosses

WAY = frozenset({"br0.10", "br0", "eno1"})


@pytest.mark.parametrize(
    "argv",
    [
        ("ip", "link", "set", "dev", "br0", "type", "bridge", "forward_delay", "200"),
        ("bridge", "link", "set", "dev", "eno1", "state", "3"),
        ("iptables", "-w", "-I", "INPUT", "-i", "virbr0", "-j", "ACCEPT"),
        ("/usr/sbin/nft", "insert", "rule", "inet", "t", "c", "accept"),
        ("sh", "-c", "nft delete rule inet t c handle $(nft -a list chain inet t c)"),
        ("sh", "-c", "ip link set br0 down"),
        ("systemctl", "restart", "NetworkManager"),
    ],
)
def test_it_crosses(argv: tuple[str, ...]) -> None:
    assert crosses(argv, WAY)


@pytest.mark.parametrize(
    "argv",
    [
        ("ip", "link", "set", "dev", "br01", "type", "bridge", "forward_delay", "200"),
        ("bridge", "link", "set", "dev", "vnet0", "state", "3"),
        ("systemctl", "restart", "libvirtd"),
        ("virsh", "-c", "qemu:///system", "net-start", "default"),
        ("vi", "/etc/network/interfaces"),
    ],
)
def test_it_does_not(argv: tuple[str, ...]) -> None:
    assert not crosses(argv, WAY)
