"""Understands the first line of what a program says of its version: the first word that begins as a number does."""

import re

from pxedoctor.access.answer import Answers, run_question
from pxedoctor.collect.ask.versions import VERSIONS
from pxedoctor.collect.texts import text_of
from pxedoctor.model.fact import Missing

# "iproute2-6.1.0", "v1.0.6", "2.90", "8.0.2+dfsg", "252 (252.39-1)"; "iproute2" itself is a name and no number.
_VERSION = r"(?<![A-Za-z\d.])v?(\d+(?:\.\d+)*\S*)"


def parse(answers: Answers) -> dict[str, str] | Missing:
    """Program to version; a program that is not installed, or did not tell, is no key."""
    told: dict[str, str] = {}
    for name, argv in VERSIONS.items():
        first = (text_of(answers, run_question(argv)) or "").partition("\n")[0]
        version = re.search(_VERSION, first)
        if version:
            told[name] = version.group(1).rstrip(",;")
    return told or Missing("absent", "no program told its version")
