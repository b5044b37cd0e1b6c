"""Whether a guest's firmware runs signed programs alone: its file of variables tells, else its definition."""

from typing import TYPE_CHECKING

import msgspec

from pxedoctor.findings.outcome import Evidence
from pxedoctor.model.fact import Missing

if TYPE_CHECKING:
    from pxedoctor.model.host import Host
    from pxedoctor.model.libvirt import Domain

# What its menu of keys is in (edk2 SecurityPkg); a build without it does no Secure Boot.
_DRIVER = "SecureBootConfigDxe"


class SecureBoot(msgspec.Struct, frozen=True, kw_only=True):
    """`on` None: not known. `certain`: the firmware itself is known to do it, by its file or by the definition."""

    on: bool | None
    certain: bool
    evidence: Evidence


def secure_boot_of(host: "Host", domain: "Domain") -> SecureBoot:
    told = SecureBoot(
        on=domain.secure_boot,
        certain=domain.secure_boot is not None,
        evidence=Evidence("the definition tells of Secure Boot", f"{domain.origin}: os"),
    )
    images = host.firmware_images
    if domain.firmware != "efi" or isinstance(images, Missing):
        return told
    image = images.at(domain.loader)
    if image is not None and _DRIVER not in image.drivers:
        return SecureBoot(on=False, certain=True, evidence=Evidence("its firmware does no Secure Boot", image.path))
    store = images.variables_of(domain.nvram, domain.nvram_template)
    if store is None:
        return told
    words = "keys are enrolled" if store.keys else "no platform key is enrolled"
    off = ", and Secure Boot is switched off" if store.switched_off else ""
    return SecureBoot(
        on=store.secure_boot,
        certain=image is not None or bool(domain.secure_boot) or not store.secure_boot,
        evidence=Evidence("its firmware's variables tell of Secure Boot", store.path, f"{words}{off}"),
    )
