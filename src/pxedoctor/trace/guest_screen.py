"""Reads a guest's screen, by libvirt's screenshot, and what its serial line wrote into a file since we began.

The screenshot is asked of libvirt alone: QEMU's own monitor, asked beside it, taints the domain. It needs a video
device and no display. Everything that is read is the guest's own, and hostile.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from pxedoctor.trace.picture import PictureError, read_picture
from pxedoctor.trace.screen_text import Font, font_in, text_of
from pxedoctor.trace.typed_text import as_seen
from pxedoctor.trace.wish import AbsentError

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
_VIRSH = ("virsh", "-c", "qemu:///system", "screenshot")
_SECONDS = 10
# A screenshot of the largest text screen, and of a serial line what a boot may write.
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


def screen_of(guest: str, font: Font) -> tuple[str, ...]:
    """The lines of its text screen. Raises AbsentError where there is none to be read."""
    with tempfile.TemporaryDirectory(prefix="pxedoctor-") as folder:
        path = Path(folder, "screen")
        _take(guest, path)
        try:
            if path.stat().st_size > _LARGEST:
                raise AbsentError(*_GRAPHICS)
            lines = text_of(read_picture(path.read_bytes()), font)
        except OSError as error:
            raise AbsentError(f"the screenshot cannot be read: {error.strerror}", "") from error
        except PictureError as error:
            raise AbsentError(f"its screen cannot be read: {error}", _GRAPHICS[1]) from error
    if lines is None:
        raise AbsentError(*_GRAPHICS)
    return lines


_GRAPHICS = (
    "its screen is in a graphics mode (as UEFI's is), which is not read",
    "look at it: virsh screenshot; or give the guest a serial port with a log file",
)


def _take(guest: str, path: Path) -> None:
    try:
        done = subprocess.run(
            # As one word: a name may begin with a dash.
            [*_VIRSH, f"--domain={guest}", f"--file={path}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise AbsentError(f"virsh cannot be asked: {error}", "install libvirt-clients") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", errors="backslashreplace").strip().splitlines()
        raise AbsentError(
            f"libvirt takes no screenshot: {said[-1].removeprefix('error: ') if said else 'it says not why'}",
            "the guest must run, and have a video device",
        )


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
