"""One rule of ebtables-save, `-A CHAIN ...`, to its parts. Never an error: what is not understood says so.

ebtables prints no module names: an option with its values is a group, with a `!` before it or behind it.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal

from pxedoctor.netfilter.condition import Condition, Unmodelled
from pxedoctor.netfilter.ebtables_match import OPTIONS
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.iptables_target import mark_bits
from pxedoctor.netfilter.saved_use import Use, conditions
from pxedoctor.netfilter.saved_words import plain, shown, words_of
from pxedoctor.netfilter.syntax import Action, End, Ends, GoesOn, Jump, Rewrite, Rule, Strange, WriteMark

Parts = tuple[Condition | Action, ...]

# Watchers (net/bridge/netfilter/ebtables.c ebt_do_watcher): they give no verdict.
_WATCHES = frozenset({"--log", "--log-level", "--log-prefix", "--log-ip", "--log-ip6", "--log-arp"})
_WATCHES_TOO = ("--nflog", "--ulog")
_ENDS = {"ACCEPT": Ends.ACCEPT, "DROP": Ends.DROP, "RETURN": Ends.RETURN, "CONTINUE": Ends.CONTINUE}
_TARGETS = frozenset({*_ENDS, "mark", "snat", "dnat", "redirect", "arpreply"})


class EbtablesReader:
    """The `syntax.RuleReader` of one table. `broutes`: in table broute a dropped frame is routed instead of bridged."""

    def __init__(self, chains: frozenset[str], broutes: bool) -> None:
        self._chains = chains
        self._broutes = broutes

    def __call__(self, chain: str, line: int, text: str) -> Rule:
        try:
            words = words_of(text)
        except ValueError:
            return Rule(chain=chain, line=line, text=text, parts=(Unmodelled(text), Strange(text)))
        at = words.index("-j") if "-j" in words else len(words)
        parts: list[Condition | Action] = []
        comment = ""
        for group in groups_of(words[2:at]):
            if group[0] == "--comment" and len(group) == 2:
                comment = plain(group[1])
            else:
                parts += _of_group(tuple(group))
        # A word that belongs to nothing may be what is left of a target.
        parts += (Strange(text),) if at == len(words) and is_lost(parts) else self._actions(tuple(words[at:]))
        return Rule(chain=chain, line=line, text=text, parts=tuple(parts), comment=comment)

    def _actions(self, words: tuple[str, ...]) -> tuple[Action, ...]:
        """`words` from -j on; none: the rule only counts and watches."""
        if not words:
            return ()
        name = plain(words[1]) if len(words) > 1 else ""
        if name in self._chains:
            known = len(words) == 2 and name not in _TARGETS
            return (Jump(name),) if known else (Strange(shown(words)),)
        actions = _of_target(name, words)
        if self._broutes and End(Ends.DROP) in actions:
            return (Strange(f"{shown(words)} in table broute: the frame is routed, not bridged"),)
        return actions


def is_lost(parts: list[Condition | Action]) -> bool:
    """Whether a word stands in a rule that belongs to no option."""
    return any(isinstance(part, Unmodelled) and not part.text.startswith(("-", "! -")) for part in parts)


def groups_of(words: list[str]) -> Iterator[list[str]]:
    """An option with what belongs to it; a word before the first option is a group of its own."""
    group: list[str] = []
    for number, word in enumerate(words):
        negates = word == "!" and words[number + 1 : number + 2] and words[number + 1].startswith("-")
        if group and group != ["!"] and (negates or word.startswith("-")):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


@lru_cache(maxsize=4096)
def _of_group(words: tuple[str, ...]) -> Parts:
    use = use_of(words)
    if use is None:
        return (Unmodelled(shown(words)),)
    if (use.option in _WATCHES or use.option.startswith(_WATCHES_TOO)) and not use.negated:
        return (GoesOn(shown(words)),)
    if use.option == "-c" and len(use.values) == 2 and all(value.isdecimal() for value in use.values):
        return ()
    build = OPTIONS.get(use.option)
    return conditions(use, build) if build is not None else (Unmodelled(shown(words)),)


def use_of(words: tuple[str, ...]) -> Use | None:
    """One group: a `!` stands before its option or behind it. None where it stands elsewhere, or alone."""
    rest = tuple(word for word in words if word != "!")
    if not rest or len(words) - len(rest) > 1 or "!" in words[2:]:
        return None
    return Use(rest[0], tuple(plain(word) for word in rest[1:]), len(rest) < len(words))


# redirect prints its target only where it is not the default (extensions/libebt_redirect.c).
_DEFAULT = {"mark": "ACCEPT", "snat": "ACCEPT", "dnat": "ACCEPT", "redirect": "ACCEPT"}


@lru_cache(maxsize=1024)
def _of_target(name: str, words: tuple[str, ...]) -> tuple[Action, ...]:
    strange = Strange(shown(words))
    if name in _ENDS:
        return (End(_ENDS[name]),) if len(words) == 2 else (strange,)
    options = dict(zip(words[2::2], words[3::2], strict=False))
    verdict = _ENDS.get(options.pop(f"--{name}-target", _DEFAULT.get(name, "")))
    build = _BUILDERS.get(name)
    if build is None or verdict is None or len(words) % 2:
        return (strange,)
    try:
        return build(options, End(verdict), strange)
    except (KeyError, ValueError):
        return (strange,)


Builder = Callable[[dict[str, str], End, Strange], tuple[Action, ...]]


def _mark(options: dict[str, str], end: End, strange: Strange) -> tuple[Action, ...]:
    """ebt_mark.c."""
    del strange
    ((option, value),) = options.items()
    keep, flip = mark_bits(option.replace("--mark-", "--") + "-mark", value)
    return (WriteMark(Field.MARK, keep, flip), end)


def _rewrites(what: Literal["source", "destination"]) -> Builder:
    """ebt_snat.c, ebt_dnat.c, ebt_redirect.c write a MAC, and may go on with it: that is not modelled."""

    def build(options: dict[str, str], end: End, strange: Strange) -> tuple[Action, ...]:
        del options
        if end.verdict is Ends.DROP:
            return (end,)
        return (Rewrite(what, strange.text),) if end.verdict is Ends.ACCEPT else (strange,)

    return build


_BUILDERS: dict[str, Builder] = {
    "mark": _mark,
    "snat": _rewrites("source"),
    "dnat": _rewrites("destination"),
    "redirect": _rewrites("destination"),
}
