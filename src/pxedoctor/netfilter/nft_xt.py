"""Extensions of xtables in rules of iptables-nft and its kin, of which nft prints the name, a comment, or nothing.

Parameters are only in what the program itself saves. iptables-nft writes matches, a counter, and then the target: so
one of which not even the kind is printed is a match where a counter is still to come.
"""

from collections.abc import Callable
from typing import Literal

from pxedoctor.netfilter.condition import Always, Unmodelled
from pxedoctor.netfilter.nft_reading import Part, Reading
from pxedoctor.netfilter.nft_words import HIDDEN, NotUnderstoodError
from pxedoctor.netfilter.syntax import End, Ends, Fill, GoesOn, Rewrite, Strange

# Targets that do the same whatever their parameters are (iptables-extensions(8)).
_REWRITES: dict[str, Literal["source", "destination"]] = {
    "MASQUERADE": "source",
    "SNAT": "source",
    "DNAT": "destination",
    "REDIRECT": "destination",
}
_HARMLESS = frozenset({"LOG", "NFLOG", "TRACE", "AUDIT", "TCPMSS", "TOS", "DSCP", "CLASSIFY"})
_WATCHERS = frozenset({"log", "nflog"})


def _named(reading: Reading) -> None:
    """`xt match "hashlimit"`, `xt target CHECKSUM`, `xt watcher "log"`."""
    words = reading.words
    words.take()
    kind, name = words.take(), words.take().strip('"')
    if kind not in {"match", "target", "watcher"}:
        raise NotUnderstoodError(f"xt {kind}")
    reading.add([extension(kind, name, reading.text)])


def extension(kind: str, name: str, text: str) -> Part:
    """The few whose parameters change nothing for us; the others are not modelled."""
    if kind == "match":
        return Always(text=text) if name == "comment" else Unmodelled(text)
    if name == "CHECKSUM":
        return Fill()
    if name == "REJECT":
        return End(Ends.REJECT)
    if name in _REWRITES:
        return Rewrite(_REWRITES[name], text)
    harmless = name in _HARMLESS or (kind == "watcher" and name.lower() in _WATCHERS)
    return GoesOn(text) if harmless else Strange(text)


def veiled(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of a rule from which extensions may be missing: matches before its counter, a target after it."""
    counters = [at for at, part in enumerate(parts) if isinstance(part, GoesOn) and part.text.startswith("counter")]
    if not counters:
        return parts
    at = counters[0]
    target: tuple[Part, ...] = (Strange(HIDDEN),) if at == len(parts) - 1 else ()
    return (*parts[:at], Unmodelled(HIDDEN), *parts[at:], *target)


def _in_a_comment(reading: Reading) -> None:
    """`# xt_recent` of an nft without libxtables; `# CHECKSUM fill` as iptables itself lists it."""
    words = reading.words
    is_match = reading.will_be_counted and not reading.is_counted
    words.take()
    if words.next.startswith("xt_"):
        name = words.take().removeprefix("xt_")
        reading.add([extension("match" if is_match else "target", name, reading.text)])
        return
    name = words.next
    if is_match:
        while words.next != "counter":
            words.take()
    else:
        words.rest()
    reading.add([extension("match" if is_match else "target", name, reading.text)])


def _hidden(reading: Reading) -> None:
    words = reading.words
    is_match = reading.will_be_counted and not reading.is_counted
    text = words.take()
    reading.add([Unmodelled(text) if is_match else Strange(text)])


XT: dict[str, Callable[[Reading], None]] = {"xt": _named, "#": _in_a_comment, HIDDEN: _hidden}
