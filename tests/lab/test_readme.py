"""The examples in README.md are what the command prints on a real site.

Only the site's tag differs, and of the probe the seconds and the name of its port.
"""

import os
import re
import sys
from pathlib import Path

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site, network_xml, restart_network
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

README = Path(__file__).resolve().parents[2] / "README.md"
# As long as a site's tag, so that no line breaks elsewhere.
TAG = "0d0d"
_EXAMPLE = re.compile(r"(?<=```console\n\$ pxedoctor diagnose web01\n).*?(?=```)", re.DOTALL)
_RECORDING = re.compile(r"(?<=```console\n\$ pxedoctor probe web01\n).*?(?=```)", re.DOTALL)
# What differs from run to run, and takes as many columns: seconds, and the port's name, which has a process number.
_SECONDS = re.compile(r"\d+(\.\d+)?(?= s)")
# A new cause need not touch README.
_COUNT = re.compile(r"\d+\s+causes")
_PORT = re.compile(r"pxp\d+n")


def test_the_examples_are_real() -> None:
    with open_site() as site:
        libvirt_site(site)
        restart_network(site, network_xml(site, delay=15))
        printed = _diagnose(site)
        recorded = _probe(site)
    text = README.read_text(encoding="utf-8")
    if os.environ.get("PXEDOCTOR_WRITE_GOLDEN"):
        text = _EXAMPLE.sub(lambda _: printed, text)
        README.write_text(_RECORDING.sub(lambda _: recorded, text), encoding="utf-8")
        pytest.fail("README.md written; look at it and run again without PXEDOCTOR_WRITE_GOLDEN")
    assert [_COUNT.sub("N causes", found) for found in _EXAMPLE.findall(text)] == [_COUNT.sub("N causes", printed)]
    assert [_timeless(found) for found in _RECORDING.findall(text)] == [_timeless(recorded)]


def _diagnose(site: Site) -> str:
    return _said(site, "diagnose", "web01")


def _probe(site: Site) -> str:
    """Up to the verdict: what follows is the finding, which the diagnosis shows."""
    timeline, verdict = _said(site, "probe", "web01").split("\n\n")[:2]
    return f"{_PORT.sub('pxp4711n', timeline)}\n\n{verdict}\n"


def _said(site: Site, *words: str) -> str:
    done = site.ask("env", "-u", "COLUMNS", sys.executable, "-m", "pxedoctor", *words)
    assert (done.returncode, done.stderr) == (1, "")
    assert len(site.tag) == len(TAG)
    return done.stdout.replace(site.tag, TAG)


def _timeless(text: str) -> str:
    return re.sub(r"\s+", " ", _SECONDS.sub("T", text))
