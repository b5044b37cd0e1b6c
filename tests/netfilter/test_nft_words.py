"""A rule of an nft listing as words: quotes, commas, braces, and what nft did not print."""

import pytest

from pxedoctor.netfilter.nft_words import (
    HIDDEN,
    NotUnderstoodError,
    Words,
    rule_words,
    spaced,
    without_comment,
    without_handle,
    words_of,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("udp dport 67 accept", ["udp", "dport", "67", "accept"]),
        ("udp dport { 67, 68 }", ["udp", "dport", "{", "67", ",", "68", "}"]),
        ("ct state established,related", ["ct", "state", "established,related"]),
        ("tcp flags & (fin | syn) == syn", ["tcp", "flags", "&", "(", "fin", "|", "syn", ")", "==", "syn"]),
        ('iifname { "a b", "c*" }', ["iifname", "{", '"a b"', ",", '"c*"', "}"]),
        ('meta hour "10:00"-"12:00"', ["meta", "hour", '"10:00"-"12:00"']),
        ("dnat to [fd00::1]:80", ["dnat", "to", "[fd00::1]:80"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words
    assert spaced(words) == text


def test_a_quotation_that_does_not_end_is_no_word() -> None:
    with pytest.raises(NotUnderstoodError):
        words_of('log prefix "x')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("counter  drop", ["counter", HIDDEN, "drop"]),
        ("counter   drop", ["counter", HIDDEN, HIDDEN, "drop"]),
        (" counter", [HIDDEN, "counter"]),
        ("counter ", ["counter", HIDDEN]),
        ('log prefix "a  b "', ["log", "prefix", '"a  b "']),
        ('log prefix "a"  drop', ["log", "prefix", '"a"', HIDDEN, "drop"]),
    ],
)
def test_a_second_space_is_a_statement_that_was_not_printed(text: str, words: list[str]) -> None:
    assert rule_words(text) == words


def test_handles_and_comments_stand_at_the_end() -> None:
    assert without_handle("drop # handle 7") == ("drop", 7)
    assert without_handle('drop comment "# handle 7"') == ('drop comment "# handle 7"', None)
    assert without_handle("drop # handle x") == ("drop # handle x", None)
    assert without_comment('drop comment "a comment "b""') == ("drop", 'a comment "b"')
    assert without_comment('ip saddr { 1.1.1.1 comment "x" } drop') == ('ip saddr { 1.1.1.1 comment "x" } drop', "")
    assert without_comment('log prefix "a comment " drop') == ('log prefix "a comment " drop', "")
    assert without_comment('comment "only"') == ("", "only")


def test_words_are_taken_one_after_the_other() -> None:
    words = Words(["a", "{", "b", "{", "c", "}", "}", "d"])
    assert words.next == "a"
    assert words.ahead(2) == "b"
    assert not words.take_if("b")
    words.take()
    assert words.braces() == ["b", "{", "c", "}"]
    assert words.text_since(0) == "a { b { c } }"
    assert words.coming() == ["d"]
    assert words.rest() == ["d"]
    assert not words
    assert words.next == ""
    assert words.ahead(4) == ""
    with pytest.raises(NotUnderstoodError):
        words.take()


def test_braces_that_do_not_close_are_not_understood() -> None:
    with pytest.raises(NotUnderstoodError):
        Words(["{", "a", "{", "}"]).braces()
