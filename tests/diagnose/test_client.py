"""Which client will ask: named, or read off the firmware and the operating system."""

import pytest

from builders import client, domain, host, nic
from pxedoctor.diagnose.client import client_of
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.system import System


def asked(of: Domain, which: Nic | None = None, **facts: object) -> str | None:
    found, why = client_of(host(**facts), of, which or of.nics[0], None)
    assert bool(found) == bool(why)
    return found.name if found else None


def test_who_is_named_wins() -> None:
    found, why = client_of(host(), domain(), nic(), client("windows"))
    assert found == client("windows")
    assert why == "--client"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, "ipxe", id="boots from the network, SeaBIOS"),
        pytest.param({"firmware": "efi"}, "ovmf", id="boots from the network, OVMF"),
        pytest.param({"firmware": "efi", "arch": "aarch64"}, "ovmf", id="the same firmware on another processor"),
        pytest.param({"arch": "i686"}, "ipxe", id="a PC of 32 bits"),
        pytest.param({"arch": "s390x"}, None, id="a machine without a BIOS"),
        pytest.param({"arch": "ppc64"}, None, id="another one"),
        pytest.param(
            {"arch": "aarch64", "loader": "/usr/lib/u-boot/qemu_arm64/u-boot.bin"}, "u-boot", id="U-Boot as loader"
        ),
        pytest.param({"boot": ("hd",)}, None, id="boots from disk: nobody knows from what"),
        pytest.param({"boot": ("hd", "network")}, "ipxe", id="from disk, else from the network"),
        pytest.param(
            {"boot": ("hd",), "os_id": "http://freebsd.org/freebsd/13.1"}, "freebsd", id="FreeBSD on its disk"
        ),
        pytest.param({"boot": ("hd",), "os_id": "http://microsoft.com/win/11"}, "windows", id="Windows on its disk"),
        pytest.param({"boot": ("hd",), "os_id": "http://debian.org/debian/12"}, None, id="Debian: with any client"),
    ],
)
def test_by_the_definition(changes: dict[str, object], expected: str | None) -> None:
    assert asked(domain(**changes)) == expected


def test_a_boot_order_of_interfaces_wins_over_the_os_element() -> None:
    first, second = nic(boot_order=1), nic(mac="52:54:00:0d:0d:02")
    both = domain(first, second, boot=("network",))
    assert asked(both, first) == "ipxe"
    assert asked(both, second) is None


def test_a_nic_without_its_rom_does_not_boot() -> None:
    assert asked(domain(nic(rom_off=("enabled",)))) is None


@pytest.mark.parametrize(("model", "expected"), [("virtio", "ovmf"), ("virtio-transitional", "ovmf"), ("e1000e", None)])
def test_ovmf_drives_virtio_without_a_rom(model: str, expected: str | None) -> None:
    assert asked(domain(nic(rom_off=("enabled",), model=model), firmware="efi")) == expected


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (System(hostname="h", kernel="k", os_id="fedora"), "ipxe-rhel"),
        (System(hostname="h", kernel="k", os_id="rocky", os_like=("rhel", "fedora")), "ipxe-rhel"),
        (System(hostname="h", kernel="k", os_id="debian"), "ipxe"),
        (Missing("failed", "no"), "ipxe"),
    ],
)
def test_the_hosts_distribution_built_the_rom(system: object, expected: str) -> None:
    assert asked(domain(), system=system) == expected
