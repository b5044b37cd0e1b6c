"""Rules as they stand in configuration files: what each file says, with its line, in a form that can be compared.

A rule is a set of words that have the same order and spelling however it was written; a rule of the kernel is found in
a file where both sets are equal. A file that says it otherwise is not found: never the wrong file, at times none.
"""

import msgspec

Words = frozenset[str]


class FiledRule(msgspec.Struct, frozen=True, kw_only=True):
    """`family` ip, ip6, inet, ...; `table` and `chain` as the kernel names them."""

    family: str
    table: str
    chain: str
    words: Words
    line: int


class FiledPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a packet at the end of a base chain; `policy` in lower case."""

    family: str
    table: str
    chain: str
    policy: str
    line: int


Filed = FiledRule | FiledPolicy
