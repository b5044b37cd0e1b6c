"""Reading XML of strangers."""

import time

import pytest

from pxedoctor.collect.xml import XmlError, attribute, children, root_of, text_at, tree_of


def test_a_tree() -> None:
    root = tree_of("<a b='1'><c>  d </c><c/></a>")
    assert attribute(root, ".", "b") == "1"
    assert text_at(root, "c") == "d"
    assert len(list(children(root, "c"))) == 2


def test_what_is_not_there_is_empty() -> None:
    root = tree_of("<a/>")
    assert (attribute(root, "x", "y"), attribute(None, ".", "y"), text_at(None, "x"), list(children(None, "x"))) == (
        "",
        "",
        "",
        [],
    )


def test_namespaces_are_set_aside() -> None:
    assert text_at(tree_of("<a xmlns='urn:1' xmlns:b='urn:2'><b:c>d</b:c></a>"), "c") == "d"


BILLION = (
    "<!DOCTYPE l [<!ENTITY a0 'lol'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "]><l>&a9;</l>"
)


@pytest.mark.parametrize(
    "text",
    [
        BILLION,
        "<!DOCTYPE l [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><l>&a;</l>",
        "<!DOCTYPE l [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'> %p;]><l/>",
        "<l>&nothing;</l>",
        "<l",
        "",
        "\0",
        "<a>" * 500_000,
        "<a " + " ".join(f"a{n}='1'" for n in range(1000)),
    ],
)
def test_bombs_and_rubbish(text: str) -> None:
    started = time.process_time()
    with pytest.raises(XmlError):
        tree_of(text)
    assert root_of(text) is None
    # One that goes off takes all memory and all day; a busy machine with coverage took six seconds for the others.
    assert time.process_time() - started < 60


def test_a_tree_that_is_deep_and_whole() -> None:
    depth = 50_000
    assert tree_of("<a>" * depth + "</a>" * depth).tag == "a"
