"""What docs/first-steps.md shows is what the commands print, on five hosts that the lab breaks.

Only what is a host's own differs: a site's tag, process numbers, times. A longer number moves the words of two columns
against each other, so that the words are compared and not the lines.
"""

import os
import re
import sys
from pathlib import Path

import pytest

from pxedoctor.lab.catalogue import cases
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

PAGE = Path(__file__).resolve().parents[2] / "docs" / "first-steps.md"
TAG = "0d0d"
FAULTS = (
    "libvirt-rules-missing",
    "host-firewall-drops-dhcp",
    "dhcp-server-dead",
    "boot-file-unreadable",
    "bridge-forward-delay",
)
# The commands of a section, one after the other, each with all that it prints.
_SECTION = r"(?<=<!-- real output: {name} -->\n```console\n).*?(?=```)"
_OF_THIS_HOST = re.compile(r"0x[0-9a-f]+|\b\d{8}T\d{6}Z-[0-9a-f]{4}|\d+")


@pytest.mark.parametrize("name", FAULTS)
def test_a_newcomer_sees_what_the_page_shows(name: str) -> None:
    case = next(case for case in cases() if case.name == name)
    with open_site() as site:
        case.build(site)
        case.inject(site)
        said = "".join(_said(site, words) for words in _walk(site))
    text, section = PAGE.read_text(encoding="utf-8"), re.compile(_SECTION.format(name=name), re.DOTALL)
    assert section.search(text), f"docs/first-steps.md has no section of {name}"
    if os.environ.get("PXEDOCTOR_WRITE_GOLDEN"):
        PAGE.write_text(section.sub(lambda _: said, text), encoding="utf-8")
        pytest.fail("first-steps.md written; look at it and run again without PXEDOCTOR_WRITE_GOLDEN")
    assert [_words(found) for found in section.findall(text)] == [_words(said)]


def _walk(site: Site) -> tuple[tuple[str, ...], ...]:
    """What somebody types who knows nothing but the guest's name."""
    return (("diagnose", "web01"), ("fix", "web01", "--apply", "--yes"), ("undo",))


def _said(site: Site, words: tuple[str, ...]) -> str:
    done = site.ask("env", "-u", "COLUMNS", sys.executable, "-m", "pxedoctor", *words)
    assert len(site.tag) == len(TAG)
    return f"$ pxedoctor {' '.join(words)}\n" + (done.stdout + done.stderr).replace(site.tag, TAG)


def _words(text: str) -> list[str]:
    return sorted(_OF_THIS_HOST.sub("N", text).split())
