"""What a way back meets in a definition: what pxedoctor wrote, what was there before, or what somebody wrote since.

The editing itself: tests/plans/test_definition_text.py.
"""

import pytest

from pxedoctor.apply.definition import granted
from pxedoctor.apply.error import NotGrantedError
from pxedoctor.plans.request import EditDefinition, taking_back

NETWORK = "<network>\n  <name>lab</name>\n  <bridge name='virbr0' stp='on' delay='15'/>\n</network>\n"


def test_what_somebody_changed_since_is_not_taken_back() -> None:
    back = taking_back(
        EditDefinition("network", "lab", "/network", "bridge", (("delay", "15"),)),
        EditDefinition("network", "lab", "/network", "bridge", (("delay", "2"),)),
    )
    assert granted(NETWORK, back) == NETWORK
    assert granted(NETWORK.replace("delay='15'", "delay='2'"), back) == NETWORK
    theirs = NETWORK.replace("delay='15'", "delay='20'")
    assert theirs != NETWORK
    with pytest.raises(NotGrantedError, match="delay of <bridge> in network lab is '20' now, not '2': somebody"):
        granted(theirs, back)
    gone = NETWORK.replace(" delay='15'", "")
    with pytest.raises(NotGrantedError, match="is nothing now, not '2'"):
        granted(gone, back)


def test_a_text_that_cannot_be_edited_is_refused_with_the_reason() -> None:
    with pytest.raises(NotGrantedError, match="network lab has not exactly one /network/bridge"):
        granted(NETWORK.replace("bridge", "bond"), EditDefinition("network", "lab", "/network/bridge", "x", ()))
