"""Three causes, told to somebody who has never met them: break, hear the guest, diagnose, repair, boot, undo.

Nothing is acted: each story is a case of the lab on a sandboxed host of its own, and what the doctor prints is what the
real command prints there.
"""

import subprocess
import sys
import time

import msgspec

from pxedoctor.lab.case import Breaks, Case
from pxedoctor.lab.catalogue import cases
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site, SiteError
from pxedoctor.lab.voice import Voice
from pxedoctor.report.style import Role


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """`case` is one of the lab's; `broken`: what is about to be done to the host, and why that is ill."""

    case: str
    title: str
    broken: str


STORIES: tuple[Story, ...] = (
    Story(
        case="bridge-forward-delay-with-real-firmware",
        title="The bridge that waits longer than the guest",
        broken="""A libvirt network is defined with <bridge stp='on' delay='15'/>. From then on each new port of its
        bridge listens for 15 s and learns for 15 s before it lets a frame pass, and every start of a guest makes a new
        port. The guest is a real one, QEMU with SeaBIOS and iPXE; iPXE sends its last question after 7 s.""",
    ),
    Story(
        case="libvirt-rules-missing",
        title="The rules that somebody flushed",
        broken="""This host's firewall drops what no rule lets in. libvirt had added rules that let its guests ask for
        an address; then somebody's script ran `iptables -F`. The network still looks active, its DHCP server still
        runs, and no question reaches it any more.""",
    ),
    Story(
        case="dhcp-reply-checksum-unfilled",
        title="The answer that arrives and is thrown away",
        broken="""The host leaves the checksum of its DHCP answers to a network card that a virtual machine does not
        have. A rule of libvirt's used to fill it in, and is gone. The answer reaches the guest with a wrong sum; a DHCP
        client that checks it throws the answer away without a word.""",
    ),
)


def perform(voice: Voice) -> bool:
    """Tells the stories; whether all of them healed. GroundError where this machine cannot carry a site."""
    known = {case.name: case for case in cases()}
    started = time.monotonic()
    unhealed: list[str] = []
    for number, story in enumerate(STORIES, start=1):
        voice.title(f"{number}. {story.title}")
        if not _healed(story, known.get(story.case), voice):
            unhealed.append(f'"{story.title}"')
    voice.title("The end")
    seconds = f"{time.monotonic() - started:.0f} s"
    if unhealed:
        voice.tell(f"Not healed: {', '.join(unhealed)}. ({seconds})", Role.BAD)
    else:
        voice.tell(f"The three stories healed, in {seconds}. Every host in them was a sandbox, and is gone.", Role.GOOD)
    return not unhealed


def _healed(story: Story, case: Case | None, voice: Voice) -> bool:
    if case is None:
        voice.tell(f"This story cannot be told: the lab has no case {story.case}.", Role.BAD)
        return False
    try:
        with open_site() as site:
            _Telling(site, case, story, voice).tell()
    except (StoryError, SiteError, subprocess.TimeoutExpired) as error:
        voice.tell(f"Here the story went wrong: {error}", Role.BAD)
        return False
    return True


class StoryError(Exception):
    """Something in a story was not as it should be."""


class _Telling:
    """One story on one site; each step says what it does before it does it. StoryError where it goes wrong."""

    def __init__(self, site: Site, case: Case, story: Story, voice: Voice) -> None:
        self.site = site
        self.case = case
        self.story = story
        self.voice = voice

    def tell(self) -> None:
        self.voice.tell("A host is made, with libvirt, a network that has a DHCP server, and a guest.")
        self.case.build(self.site)
        self._guest_starts("All is well at first. The guest starts ...", expected=True)
        self.voice.tell("What breaks it", Role.STRONG)
        self.voice.tell(" ".join(self.story.broken.split()))
        self.case.inject(self.site)
        self._guest_starts("The guest starts again ...", expected=False)
        self._doctor("What is wrong? The guest cannot know. The host does", 1, "diagnose", *self.case.asked_with)
        self._doctor("The repair", 0, *self._repair())
        self._guest_starts("The guest starts once more ...", expected=True)
        self._doctor("What was done can be undone, or it says why not", 0, "undo")

    def _repair(self) -> tuple[str, ...]:
        cause = ("--only", self.case.expect.cause) if isinstance(self.case.expect, Breaks) else ()
        risky = ("--allow-risky",) if self.case.allow_risky else ()
        return ("fix", *self.case.asked_with, *cause, "--apply", "--yes", *risky)

    def _guest_starts(self, opening: str, expected: bool) -> None:
        self.voice.tell(opening)
        started = time.monotonic()
        attempt = self.case.attempt(self.site)
        seconds = f"{time.monotonic() - started:.0f} s"
        self.voice.quote(attempt.said)
        if attempt.ok:
            self.voice.tell(f"It has what it wanted, after {seconds}.", Role.GOOD)
        else:
            self.voice.tell(f"It gave up, after {seconds}.", Role.BAD)
        if attempt.ok != expected:
            raise StoryError("the guest should have succeeded" if expected else "the guest should have failed")

    def _doctor(self, opening: str, expected: int, *words: str) -> None:
        """The real command in the site, writing straight to our own standard output."""
        self.voice.tell(opening, Role.STRONG)
        self.voice.line(f"# pxedoctor {' '.join(words)}", Role.COMMAND)
        command = self.site.command(sys.executable, "-m", "pxedoctor", *words)
        status = subprocess.run(command, stdin=subprocess.DEVNULL, cwd="/", check=False).returncode
        self.voice.line("")
        if status != expected:
            raise StoryError(f"`pxedoctor {words[0]}` ended with {status}, and {expected} was to be expected")
