"""What a fetched file is, and whether the client could run it: told in the timeline, without booting anything."""

from pxedoctor.model.observation import ProbeStage, SeenFetch
from pxedoctor.probe.notes import Notes
from pxedoctor.wire.boot_fit import BootClient, fits
from pxedoctor.wire.boot_image import recognised


def note_kind(notes: Notes, seen: SeenFetch) -> None:
    """One line, where the file was fetched and the client is one that says what it runs."""
    asking = notes.asking
    architecture = asking.profile.architecture
    if seen.outcome != "fetched" or architecture is None:
        return
    image = recognised(seen.first, seen.received)
    is_ipxe = asking.profile.name.startswith("ipxe")
    fit = fits(image, BootClient(architecture=architecture, secure_boot=asking.secure_boot, ipxe=is_ipxe))
    # What cannot be told is no failure.
    notes.happens(ProbeStage.FILE, fit.answer != "no", f"the file, {image.described}: {fit.why}")
