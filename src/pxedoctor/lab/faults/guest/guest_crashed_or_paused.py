"""Cases of guest-crashed-or-paused: QEMU is there, and only the guest's own voice tells whether it runs."""

import time

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import GUEST
from pxedoctor.lab.qemu_guest import SERIAL, spoken
from pxedoctor.lab.running_guest import running_site
from pxedoctor.lab.site import Site
from pxedoctor.trace.typed_text import as_seen

# SeaBIOS speaks within a second of a reset, and iPXE asks two or three later; a busy machine is slower.
_SILENT_SECONDS, _ASKING_SECONDS = 8, 40
_POLL_SECONDS = 0.1
_ASKING = "Configuring (net0"


def _paused_once(site: Site) -> None:
    """The running guest's site. It was paused once, and goes on."""
    running_site(site)
    _pause(site)
    _resume(site)


def _pause(site: Site) -> None:
    site.run("virsh", "suspend", GUEST)


def _resume(site: Site) -> None:
    # It may run already: a repair has resumed it.
    site.ask("virsh", "resume", GUEST)


def _asks_after_a_reset(site: Site) -> Attempt:
    before, started = spoken(site), time.monotonic()
    site.run("virsh", "reset", GUEST)
    said = ""
    while _ASKING not in said and time.monotonic() - started < (_ASKING_SECONDS if said else _SILENT_SECONDS):
        time.sleep(_POLL_SECONDS)
        said = as_seen(site.path(SERIAL).read_bytes()[before:])
    return Attempt(ok=_ASKING in said, said=said or "not a word on its serial line")


CASES: tuple[Case, ...] = (
    Case(
        name="guest-paused",
        expect=Breaks("guest-crashed-or-paused"),
        story="Somebody paused the guest (a backup script that died): its tap is up, and it stands still.",
        build=_paused_once,
        inject=_pause,
        heal=_resume,
        attempt=_asks_after_a_reset,
        allow_risky=True,
    ),
    Case(
        name="guest-halted-and-not-paused",
        expect=Passes(),
        story="The guest sends nothing and halts, as after its firmware's last word; it was paused before, and runs.",
        build=_paused_once,
        attempt=_asks_after_a_reset,
    ),
)
