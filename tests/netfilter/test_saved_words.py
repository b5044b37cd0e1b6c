"""A saved rule's words: a quoted word keeps its spaces, and is never taken for an option."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.netfilter.saved_words import plain, shown, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-A INPUT  -j DROP ", ["-A", "INPUT", "-j", "DROP"]),
        ('--comment "a b" -j', ["--comment", '"a b', "-j"]),
        ('--comment "" -j', ["--comment", '"', "-j"]),
        ('--comment "-j ACCEPT"', ["--comment", '"-j ACCEPT']),
        (r'--comment "it\'s \"so\" \\"', ["--comment", '"it\'s "so" \\']),
        ('x"y "a b"', ['x"y', '"a b']),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize("text", ['"', 'a "b', '"a" "b', r'"a\"', 'x"y "a'])
def test_a_quote_that_is_not_closed(text: str) -> None:
    with pytest.raises(ValueError, match="not closed"):
        words_of(text)


def test_the_quote_is_no_part_of_the_value() -> None:
    assert plain('"a b') == "a b"
    assert plain("ab") == "ab"
    assert shown(["--comment", '"a b', "-j"]) == '--comment "a b" -j'


@given(st.lists(st.text(alphabet=st.characters(exclude_characters='"\\', exclude_categories=["C", "Z"]), min_size=1)))
def test_words_without_quotes_are_what_stands_between_spaces(words: list[str]) -> None:
    assert words_of(" ".join(words)) == words


@given(st.lists(st.text(alphabet='ab -"\\\t!', max_size=5)))
def test_whatever_is_quoted_comes_back(values: list[str]) -> None:
    text = " ".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    assert [plain(word) for word in words_of(text)] == values
