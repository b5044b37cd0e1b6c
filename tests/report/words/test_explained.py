"""A saying as a person reads it, and as a program does."""

from golden import same_as_golden
from pxedoctor.checks import CHECKS
from pxedoctor.report import json
from pxedoctor.report.style import Style
from pxedoctor.report.words.explained import render_sayings, sayings_document
from pxedoctor.report.words.table import understood


def test_likely_causes_in_order_and_the_command_that_decides() -> None:
    same_as_golden("explain-saying", render_sayings(understood("PXE-E53"), CHECKS, Style()))


def test_what_no_host_has_a_part_in_has_advice_and_no_causes() -> None:
    text = render_sayings(understood("PXE-E68"), CHECKS, Style(width=200))
    assert "likely causes" not in text
    assert "then: give the guest another NIC model" in text


def test_as_json() -> None:
    text = json.encode(sayings_document("PXE-E53", understood("PXE-E53"), CHECKS))
    assert '"type":"sayings"' in text
    assert '"code":"DS009"' in text
