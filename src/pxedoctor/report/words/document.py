"""What `explain --json` prints of a saying, as types."""

import msgspec


class LikelyDocument(msgspec.Struct):
    code: str
    name: str
    title: str


class SayingDocument(msgspec.Struct):
    """What a program meant by its words; `causes`: the likeliest first; `decide`: the command that tells them apart."""

    speaker: str
    meaning: str
    causes: list[LikelyDocument]
    decide: str
    advice: str
    source: str


class SayingsDocument(msgspec.Struct, tag_field="type", tag="sayings"):
    """What `explain --json` prints of a firmware's code or a line of a log."""

    schema_version: int
    words: str
    sayings: list[SayingDocument]
