"""Asks for packet filter rules: each table by the program that lists it cheapest, none by one that would make it.

1. nft and the iptables-nft programs talk to nf_tables, and the kernel loads that module for whoever asks: they are run
   only where it is in the kernel already. The same holds for nft_compat, which the iptables-nft programs ask for, and
   for ip_set.
2. iptables-legacy and arptables-legacy make the table they are asked to list: they are asked only for tables that
   /proc/net names. For ebtables-legacy no file names them: it is asked only on kernels whose every namespace has the
   table as soon as its module is loaded.
3. Tables of iptables-nft are listed by its save command (ten times cheaper than nft, and nft cannot print what xt
   matches say); of the others nft lists the chains that a packet can reach (collect/ask/nft.py), and of the former
   those in which somebody else's rules stand (collect/ask/foreign.py).
"""

import re
from functools import partial

from pxedoctor.access import netlink
from pxedoctor.access.answer import Absent, Answer, Answers, Failed, Text, read_question
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.side_by_side import side_by_side
from pxedoctor.collect.ask import nft
from pxedoctor.collect.ask.foreign import foreign_rules
from pxedoctor.collect.ask.modules import LOADED, ask_loaded, in_kernel
from pxedoctor.collect.ask.nft import Declared
from pxedoctor.collect.ask.reach import ask_reachable
from pxedoctor.collect.ask.saves import BUILT_IN, NFT_SAVES, OWNED, save_of_one, saved_tables, saves_in
from pxedoctor.collect.ask.system import KERNEL

LEGACY_NAMES = {
    "ip": "/proc/net/ip_tables_names",
    "ip6": "/proc/net/ip6_tables_names",
    "arp": "/proc/net/arp_tables_names",
}
# arptables-legacy-save lists all tables, and knows no option to name one.
LEGACY_SAVES = {
    "ip": (("iptables-legacy-save", "-t"), ("iptables-save", "-t")),
    "ip6": (("ip6tables-legacy-save", "-t"), ("ip6tables-save", "-t")),
    "arp": (("arptables-legacy-save",), ("arptables-save",)),
}
EBTABLES_LEGACY = ("ebtable_broute", "ebtable_filter", "ebtable_nat")
EBTABLES_LEGACY_SAVES = (("ebtables-legacy-save",), ("ebtables-save",))
# From 5.15 on a namespace gets its table when somebody first asks (net/bridge/netfilter/ebtables.c, ebt_templates);
# what a distribution took into its 5.14 nobody here knows.
_ALWAYS_MADE = (5, 13)
# nft takes 60 us for a rule: of more, and longer ones, a chain is Unknown.
_MOST_FOREIGN, _MOST_RULES = 64, 4000
IPSETS = ("ipset", "save")
# Which queues somebody listens on, a line each (net/netfilter/nfnetlink_queue.c, seq_show).
QUEUES = "/proc/net/netfilter/nfnetlink_queue"
_RELEASE = r"(?a)(\d{1,4})\.(\d{1,4})"
_USES_SETS = r"--(?:match|add|del|map)-set "


def legacy_save(family: str, alternative: tuple[str, ...], table: str) -> tuple[str, ...]:
    return (*alternative, table) if alternative[-1] == "-t" else alternative


def legacy_ebtables(answers: Answers) -> tuple[str, ...]:
    """The loaded modules that hold tables of ebtables-legacy."""
    loaded = answers.get(read_question(LOADED))
    names = {line.partition(" ")[0] for line in loaded.text.splitlines()} if isinstance(loaded, Text) else set()
    return tuple(name for name in EBTABLES_LEGACY if name in names)


def makes_ebtables(answers: Answers) -> bool:
    """Whether asking ebtables-legacy could make its tables; True where the kernel's release is not known."""
    release = answers.get(read_question(KERNEL))
    numbers = re.match(_RELEASE, release.text) if isinstance(release, Text) else None
    return numbers is None or (int(numbers[1]), int(numbers[2])) > _ALWAYS_MADE


