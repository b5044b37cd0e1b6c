"""Every profile, by name. A new one is a file here and a line in the lists."""

from pxedoctor.dialogue.profile import Profile, Profile6
from pxedoctor.dialogue.profiles import (
    dhclient,
    dhcpcd,
    grub,
    intel_pxe,
    ipxe,
    ipxe6,
    ipxe_debian12,
    ipxe_rhel,
    linux_ip,
    networkd,
    ovmf,
    ovmf6,
    ovmf_http,
    u_boot,
    udhcpc,
)

PROFILES: tuple[Profile, ...] = (
    ipxe.PROFILE,
    ipxe_debian12.PROFILE,
    ipxe_rhel.PROFILE,
    ovmf.PROFILE,
    ovmf_http.PROFILE,
    intel_pxe.PROFILE,
    grub.PROFILE,
    u_boot.PROFILE,
    linux_ip.PROFILE,
    dhclient.PROFILE,
    udhcpc.PROFILE,
    networkd.PROFILE,
    dhcpcd.PROFILE,
)
PROFILES6: tuple[Profile6, ...] = (ipxe6.PROFILE, ovmf6.PROFILE)


def profile_named(name: str) -> Profile | None:
    return next((profile for profile in PROFILES if profile.name == name), None)
