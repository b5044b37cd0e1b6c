"""YAML as a tree of nodes with their places, never as Python's values: what a reader calls true is the reader's matter.

The composer alone runs, no constructor: a hostile text makes no objects. What it cannot compose is an error in words.
"""

import re
from typing import Any

import msgspec

# Deeper flow style than any reader's file; of each level the composer asks at every word, so deep is slow.
_MOST_NESTED = 100


class Scalar(msgspec.Struct, frozen=True, kw_only=True):
    """A plain or quoted word. `line` from 1; `start` and `end` are places in the text."""

    value: str
    line: int
    start: int
    end: int


class NotYamlError(Exception):
    """The text is no YAML, with the composer's own words."""


class Node:
    """One node of a document; asking it for what it has not gives None."""

    def __init__(self, node: Any) -> None:
        self._node = node

    @property
    def line(self) -> int:
        return int(self._node.start_mark.line) + 1

    def at(self, *keys: str) -> "Node | None":
        """The node behind mapping keys, one after the other. Of a key that is given twice the last."""
        node = self
        for key in keys:
            found = [value for name, value in node.items() if name == key]
            if not found:
                return None
            node = found[-1]
        return node

    def items(self) -> "list[tuple[str, Node]]":
        """Of a mapping, in order; of anything else none."""
        if type(self._node).__name__ != "MappingNode":
            return []
        return [(str(key.value), Node(value)) for key, value in self._node.value if type(key).__name__ == "ScalarNode"]

    def sequence(self) -> "list[Node]":
        return [Node(value) for value in self._node.value] if type(self._node).__name__ == "SequenceNode" else []

    def scalar(self) -> Scalar | None:
        if type(self._node).__name__ != "ScalarNode":
            return None
        start, end = self._node.start_mark, self._node.end_mark
        return Scalar(value=str(self._node.value), line=self.line, start=start.index, end=end.index)

    def word(self, *keys: str) -> str | None:
        node = self.at(*keys)
        scalar = node.scalar() if node else None
        return scalar.value if scalar else None


def composed(text: str) -> Node | None:
    """The first document's root; None for an empty text. Raises NotYamlError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if _nested(text) > _MOST_NESTED:
        raise NotYamlError(f"more than {_MOST_NESTED} brackets are open within each other")
    try:
        node = YAML(typ="rt", pure=True).compose(text)
    except (YAMLError, ValueError, RecursionError, AttributeError, TypeError, IndexError) as error:
        words = str(error).splitlines()
        raise NotYamlError(words[0] if words else type(error).__name__) from error
    return None if node is None else Node(node)


def _nested(text: str) -> int:
    """How many brackets are open at once, at most; those in quotes and comments are counted as well."""
    deepest = depth = 0
    for mark in re.findall(r"[\[\]{}]", text):
        depth = depth + 1 if mark in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest
