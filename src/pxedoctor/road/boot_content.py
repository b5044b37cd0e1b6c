"""What the boot file is that a target is sent to: its first bytes, on this host's disk or as a probe fetched them."""

import msgspec

from pxedoctor.findings.outcome import Evidence, NotApplicable, Unknown
from pxedoctor.model.boot_file import BootFile
from pxedoctor.model.fact import Missing
from pxedoctor.model.observation import Probed, SeenFetch
from pxedoctor.model.target import Facts, Target
from pxedoctor.road.boot_here import BootHere, boot_here
from pxedoctor.road.boot_seen import boot_probes
from pxedoctor.road.file_reading import Gone
from pxedoctor.road.netboot import Netboot, architecture_of, netboot_of
from pxedoctor.wire.boot_image import BootImage, recognised


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """`name` as the guest is told it; `client`: the firmware that it is for, with its option 93; `seen`: by a probe.

    `size`: of the whole file, bytes; None where it is not known.
    """

    image: BootImage
    name: str
    client: str
    architecture: int | None
    evidence: Evidence
    seen: bool = False
    size: int | None = None


def content_for_boot(facts: Facts, target: Target) -> tuple[Netboot, Content] | NotApplicable | Unknown:
    """How the target boots over the network, and what it is sent then; else why nothing can be said of that."""
    kind = netboot_of(facts.host, target)
    if kind is Netboot.NEVER:
        return NotApplicable("it is not known to boot from the network")
    content = content_of(facts, target)
    if content is None:
        return NotApplicable("this host is not known to serve its boot file by TFTP, and no probe fetched it")
    if isinstance(content, Missing):
        return Unknown(missing=content.why, would_help=content.would_help or "pxedoctor diagnose --probe --fetch")
    return kind, content


def content_of(facts: Facts, target: Target) -> Content | Missing | None:
    """What a probe fetched before what is on disk; None where neither is known to be there."""
    for seen in boot_probes(facts, target):
        fetched = next((fetch for fetch in reversed(seen.fetches) if fetch.first), None)
        if fetched is not None:
            return _of_fetch(seen, fetched)
    here = boot_here(facts, target)
    if not isinstance(here, BootHere):
        return here
    if isinstance(here.reading, Missing):
        return here.reading
    if isinstance(here.reading, Gone):
        return None
    return _of_file(facts, target, here, here.reading.file)


def _of_fetch(seen: Probed, fetch: SeenFetch) -> Content:
    size = fetch.size or (fetch.received if fetch.outcome == "fetched" else None)
    image = recognised(fetch.first, size)
    text = f"a probe fetched it as {seen.profile}; its first bytes say what it is"
    return Content(
        image=image,
        name=fetch.url,
        client=seen.profile,
        architecture=seen.architecture,
        evidence=Evidence(text, f"probe: {fetch.url}", image.described),
        seen=True,
        size=size,
    )


def _of_file(facts: Facts, target: Target, here: BootHere, file: BootFile) -> Content | Missing:
    if not file.first and file.size != 0:
        return Missing("forbidden", f"what {file.path} is: its first bytes were not read", "run it as root")
    image = recognised(file.first, file.size)
    return Content(
        image=image,
        name=here.named.file,
        client=target.client.name if target.client else "",
        architecture=architecture_of(facts.host, target),
        evidence=Evidence("its first bytes say what it is", file.path, image.described),
        size=file.size,
    )
