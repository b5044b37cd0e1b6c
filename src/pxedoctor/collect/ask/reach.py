"""Follows a packet's ways through native tables by plain text: base chains, what they name, what that names.

It decides nothing about packets. A chain that is named only in a comment costs a question, and one that is not named
cannot be reached.
"""

from collections.abc import Mapping

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask import nft
from pxedoctor.collect.ask.nft import Declared, Key, Sets

# More chains of one host are not asked one by one; the others are known by name, and are Unknown to a packet that comes
# to one of them.
MOST_CHAINS = 256
# Tables whose program keeps them small, and with so many chains that reach each other that one question is cheaper.
_SMALL = frozenset({"firewalld", "libvirt_network", "docker-bridges", "netavark"})
_MOST_CHAINS_OF_A_SMALL_TABLE = 100

_Item = tuple[str, str, str]  # family, table, and the chain or set


def ask_reachable(host: Notebook, tables: Declared, bases: Mapping[Key, list[str]], sets: Sets | None) -> None:
    """Asks for `bases`, the chains of each table where a packet begins, and for everything behind them.

    `sets` None: no dump could be had, so no table's flags and sets are known: then tables are asked whole.
    """
    wanted = {key: chains for key, chains in bases.items() if chains and nft.can_be_asked(*key)}
    whole = [key for key, chains in wanted.items() if _is_asked_whole(key, tables[key], len(chains), sets)]
    host.run_all([nft.table(*key) for key in whole])
    waiting: list[_Item] = [(*key, chain) for key, chains in wanted.items() if key not in whole for chain in chains]
    known = {(*key, name): flags for key, names in (sets or {}).items() for name, flags in names.items()}
    chains = {(*key, name) for key, names in tables.items() for name in names if nft.can_be_asked(name)}
    asked: set[_Item] = set()
    while waiting:
        waiting = [item for item in waiting if item in chains and item not in asked][: MOST_CHAINS - len(asked)]
        asked.update(waiting)
        texts = _texts(host, {item: nft.chain(*item) for item in waiting})
        named = [item for item in _named(texts, nft.sets_named_in) if item in known]
        texts |= _texts(host, {item: nft.named_set(*item, known[item]) for item in named})
        waiting = _named(texts, nft.chains_named_in)


def _is_asked_whole(key: Key, chains: dict[str, bool], bases: int, sets: Sets | None) -> bool:
    """Whether one question for the whole table is cheaper than one for each chain.

    For every chain that it lists nft reads the elements of all sets of its table (nft 1.0.6: 4 s for 300,000 of them).
    """
    if sets is None or key[1] in _SMALL:
        return True
    has_sets = any(not nft.is_anonymous(flags) for flags in sets.get(key, {}).values())
    return has_sets and bases > 1 and len(chains) <= _MOST_CHAINS_OF_A_SMALL_TABLE


def _texts(host: Notebook, questions: dict[_Item, tuple[str, ...]]) -> dict[_Item, str]:
    answers = host.run_all(list(questions.values()))
    return {item: answer.text for item, answer in zip(questions, answers, strict=True) if isinstance(answer, Text)}


def _named(texts: dict[_Item, str], find: nft.Find) -> list[_Item]:
    """What these texts name, each once, in an order that does not change from run to run."""
    found = {(family, table, name): None for (family, table, _), text in texts.items() for name in sorted(find(text))}
    return list(found)
