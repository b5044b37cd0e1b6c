"""The example in README.md is what the command prints on a real site; only the site's tag differs."""

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


def test_the_example_is_real() -> None:
    with open_site() as site:
        libvirt_site(site)
        restart_network(site, network_xml(site, delay=15))
        printed = _diagnose(site)
    text = README.read_text(encoding="utf-8")
    if os.environ.get("PXEDOCTOR_WRITE_GOLDEN"):
        README.write_text(_EXAMPLE.sub(lambda _: printed, text), encoding="utf-8")
        pytest.fail("README.md written; look at it and run again without PXEDOCTOR_WRITE_GOLDEN")
    assert _EXAMPLE.findall(text) == [printed]


def _diagnose(site: Site) -> str:
    done = site.ask("env", "-u", "COLUMNS", sys.executable, "-m", "pxedoctor", "diagnose", "web01")
    assert (done.returncode, done.stderr) == (1, "")
    assert len(site.tag) == len(TAG)
    return done.stdout.replace(site.tag, TAG)
