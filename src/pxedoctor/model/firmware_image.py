"""Firmware of guests (OVMF and its kin), as the drivers in its file tell."""

import msgspec


class FirmwareImage(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `drivers` are those of its modules that were looked for and are in it, by their names in edk2.

    `needs_random`: modules in it are loaded only where somebody gives random numbers (EFI_RNG_PROTOCOL).
    """

    path: str
    needs_random: bool
    drivers: tuple[str, ...] = ()


class Variables(msgspec.Struct, frozen=True, kw_only=True):
    """A guest's file of UEFI variables, or a template of one. `keys`: a platform key is enrolled in it (PK).

    `switched_off`: Secure Boot is, though keys are enrolled (edk2's SecureBootEnable, which its menu writes).
    """

    path: str
    keys: bool
    switched_off: bool = False

    @property
    def secure_boot(self) -> bool:
        """What a firmware that can do it makes of them (UEFI 2.10, 32.3)."""
        return self.keys and not self.switched_off


class FirmwareImages(msgspec.Struct, frozen=True, kw_only=True):
    """The files that could be looked into; `absent` are those of `variables` that do not exist.

    `host_rdrand`: this host's processors have RDRAND; None: not known.
    """

    images: tuple[FirmwareImage, ...] = ()
    host_rdrand: bool | None = None
    variables: tuple[Variables, ...] = ()
    absent: tuple[str, ...] = ()

    def variables_of(self, path: str, template: str) -> Variables | None:
        """Those in the file, or in the template where there is no file yet; None where that could not be read."""
        wanted = template if path in self.absent or not path else path
        return next((entry for entry in self.variables if entry.path == wanted), None)

    def at(self, path: str) -> FirmwareImage | None:
        return next((image for image in self.images if image.path == path), None)
