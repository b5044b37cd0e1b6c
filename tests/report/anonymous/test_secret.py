"""What is made of a key is the same for the same key, and tells nothing of what it was made of."""

from hypothesis import given
from hypothesis import strategies as st

from pxedoctor.report.anonymous.secret import digest, permuted, word


def test_parts_do_not_run_into_each_other() -> None:
    assert digest(b"k", b"ab", b"c") != digest(b"k", b"a", b"bc")


def test_words_differ_by_kind_key_and_name() -> None:
    told = {word(b"k", "guest", "a"), word(b"k", "host", "a"), word(b"l", "guest", "a"), word(b"k", "guest", "b")}
    assert len(told) == 4
    assert word(b"k", "guest", "a") == word(b"k", "guest", "a")
    assert word(b"k", "guest", "a", 8).startswith(word(b"k", "guest", "a"))


def test_no_two_values_become_one() -> None:
    told = {permuted(b"k", "t", value, 12) for value in range(1 << 12)}
    assert told == set(range(1 << 12))


@given(st.integers(0, (1 << 24) - 1), st.integers(0, (1 << 24) - 1))
def test_a_value_has_one_other(one: int, two: int) -> None:
    assert (permuted(b"k", "mac", one, 24) == permuted(b"k", "mac", two, 24)) is (one == two)
