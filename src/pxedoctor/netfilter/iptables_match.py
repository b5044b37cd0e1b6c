"""The matches of iptables and ip6tables: words to the conditions that they mean to the kernel.

`base` is what needs no module (-i, -s, -p, ...); `of_module` the options behind one -m. A word that is not understood
becomes `Unmodelled` with the words that go with it: none is passed over.
"""

from collections.abc import Callable
from functools import lru_cache

from pxedoctor.netfilter.condition import Always, Condition, Name, Number, ReversePath, Unmodelled
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.iptables_module import MODULES
from pxedoctor.netfilter.iptables_use import Use, device, uses_of
from pxedoctor.netfilter.saved_values import Ip, network, protocol
from pxedoctor.netfilter.saved_words import plain, shown


def _in(value: str, negated: bool, family: Ip) -> Condition:
    del family
    return Name(Field.IN_NAME, (device(value),), negated)


def _out(value: str, negated: bool, family: Ip) -> Condition:
    del family
    return Name(Field.OUT_NAME, (device(value),), negated)


def _source(value: str, negated: bool, family: Ip) -> Condition:
    values, mask = network(value, family)
    return Number(Field.SOURCE4 if family == "ip" else Field.SOURCE6, (values,), negated, mask)


def _destination(value: str, negated: bool, family: Ip) -> Condition:
    values, mask = network(value, family)
    return Number(Field.DESTINATION4 if family == "ip" else Field.DESTINATION6, (values,), negated, mask)


def _protocol(value: str, negated: bool, family: Ip) -> Condition:
    del family
    number = protocol(value)
    if number == 0:
        return Always(not negated, f"-p {value}")
    return Number(Field.PROTOCOL, ((number, number),), negated)


BASE: dict[str, Callable[[str, bool, Ip], Condition]] = {
    "-i": _in,
    "-o": _out,
    "-s": _source,
    "-d": _destination,
    "-p": _protocol,
}


# The same few words stand in most rules of a large listing.
@lru_cache(maxsize=16384)
def base(option: str, value: str, negated: bool, family: Ip) -> Condition:
    """`option` is a key of BASE."""
    try:
        return BASE[option](plain(value), negated, family)
    except ValueError:
        return Unmodelled(shown([*(["!"] if negated else []), option, value]))


def fragment(negated: bool) -> Condition:
    """-f: every fragment but the first."""
    return Number(Field.FRAGMENT, ((0, 0),) if negated else ((1, 0x1FFF),))


@lru_cache(maxsize=16384)
def of_module(module: str, words: tuple[str, ...], family: Ip) -> tuple[Condition, ...]:
    """What the words behind `-m module` say."""
    whole = Unmodelled(shown(["-m", module, *words]))
    if module == "rpfilter":
        return (_reverse_path(words, whole),)
    options = MODULES.get("conntrack --ctstate" if module == "conntrack" and "--ctstate" in words else module)
    if options is None:
        return (whole,)
    try:
        uses = uses_of(module, words, family)
    except ValueError:
        return (whole,)
    found: list[Condition] = []
    for use in uses:
        found += _conditions(use, options.get(use.option))
    return tuple(found)


def _conditions(use: Use, build: Callable[[Use], tuple[Condition, ...]] | None) -> tuple[Condition, ...]:
    if build is None:
        return (Unmodelled(use.text),)
    try:
        return build(use)
    except (KeyError, ValueError):
        return (Unmodelled(use.text),)


# None of them changes what is certain about the match (`ReversePath`).
_REVERSE_PATH_OPTIONS = frozenset({"--loose", "--validmark", "--accept-local", "--invert"})


def _reverse_path(words: tuple[str, ...], whole: Unmodelled) -> Condition:
    if not _REVERSE_PATH_OPTIONS.issuperset(words):
        return whole
    return ReversePath("--invert" in words, whole.text)
