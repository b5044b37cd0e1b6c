"""Every profile, by name. A new one is a file here and a line in the lists."""

from typing import Literal

from pxedoctor.dialogue.machine import on_machine
from pxedoctor.dialogue.profile import Profile, Profile6
from pxedoctor.dialogue.profiles import (
    cloud_init,
    dhclient,
    dhcpcd,
    grub,
    intel_pxe,
    ipxe,
    ipxe6,
    ipxe_debian12,
    ipxe_efi,
    ipxe_rhel,
    linux_ip,
    networkd,
    networkmanager,
    ovmf,
    ovmf6,
    ovmf_http,
    ovmf_http6,
    u_boot,
    u_boot_2023,
    udhcpc,
    windows,
)

PROFILES: tuple[Profile, ...] = (
    ipxe.PROFILE,
    ipxe_debian12.PROFILE,
    ipxe_rhel.PROFILE,
    ipxe_efi.PROFILE,
    ovmf.PROFILE,
    ovmf_http.PROFILE,
    intel_pxe.PROFILE,
    grub.PROFILE,
    u_boot.PROFILE,
    u_boot_2023.PROFILE,
    linux_ip.PROFILE,
    dhclient.PROFILE,
    udhcpc.PROFILE,
    udhcpc.FOR_EVER,
    networkd.PROFILE,
    networkmanager.PROFILE,
    dhcpcd.PROFILE,
    cloud_init.PROFILE,
    windows.PROFILE,
)
PROFILES6: tuple[Profile6, ...] = (ipxe6.PROFILE, ovmf6.PROFILE, ovmf_http6.PROFILE)


# Clients of model.client that ask over IPv6 with a profile of another name.
_OVER_IPV6 = {
    "ipxe": ipxe6.PROFILE,
    "ipxe-rhel": ipxe6.PROFILE,
    "ovmf": ovmf6.PROFILE,
    "ovmf-http": ovmf_http6.PROFILE,
}


def profile_named(name: str) -> Profile | None:
    return next((profile for profile in PROFILES if profile.name == name), None)


def profile_of(client: str, family: Literal[4, 6], arch: str) -> Profile | Profile6 | str:
    """How a client of model.client asks, over IPv4 or IPv6, on a machine of libvirt's name `arch` ("": not known).

    Else why that is not known, in words for a person: nothing is put in its place here.
    """
    found = profile_named(client) if family == 4 else _OVER_IPV6.get(client)
    if found is None:
        return f"how {client} asks over IPv{family} is not known here"
    return on_machine(found, arch) if arch else found
