"""Sections and entries, as NetworkManager and systemd write them."""

from pxedoctor.plans.owners.ini import value, with_entry

TEXT = "# head\n[a]\nk = 1\n; k=2\n[b]\nk=3\n[a]\nl=4\n"


def test_a_section_may_come_twice_and_the_last_entry_counts() -> None:
    assert (value(TEXT, "a", "k"), value(TEXT, "a", "l"), value(TEXT, "b", "k")) == ("1", "4", "3")
    assert value(f"{TEXT}k=9\n", "a", "k") == "9"
    assert value(TEXT, "c", "k") is None


def test_an_entry_is_changed_in_its_place_with_its_gaps() -> None:
    assert with_entry(TEXT, "a", "k", "7") == TEXT.replace("k = 1", "k = 7")


def test_a_new_entry_stands_behind_its_section() -> None:
    assert with_entry(TEXT, "b", "m", "5") == TEXT.replace("k=3\n", "k=3\nm=5\n")
    assert with_entry("[a]\n\n[b]\n", "a", "m", "5") == "[a]\nm=5\n\n[b]\n"
    assert with_entry("[a]\nk=1", "c", "m", "5") == "[a]\nk=1\n\n[c]\nm=5\n"


def test_what_goes_on_in_the_next_line_is_left_alone() -> None:
    text = "[a]\nk=1 \\\nk=2\n"
    assert value(text, "a", "k") == "1 \\"
    assert with_entry(text, "a", "k", "7") is None
