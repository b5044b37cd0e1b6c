"""The questions that are put to nft, and what of its answers decides what to ask next.

1. `nft list chains` costs milliseconds on every host, and so does one chain; `nft list tables` and `nft list ruleset`
   take minutes on a large one. So chains first, then only those that a packet can reach: base chains, the chains that
   they name, and the sets and maps.
2. nft makes one command of all its words, so a name with a `;` in it would be a second command: only names that nft's
   own grammar knows (src/scanner.l, `string`) are ever handed to it.
"""

import json
import re
from collections.abc import Callable

from pxedoctor.access.answer import Answer, Text

CHAINS = ("nft", "-a", "list", "chains")
# What others save (sos, people); never asked of a live host.
RULESETS = (("nft", "-a", "list", "ruleset"), ("nft", "list", "ruleset"))
# include/uapi/linux/netfilter/nf_tables.h
DORMANT = 0x1
ANONYMOUS, MAP = 0x1, 0x8
_FLAG_DIGITS = 10
_NAME = r"(?a)[A-Za-z_.][\w./-]*"
_JUMP = r"(?a)\b(?:jump|goto) \"?([A-Za-z_.][\w./-]*)"
_SET = r"(?a)@([A-Za-z_.][\w./-]*)"

Find = Callable[[str], set[str]]
Key = tuple[str, str]  # family, name of a table
Declared = dict[Key, dict[str, bool]]  # of each table: chain -> whether it is a base chain
Sets = dict[Key, dict[str, int]]  # of each table: set or map -> its flags


def table(family: str, name: str) -> tuple[str, ...]:
    return ("nft", "-a", "list", "table", family, name)


def chain(family: str, table: str, name: str) -> tuple[str, ...]:
    return ("nft", "-a", "list", "chain", family, table, name)


def named_set(family: str, table: str, name: str, flags: int) -> tuple[str, ...]:
    return ("nft", "-a", "list", "map" if flags & MAP else "set", family, table, name)


def can_be_asked(*names: str) -> bool:
    return all(re.fullmatch(_NAME, name) for name in names)


def declared(text: str) -> Declared:
    """What `nft list chains` prints: `table F T {`, in it `chain C {`, in it `type ... hook ...` in a base chain."""
    found: Declared = {}
    chains: dict[str, bool] = {}
    name = ""
    for line in text.splitlines():
        words = line.split()
        match words:
            case ["table", family, owner, "{", *_] if not line.startswith("\t"):
                chains = found.setdefault((family, owner), {})
            case ["chain", name, "{", *_]:
                chains[name] = False
            case ["chain", *_]:
                name = ""
            case ["type", *_] if "hook" in words and name in chains:
                chains[name] = True
    return found


def dormant(answer: Answer) -> frozenset[Key]:
    """The tables that hook nothing, by a dump of tables."""
    return frozenset((family, name) for family, name, flags in _lines(answer, 3) if number(flags) & DORMANT)


def sets_of(answer: Answer) -> Sets:
    """Each table's sets and maps with their flags, by a dump of sets; those that a rule holds itself are among them."""
    found: Sets = {}
    for family, owner, name, flags in _lines(answer, 4):
        found.setdefault((family, owner), {})[name] = number(flags)
    return found


def is_anonymous(flags: int) -> bool:
    return bool(flags & ANONYMOUS)


def chains_named_in(text: str) -> set[str]:
    """The chains that a listing of chains or maps names; words of a comment may be among them."""
    # The plain words first: the pattern takes 50 times as long, and most chains name none.
    return set(re.findall(_JUMP, text)) if "jump " in text or "goto " in text else set()


def sets_named_in(text: str) -> set[str]:
    return set(re.findall(_SET, text))


def _lines(answer: Answer, length: int) -> list[list[str]]:
    return [words for words in words_of(answer) if len(words) == length]


def words_of(dumped: Answer) -> list[list[str]]:
    """A dump's lines; one that is none of ours is empty."""
    return [_words(line) for line in dumped.text.splitlines()] if isinstance(dumped, Text) else []


def _words(line: str) -> list[str]:
    try:
        words = json.loads(line)
    except (ValueError, RecursionError):
        return []
    return [str(word) for word in words] if isinstance(words, list) else []


def number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _FLAG_DIGITS else 0
