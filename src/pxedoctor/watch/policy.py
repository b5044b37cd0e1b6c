"""What the keeper may do about a cause: tell, repair, or repair once and then tell. A file says so, or nobody does.

# /etc/pxedoctor/keeper.toml
default = "tell"                        # tell | repair | repair-once
rounds = 5                              # repairs of one thing within `window` seconds before it is called a fight
window = 60.0
edit_files = false                      # true: also what makes a repair last, in nftables.conf, rules.v4, ...
days = 365                              # events older than this are forgotten
hook = ["/usr/local/bin/page-me"]       # run for every event, which it reads as JSON on its standard input

[causes]
libvirt-rules-missing = "repair"
"""

import tomllib
from collections.abc import Iterable
from enum import StrEnum

import msgspec

PATH = "/etc/pxedoctor/keeper.toml"
_MOST_ROUNDS = 100
_LONGEST_WINDOW = 86400.0
# Ten years: a date so far back is one in any calendar.
_MOST_DAYS = 3650


class PolicyError(Exception):
    """The policy cannot be obeyed as it stands: what, where, and what would help."""

    def __init__(self, message: str, would_help: str) -> None:
        super().__init__(message)
        self.message = message
        self.would_help = would_help


class Rule(StrEnum):
    TELL = "tell"
    REPAIR = "repair"
    REPAIR_ONCE = "repair-once"


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`allow_risky`: also repairs by which something may be lost. `causes`: by name.

    `edit_files`: also the steps that change nothing now and make a repair last, in files of whoever owns it.
    `days`: how long an event is kept.
    """

    default: Rule = Rule.TELL
    causes: dict[str, Rule] = {}
    allow_risky: bool = False
    edit_files: bool = False
    rounds: int = 5
    window: float = 60.0
    days: int = 365
    hook: tuple[str, ...] = ()
    mail: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.rounds <= _MOST_ROUNDS:
            raise ValueError(f"rounds is between 1 and {_MOST_ROUNDS}, not {self.rounds}")
        if not 1 <= self.window <= _LONGEST_WINDOW:
            raise ValueError(f"window is between 1 and {_LONGEST_WINDOW:.0f} seconds, not {self.window}")
        if not 1 <= self.days <= _MOST_DAYS:
            raise ValueError(f"days is between 1 and {_MOST_DAYS}, not {self.days}")

    def rule(self, cause: str) -> Rule:
        return self.causes.get(cause, self.default)


def parse(text: str, path: str, names: frozenset[str]) -> Policy:
    """`names`: of all causes. Raises PolicyError that names the place."""
    try:
        told = tomllib.loads(text)
        _known(path, "setting", told, Policy.__struct_fields__, "pxedoctor watch --help shows an example")
        policy = msgspec.convert(told, Policy)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        rules = f"; a rule is {', '.join(Rule)}" if "enum" in str(error) else ""
        raise PolicyError(f"{path}: {error}{rules}", "pxedoctor watch --help shows an example") from error
    _known(path, "cause", policy.causes, names, "pxedoctor list shows their names")
    return policy


def _known(path: str, what: str, told: Iterable[str], names: Iterable[str], would_help: str) -> None:
    """Raises PolicyError for the first that has none of the names, with the nearest one."""
    import difflib

    known = sorted(names)
    for name in told:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"; {near[0]} is one" if near else ""
            raise PolicyError(f"{path}: there is no {what} {name!r}{meant}", would_help)
