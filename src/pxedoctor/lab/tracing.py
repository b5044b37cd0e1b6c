"""Traces in a site: tracefs, which a site has not by itself, and a `pxedoctor trace` around what a guest does."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from pxedoctor.lab.site import Site, SiteError

_TRACEFS = "/sys/kernel/tracing"
# A start takes a second; on a machine that others keep busy it took more than forty.
_READY_SECONDS = 150.0
_POLL_SECONDS = 0.1
_LATE_SECONDS = 0.4


def mount_tracefs(site: Site) -> None:
    """The kernel's tracefs, which is one for all sites: names of devices are the site's own."""
    site.run("mount", "-t", "tracefs", "none", _TRACEFS)


class Watched:
    """What the trace said, once the block has ended: its exit status and its JSON document."""

    exit_code: int
    document: dict[str, Any]

    @property
    def died(self) -> dict[str, Any]:
        found: dict[str, Any] = self.document["died"] or {}
        return found

    def kinds(self) -> list[str]:
        return [packet["kind"] for packet in self.document["packets"]]


@contextlib.contextmanager
def watching(site: Site, *words: str, seconds: float = 60.0) -> Iterator[Watched]:
    """`pxedoctor trace` around the block: it watches when the block begins, and is ended as by Ctrl-C behind it."""
    argv = (sys.executable, "-m", "pxedoctor", "trace", *words, "--seconds", f"{seconds:g}", "--json")
    tracer = site.start(*argv)
    watched = Watched()
    try:
        await_watching(site, tracer, words)
        yield watched
        # A late word of the kernel's.
        time.sleep(_LATE_SECONDS)
    finally:
        interrupt(site)
        said, _ = tracer.communicate(timeout=60)
    watched.exit_code = tracer.returncode
    try:
        watched.document = json.loads(said.splitlines()[-1])
    except (ValueError, IndexError) as error:
        raise SiteError(f"pxedoctor trace printed no JSON: {said}") from error


def interrupt(site: Site, signal: str = "INT") -> None:
    """To the tracer of this site: only the site's own processes are seen in it."""
    site.ask("pkill", f"-{signal}", "-f", "pxedoctor trace")


def await_watching(site: Site, tracer: "subprocess.Popen[str]", words: tuple[str, ...]) -> None:
    """Waits until it looks. Its packet sockets are the last witness to be there; without them, another one tells."""
    deadline = time.monotonic() + _READY_SECONDS * site.patience
    while time.monotonic() < deadline and tracer.poll() is None:
        if _looks(site, words):
            time.sleep(2 * _LATE_SECONDS)
            return
        time.sleep(_POLL_SECONDS)
    if tracer.poll() is None:
        raise SiteError("pxedoctor trace does not begin to watch")


def _looks(site: Site, words: tuple[str, ...]) -> bool:
    if "frames" not in words:
        return "p_raw" in site.ask("ss", "-H0n").stdout
    if "rules" not in words:
        return "nftrace" in site.ask("nft", "list", "ruleset").stdout
    return "pxedoctor-" in site.ask("ls", f"{_TRACEFS}/instances").stdout
