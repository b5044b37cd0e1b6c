"""The facts that are asked for before any check is imported are those that the checks need, neither more nor less."""

from pxedoctor.diagnose.always import ALWAYS, ASKED
from pxedoctor.diagnose.engine import needed_facts


def test_what_is_asked_at_once_is_what_checks_need_and_consult() -> None:
    assert needed_facts() == ASKED
    assert ALWAYS < ASKED
