"""A probe run inside a site, as a process of its own: `ask(site, profile="ipxe", quick=True)` returns what it saw.

As a program: one JSON object of words on standard input, one on standard output: {"probed", "error", "told", "frames",
"peak_kib"}.
"""

import json
import resource
import subprocess
import sys
from typing import Any

import msgspec

from pxedoctor.dialogue.profiles.registry import PROFILES, PROFILES6
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.site import Site
from pxedoctor.model.observation import Happening, Probed
from pxedoctor.probe.asking import Asking, Frame, ProbeError
from pxedoctor.probe.run import probe_all

PROBE_MAC = "02:70:78:0d:0d:0d"


class Answer(msgspec.Struct, kw_only=True):
    probed: tuple[Probed, ...] = ()
    error: str = ""
    would_help: str = ""
    told: list[Happening] = []
    frames: list[Frame] = []
    peak_kib: int = 0


def words(site: Site, **said: Any) -> dict[str, Any]:
    return {"bridge": site.bridge, "tap": site.device("pr"), **said}


def ask(site: Site, **said: Any) -> Probed:
    """What the probe saw; an error of it fails the test."""
    answer = answers(site, words(site, **said))
    assert not answer.error, answer.error
    return answer.probed[0]


def answers(site: Site, *askings: dict[str, Any], where: tuple[str, ...] = ()) -> Answer:
    started = start(site, *askings, where=where)
    said, complaint = started.communicate(timeout=180)
    assert started.returncode == 0, complaint
    return msgspec.json.decode(said, type=Answer)


def start(site: Site, *askings: dict[str, Any], where: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        site.command(*where, sys.executable, __file__, json.dumps(askings)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def asking(said: dict[str, Any]) -> Asking:
    name = said.pop("profile", "ipxe")
    profile = next(profile for profile in (*PROFILES, *PROFILES6) if profile.name == name)
    return Asking(**{"target": "t", "chaddr": MAC, "mac": PROBE_MAC, **said}, profile=profile)


def main() -> None:
    answer = Answer()

    def tell(happening: Happening) -> None:
        answer.told.append(happening)
        sys.stderr.write(f"{happening.at:7.3f} {happening.stage} {happening.ok} {happening.detail}\n")
        sys.stderr.flush()

    def failed(_: Asking, error: ProbeError) -> None:
        answer.error, answer.would_help = error.message, error.would_help

    try:
        said = json.loads(sys.argv[1])
        # A test about memory keeps no frames.
        kept = [words.pop("keeps_frames", True) for words in said]
        askings = [asking(words) for words in said]
        answer.probed = probe_all(askings, tell, answer.frames.append if all(kept) else None, failed)
    except KeyboardInterrupt:
        answer.error = "interrupted"
    answer.peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
