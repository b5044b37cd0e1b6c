"""The same client on another processor, and which profile a guest's client has."""

import pytest

from pxedoctor.dialogue.dhcp4_state import Asking
from pxedoctor.dialogue.machine import on_machine
from pxedoctor.dialogue.profile import Profile, Profile6
from pxedoctor.dialogue.profiles.registry import PROFILES, PROFILES6, profile_named, profile_of
from pxedoctor.model.client import CLIENTS
from pxedoctor.wire.architecture import Architecture
from pxedoctor.wire.dhcp4_known import VENDOR_CLASS
from pxedoctor.wire.dhcp6_known import VENDOR_CLASSES
from pxedoctor.wire.options import Option


def fixed(profile: Profile) -> tuple[Option, ...]:
    return tuple(option for option in profile.discover_options if isinstance(option, Option))


@pytest.mark.parametrize(
    ("client", "arch", "number", "named"),
    [
        ("ovmf", "x86_64", Architecture.X64_UEFI, "PXEClient:Arch:00007:UNDI:003000"),
        ("ovmf", "aarch64", Architecture.ARM64_UEFI, "PXEClient:Arch:00011:UNDI:003000"),
        ("ovmf", "i686", Architecture.X86_UEFI, "PXEClient:Arch:00006:UNDI:003000"),
        ("ovmf", "riscv64", Architecture.RISCV64_UEFI, "PXEClient:Arch:00027:UNDI:003000"),
        ("ovmf-http", "aarch64", Architecture.ARM64_UEFI_HTTP, "HTTPClient:Arch:00019:UNDI:003000"),
        ("ovmf-http", "loongarch64", Architecture.LOONGARCH64_UEFI_HTTP, "HTTPClient:Arch:00040:UNDI:003000"),
        ("ipxe", "x86_64", Architecture.X86_BIOS, "PXEClient:Arch:00000:UNDI:002001"),
        ("ipxe", "i686", Architecture.X86_BIOS, "PXEClient:Arch:00000:UNDI:002001"),
    ],
)
def test_firmware_calls_its_machine_by_its_number(client: str, arch: str, number: Architecture, named: str) -> None:
    profile = profile_of(client, 4, arch)
    assert isinstance(profile, Profile)
    assert profile.architecture == number
    assert VENDOR_CLASS.find(fixed(profile)) == named


def test_so_does_what_it_asks_boot_servers() -> None:
    profile = profile_of("ovmf", 4, "aarch64")
    assert isinstance(profile, Profile)
    assert profile.proxy is not None
    assert profile.proxy.request is not None
    assert profile.boot_server is not None
    for request in (profile.proxy.request, profile.boot_server.request):
        told = tuple(option for option in request.options if isinstance(option, Option))
        assert VENDOR_CLASS.find(told) == "PXEClient:Arch:00011:UNDI:003000"


def test_over_ipv6_too() -> None:
    profile = profile_of("ovmf", 6, "aarch64")
    assert isinstance(profile, Profile6)
    assert profile.architecture == Architecture.ARM64_UEFI
    told = tuple(option for option in profile.options if isinstance(option, Option))
    classes = VENDOR_CLASSES.find(told)
    assert classes is not None
    assert classes.classes == (b"PXEClient:Arch:00011:UNDI:003000",)
    http = profile_of("ovmf-http", 6, "x86_64")
    assert isinstance(http, Profile6)
    assert http.architecture == Architecture.X64_UEFI_HTTP


@pytest.mark.parametrize(
    ("client", "arch"), [("ipxe", "aarch64"), ("ipxe-rhel", "riscv64"), ("ovmf", "s390x"), ("ovmf", "ppc64le")]
)
def test_a_client_that_is_not_there_is_not_put_there(client: str, arch: str) -> None:
    assert arch in str(profile_of(client, 4, arch))


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_on_its_own_machine_a_profile_is_itself(profile: Profile) -> None:
    arch = "aarch64" if profile.name == "u-boot" else "x86_64"
    assert on_machine(profile, arch) == profile


@pytest.mark.parametrize("profile", PROFILES6, ids=lambda profile: profile.name)
def test_of_ipv6_too(profile: Profile6) -> None:
    assert on_machine(profile, "x86_64") == profile


def test_an_operating_system_asks_the_same_on_every_machine() -> None:
    assert profile_of("dhclient", 4, "s390x") == profile_named("dhclient")


def test_without_a_machine_the_profile_is_as_it_stands() -> None:
    assert profile_of("ovmf", 4, "") == profile_named("ovmf")


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_each_client_has_a_profile_or_a_reason(client: object) -> None:
    name = client.name  # type: ignore[attr-defined]
    found = profile_of(name, 4, "x86_64")
    if isinstance(found, str):
        assert name in {"u-boot", "u-boot-lwip", "freebsd", "dhclient-old", "cirros", "cumulus"}, found
    else:
        assert isinstance(found, Profile)
        assert Asking(profile=found, mac=bytes(6), xid=1).profile.name == name
    assert isinstance(profile_of(name, 6, "x86_64"), Profile6 | str)
