"""Versions, from the first line that each program of Debian 12 and Fedora 41 prints."""

import pytest

from pxedoctor.access.answer import Absent, Text
from pxedoctor.collect import versions
from pxedoctor.model.fact import Missing


@pytest.mark.parametrize(
    ("question", "text", "name", "version"),
    [
        ("run virsh --version", "9.0.0\n", "libvirt", "9.0.0"),
        ("run dnsmasq --version", "Dnsmasq version 2.90  Copyright (c) 2000-2024 Simon Kelley\n", "dnsmasq", "2.90"),
        ("run dnsmasq --version", "Dnsmasq version pi-hole-2.81  Copyright (c)", "dnsmasq", "2.81"),
        ("run nft --version", "nftables v1.0.6 (Lester Gooch #5)\n", "nft", "1.0.6"),
        ("run iptables --version", "iptables v1.8.9 (nf_tables)\n", "iptables", "1.8.9"),
        ("run ip -V", "ip utility, iproute2-6.1.0, libbpf 1.1.2\n", "iproute2", "6.1.0"),
        ("run qemu-system-x86_64 --version", "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg)\n", "qemu", "7.2.22"),
        ("run ethtool --version", "ethtool version 6.1\n", "ethtool", "6.1"),
        ("run systemctl --version", "systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT\n", "systemd", "252"),
    ],
)
def test_version(question: str, text: str, name: str, version: str) -> None:
    assert versions.parse({question: Text(text)}) == {name: version}


def test_what_is_not_installed_has_no_version() -> None:
    found = versions.parse({"run nft --version": Absent("nft is not installed")})
    assert isinstance(found, Missing)
