"""The matches of iptables and ip6tables: words to the conditions that they mean to the kernel.

`base` is what needs no module (-i, -s, -p, ...); `of_module` the options behind one -m. A word that is not understood
becomes `Unmodelled` with the words that go with it: none is passed over.
"""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from pxedoctor.netfilter.condition import AddressType, Always, Condition, Name, Number, ReversePath, Unmodelled
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.iptables_module import MODULES
from pxedoctor.netfilter.saved_use import Use, conditions, device
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
        uses = _uses(module, words, family)
    except ValueError:
        return (whole,)
    found: list[Condition] = []
    for use in uses:
        found += conditions(use, options.get(use.option))
    if module == "addrtype" and _LIMITS.intersection(words):
        found = [_limited(condition) for condition in found]
    return tuple(found)


_LIMITS = frozenset({"--limit-iface-in", "--limit-iface-out"})


def _limited(condition: Condition) -> Condition:
    is_type = isinstance(condition, AddressType)
    return msgspec.structs.replace(condition, limited=True) if is_type else condition


def _uses(module: str, words: tuple[str, ...], family: Ip) -> list[Use]:
    """The words behind `-m module`, option by option. ValueError where a word belongs to no option.

    Old programs print the negation behind the option (`--dport ! 67`).
    """
    found: list[Use] = []
    position = 0
    while position < len(words):
        negated = words[position] == "!"
        position += int(negated)
        if not _is_option(words[position : position + 1]):
            raise ValueError(f"not an option of {module}: {shown(words[position:])}")
        option = words[position]
        position += 1
        if words[position : position + 1] == ("!",) and words[position + 1 :] and not _is_option(words[position + 1 :]):
            negated, position = True, position + 1
        end = position
        while end < len(words) and words[end] != "!" and not _is_option(words[end:]):
            end += 1
        values = tuple(plain(word) for word in words[position:end])
        found.append(Use(option, values, negated, module, family))
        position = end
    return found


def _is_option(words: tuple[str, ...]) -> bool:
    return bool(words) and words[0].startswith("--")


_REVERSE_PATH_OPTIONS = frozenset({"--loose", "--validmark", "--accept-local", "--invert"})


def _reverse_path(words: tuple[str, ...], whole: Unmodelled) -> Condition:
    if not _REVERSE_PATH_OPTIONS.issuperset(words):
        return whole
    has = {"loose": "--loose" in words, "local": "--accept-local" in words, "marked": "--validmark" in words}
    return ReversePath("--invert" in words, whole.text, **has)
