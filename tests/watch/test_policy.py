"""The policy file: what it may say, and how it is told that it says nonsense."""

import pytest

from pxedoctor.watch.causes import cause_names
from pxedoctor.watch.policy import Policy, PolicyError, Rule, parse

NAMES = frozenset({"libvirt-rules-missing"})


def complaint(text: str) -> str:
    with pytest.raises(PolicyError) as caught:
        parse(text, "keeper.toml", NAMES)
    return caught.value.message


def test_without_a_word_everything_is_only_told() -> None:
    assert parse("", "keeper.toml", NAMES) == Policy()
    assert Policy().rule("libvirt-rules-missing") is Rule.TELL


def test_files_are_edited_only_by_a_word_of_its_own() -> None:
    assert not parse('default = "repair"\nallow_risky = true', "keeper.toml", NAMES).edit_files
    assert parse("edit_files = true", "keeper.toml", NAMES).edit_files


def test_a_cause_may_have_a_rule_of_its_own() -> None:
    policy = parse('[causes]\nlibvirt-rules-missing = "repair-once"\n', "keeper.toml", NAMES)
    assert policy.rule("libvirt-rules-missing") is Rule.REPAIR_ONCE


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("rounds = \n", "line 1"),
        ("rounds = 0", "between 1 and 100"),
        ("window = -1.0", "window"),
        ("days = 0", "between 1 and 3650"),
        ('edit_files = "yes"', "edit_files"),
        ('default = "heal"', "heal"),
        ('default = "heal"', "a rule is tell, repair, repair-once"),
        ("colour = 1", "there is no setting 'colour'"),
        ("round = 1", "there is no setting 'round'; rounds is one"),
        (
            '[causes]\nlibvirt-rules-mising = "repair"',
            "there is no cause 'libvirt-rules-mising'; libvirt-rules-missing is one",
        ),
    ],
)
def test_nonsense_is_named_with_its_place(text: str, names: str) -> None:
    told = complaint(text)
    assert told.startswith("keeper.toml")
    assert names in told


def test_the_names_without_importing_are_those_of_the_checks() -> None:
    from pxedoctor.checks import CHECKS

    assert cause_names() == {check.META.name for check in CHECKS}
