"""YAML as nodes: words as they are written, and errors in words."""

import pytest

from pxedoctor.plans.owners.yaml import NotYamlError, composed

TEXT = "a:\n  b: yes # really\n  c: ['1', 2]\n'd': &x {e: 0x10}\nf: *x\na2: 1\n"


def test_words_are_as_they_are_written() -> None:
    root = composed(TEXT)
    assert root is not None
    assert (root.word("a", "b"), root.word("f", "e"), root.word("a"), root.word("no", "such")) == (
        "yes",
        "0x10",
        None,
        None,
    )
    found = root.at("a", "b")
    scalar = found.scalar() if found else None
    assert scalar is not None
    assert (scalar.line, TEXT[scalar.start : scalar.end]) == (2, "yes")
    listed = root.at("a", "c")
    assert listed is not None
    assert [node.line for node in listed.sequence()] == [3, 3]
    assert root.sequence() == []


def test_nothing_at_all() -> None:
    assert composed("") is None
    assert composed("# only a comment\n") is None


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\x00", "*x"])
def test_what_is_no_yaml_is_told(text: str) -> None:
    with pytest.raises(NotYamlError):
        composed(text)


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "a: [" + "[]," * 9 + "[" * 101])
def test_what_is_nested_too_deep_is_told_before_it_costs_time(text: str) -> None:
    with pytest.raises(NotYamlError, match="more than 100 brackets are open"):
        composed(text)


def test_many_lists_beside_each_other_are_not_deep() -> None:
    root = composed("a: [" + "[1, 2], " * 300 + "]")

    assert root is not None
    found = root.at("a")
    assert found is not None
    assert len(found.sequence()) == 300
