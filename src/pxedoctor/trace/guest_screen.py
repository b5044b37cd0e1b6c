"""Reads a guest's screen, by libvirt's screenshot, and what its serial line wrote into a file since we began.

The screenshot is asked of libvirt alone: QEMU's own monitor, asked beside it, taints the domain. It needs a video
device and no display. Everything that is read is the guest's own, and hostile.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from pxedoctor.model.libvirt import Domain
from pxedoctor.trace.firmware_font import narrow_font_in
from pxedoctor.trace.graphics_text import graphics_text_of
from pxedoctor.trace.picture import Picture, PictureError, read_picture
from pxedoctor.trace.screen_text import Font, font_in, text_of
from pxedoctor.trace.typed_text import as_seen
from pxedoctor.trace.virsh import RefusedError, virsh
from pxedoctor.trace.wish import AbsentError

# The lines of a picture; None where it shows none.
Reader = Callable[[Picture], tuple[str, ...] | None]

# Where Debian, Fedora and openSUSE, and a QEMU that was built by hand, keep SeaBIOS's VGA BIOS.
_ROMS = tuple(
    Path(folder, "vgabios-stdvga.bin")
    for folder in (
        "/usr/share/seabios",
        "/usr/share/seavgabios",
        "/usr/share/qemu",
        "/usr/share/qemu-kvm",
        "/usr/local/share/qemu",
    )
)
# The same of UEFI's: Debian, Fedora and RHEL, openSUSE, Arch; and of ARM's.
_FIRMWARE = (
    "/usr/share/OVMF/OVMF_CODE_4M.fd",
    "/usr/share/OVMF/OVMF_CODE.fd",
    "/usr/share/edk2/ovmf/OVMF_CODE.fd",
    "/usr/share/qemu/ovmf-x86_64-code.bin",
    "/usr/share/edk2/x64/OVMF_CODE.4m.fd",
    "/usr/share/AAVMF/AAVMF_CODE.fd",
)
_LARGEST_FIRMWARE = 64 * 1024 * 1024
# A screenshot of the largest screen that is read, and of a serial line what a boot may write.
_LARGEST = 4 * 1024 * 1024
_MOST_SERIAL = 256 * 1024


def font_of_this_host() -> Font:
    """Raises AbsentError where no VGA BIOS is there, or none holds a font."""
    for path in _ROMS:
        try:
            font = font_in(path.read_bytes())
        except OSError:
            continue
        if font is not None:
            return font
    raise AbsentError(
        "SeaBIOS's VGA BIOS, whose font draws the guest's screen, is not on this host",
        "install SeaBIOS (Debian: seabios; Fedora: seavgabios-bin)",
    )


def uefi_font(loader: str) -> Font:
    """Of the guest's own firmware, else of one that is on this host: EDK2 has one font. Raises AbsentError."""
    for path in (loader, *_FIRMWARE):
        try:
            with Path(path).open("rb") as file:
                font = narrow_font_in(file.read(_LARGEST_FIRMWARE)) if path else None
        except OSError:
            continue
        if font is not None:
            return font
    raise AbsentError(
        "no file of UEFI firmware on this host holds the font that draws the guest's screen",
        "install OVMF (Debian: ovmf; Fedora: edk2-ovmf)",
    )


def reader_for(domain: Domain | None) -> Reader:
    """How the screen of this guest is read: by the font of its firmware. Raises AbsentError."""
    if domain is not None and domain.firmware == "efi":
        font = uefi_font(domain.loader)
        return lambda picture: graphics_text_of(picture, font)
    font = font_of_this_host()
    return lambda picture: text_of(picture, font)


class Screen:
    """A guest's screen. Read anew only where it is not as it was: to unpack and read one takes a quarter second."""

    def __init__(self, guest: str, read: Reader) -> None:
        self._guest, self._read = guest, read
        self._content = b""
        self._lines: tuple[str, ...] | None = None

    def lines(self) -> tuple[str, ...]:
        """Raises AbsentError where there is none to be read."""
        content = _screenshot(self._guest)
        if content != self._content:
            self._lines = self._lines_of(content)
            self._content = content
        if self._lines is None:
            raise AbsentError(*_OTHER)
        return self._lines

    def _lines_of(self, content: bytes) -> tuple[str, ...] | None:
        try:
            return self._read(read_picture(content))
        except PictureError as error:
            raise AbsentError(f"its screen cannot be read: {error}", _OTHER[1]) from error


_OTHER = (
    "nothing on its screen is drawn with the font of its firmware",
    "look at it: virsh screenshot; or give the guest a serial port with a log file",
)


def _screenshot(guest: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="pxedoctor-") as folder:
        path = Path(folder, "screen")
        try:
            # As one word: a name may begin with a dash.
            virsh("screenshot", f"--domain={guest}", f"--file={path}")
            if path.stat().st_size > _LARGEST:
                raise AbsentError(*_OTHER)
            return path.read_bytes()
        except RefusedError as error:
            raise AbsentError(
                f"libvirt takes no screenshot: {error}", "the guest must run, and have a video device"
            ) from error
        except OSError as error:
            raise AbsentError(f"the screenshot cannot be read: {error.strerror}", "") from error


class SerialFile:
    """What a guest's serial line appends to a file of the host; a file that is not there, or not ours, says nothing."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._began = self._size()

    def text(self) -> str:
        """Since it was made; the file that a guest's start has made anew is read from its beginning."""
        began = self._began if self._size() >= self._began else 0
        try:
            with Path(self.path).open("rb") as file:
                file.seek(max(began, self._size() - _MOST_SERIAL))
                return as_seen(file.read(_MOST_SERIAL))
        except OSError:
            return ""

    def _size(self) -> int:
        try:
            return Path(self.path).stat().st_size
        except OSError:
            return 0