def ask(host: Notebook) -> None:
    ask_loaded(host)
    host.read(KERNEL)
    if may_ask(host, "nf_tables"):
        _ask_nft(host)
    legacy: list[Answer] = []
    for family, path in LEGACY_NAMES.items():
        names = host.read(path)
        for table in names.text.split() if isinstance(names, Text) else ():
            legacy.append(_first(host, tuple(legacy_save(family, save, table) for save in LEGACY_SAVES[family])))
    if legacy_ebtables(host.answers) and not makes_ebtables(host.answers):
        legacy.append(_first(host, EBTABLES_LEGACY_SAVES))
    host.read(QUEUES)
    nft_saves = [text for family in OWNED for _, text in saves_in(host.answers, family)]
    texts = [*nft_saves, *(answer.text for answer in legacy if isinstance(answer, Text))]
    if any("-set " in text and re.search(_USES_SETS, text) for text in texts) and may_ask(host, "ip_set"):
        host.run(IPSETS)


def may_ask(host: Notebook, module: str) -> bool:
    """Whether a program that needs the module can be run without loading it."""
    there = in_kernel(host, module)
    return host.is_saved if there is None else there


def _ask_nft(host: Notebook) -> None:
    listed = host.run(nft.CHAINS)
    chainwise = isinstance(listed, Text)
    if host.is_saved and not isinstance(listed, Text):
        listed = _first(host, nft.RULESETS)
    tables = nft.declared(listed.text) if isinstance(listed, Text) else {}
    # Without nft the save command is the only one that can tell.
    blind = isinstance(listed, Absent)
    families = [family for family, owned in OWNED.items() if blind or any((family, name) in tables for name in owned)]
    saves = partial(_ask_saves, host, families if may_ask(host, "nft_compat") else [], tables)
    if not chainwise:
        saves()
        return
    # Tables that iptables-nft never has need not wait for its save commands.
    asleep, sets = host.dump(netlink.TABLES), nft.sets_of(host.dump(netlink.SETS))
    reach = partial(ask_reachable, host, tables, sets=sets if isinstance(asleep, Text) else None)
    dormant = nft.dormant(asleep)
    awake = [key for key in tables if key not in dormant]
    bases = {key: [chain for chain, is_base in tables[key].items() if is_base] for key in awake if not _is_owned(key)}
    side_by_side((saves, partial(reach, bases)))
    _ask_foreign(host)
    reach({key: _unsaved_bases(host, tables, key, sets) for key in awake if _is_owned(key)})


def _ask_saves(host: Notebook, families: list[str], tables: Declared) -> None:
    """The save command of each family; where it fails, because of one table, the same for each table alone.

    Beside it the kernel's word on the same tables: what in them iptables has not written.
    """
    owned = [(family, name) for family in families for name in OWNED[family] if not tables or (family, name) in tables]
    dumps = [] if host.is_saved else [netlink.rules(*key) for key in owned]
    host.run_all([NFT_SAVES[family][0] for family in families], dumps)
    for family in families:
        if isinstance(_first(host, NFT_SAVES[family]), Failed):
            host.run_all([save_of_one(family, name) for name in OWNED[family] if (family, name) in tables])


def _is_owned(key: nft.Key) -> bool:
    family, name = key
    return name in OWNED.get(family, ())


def _unsaved_bases(host: Notebook, tables: Declared, key: nft.Key, sets: nft.Sets) -> list[str]:
    """Of a table with a name of iptables-nft's the base chains that no save command has listed."""
    family, name = key
    saved = any(name in saved_tables(family, text, sets) for _, text in saves_in(host.answers, family))
    return [chain for chain, is_base in tables[key].items() if is_base and not (saved and chain in BUILT_IN)]


def _ask_foreign(host: Notebook) -> None:
    """The chains that a save command may print wrongly. What they lead to it lists itself."""
    doubted = [entry for entry in foreign_rules(host.answers) if entry.count <= _MOST_RULES]
    keys = [(entry.family, entry.table, entry.chain) for entry in doubted if nft.can_be_asked(entry.chain)]
    host.run_all([nft.chain(*key) for key in keys[:_MOST_FOREIGN]])


def _first(host: Notebook, alternatives: tuple[tuple[str, ...], ...]) -> Answer:
    """The first alternative's answer that is a text; without one, the last that is not "not installed"."""
    said: Answer = Absent(f"{alternatives[0][0]} is not installed")
    for argv in alternatives:
        answer = host.run(argv)
        if isinstance(answer, Text):
            return answer
        said = said if isinstance(answer, Absent) else answer
    return said
