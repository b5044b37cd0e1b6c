"""Gathers the listings of packet filter rules, and says which rules exist and could not be listed."""

import shlex

from pxedoctor.access import netlink
from pxedoctor.access.answer import Absent, Answers, Failed, Forbidden, Text, dump_question, read_question, run_question
from pxedoctor.collect.ask import nft
from pxedoctor.collect.ask.foreign import foreign_rules
from pxedoctor.collect.ask.modules import LOADED
from pxedoctor.collect.ask.netfilter import (
    EBTABLES_LEGACY_SAVES,
    IPSETS,
    LEGACY_NAMES,
    LEGACY_SAVES,
    QUEUES,
    legacy_ebtables,
    legacy_save,
    makes_ebtables,
)
from pxedoctor.collect.ask.saves import OWNED, is_of_nft, saved_tables, saves_in
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.netfilter import Dialect, Netfilter, RulesText, Unlisted

_ROOT = "run it as root"
_SAVE_DIALECTS: dict[str, Dialect] = {
    "ip": "iptables-save",
    "ip6": "iptables-save",
    "arp": "arptables-save",
    "bridge": "ebtables-save",
}
_EBTABLES = "ebtables-legacy-save"

_Found = list[RulesText | Unlisted]


def parse(answers: Answers) -> Netfilter | Missing:
    if isinstance(answers.get(run_question(nft.CHAINS)), Forbidden):
        return why_missing(answers, run_question(nft.CHAINS))
    if read_question(LOADED) not in answers:
        return why_missing(answers, read_question(LOADED))
    found = (*_of_nft(answers), *_of_legacy(answers), *_of_ebtables_legacy(answers), *_of_ipset(answers))
    return Netfilter(
        listings=tuple(entry for entry in found if isinstance(entry, RulesText)),
        unlisted=tuple(entry for entry in found if isinstance(entry, Unlisted)),
        dormant=nft.dormant(answers.get(dump_question(netlink.TABLES), Absent("not asked"))),
        foreign=foreign_rules(answers),
        queues=_queues(answers),
    )


def _of_nft(answers: Answers) -> _Found:
    asked = run_question(nft.CHAINS)
    if asked not in answers:
        return [_not_asked()] if _unclear(answers) else []
    found: _Found = [listing for family in OWNED for listing in _saved(answers, family)]
    chains = text_of(answers, asked)
    rulesets = [argv for argv in nft.RULESETS if text_of(answers, run_question(argv)) is not None]
    if chains is None and not rulesets:
        would_help = "install nftables" if isinstance(answers[asked], Absent) else ""
        saved = [run_question(argv) for argv in nft.RULESETS if run_question(argv) in answers]
        missing = why_missing(answers, next(iter(saved), asked), would_help)
        why = f"native nftables tables, if any: {missing.why}"
        return [Unlisted(family="", why=why, would_help=would_help), *found]
    if chains is not None:
        found.append(_nft_listing("nft-chains", nft.CHAINS, chains, ""))
    # Sorted, because questions are asked side by side: the same host gives the same listings in the same order.
    native = (_native(answers, question) for question in sorted(answers))
    return [*found, *(listing for listing in native if listing is not None)]


def _not_asked() -> Unlisted:
    return Unlisted(
        family="",
        why="whether nf_tables is in the kernel cannot be told without loading it, so nft was not asked",
        would_help="nft list chains (loads the module nf_tables if it is not there)",
    )


def _unclear(answers: Answers) -> bool:
    """True where no list of modules told whether nf_tables is built in."""
    where = ("/modules.builtin", "/boot/config-", "/proc/config.gz")
    told = (answer for question, answer in answers.items() if any(word in question for word in where))
    return not any(isinstance(answer, Text) for answer in told)


def _saved(answers: Answers, family: str) -> list[RulesText]:
    sets = nft.sets_of(answers.get(dump_question(netlink.SETS), Absent("not asked")))
    return [
        RulesText(
            family=family,
            dialect=_SAVE_DIALECTS[family],
            variant="nft",
            origin=" ".join(argv),
            text=text,
            except_tables=frozenset(OWNED[family]) - saved_tables(family, text, sets),
        )
        for argv, text in saves_in(answers, family)
    ]


def _native(answers: Answers, question: str) -> RulesText | Unlisted | None:
    """What became of one question for a table, a chain, a set, or all rules."""
    if not question.startswith(("run nft -a list ", "run nft list ruleset")):
        return None
    argv = tuple(shlex.split(question.removeprefix("run ")))
    if argv == nft.CHAINS:
        return None
    family, table, name = (*argv[4:], "", "", "")[:3]
    text = text_of(answers, question)
    if text is not None:
        return _nft_listing("nft-text", argv, text, family)
    if argv in nft.RULESETS or argv[3] in {"set", "map"}:
        # A set that is not listed is Unknown to the rule that looks in it.
        return None
    missing = why_missing(answers, question)
    what = f"chain {name} of table {family} {table}" if name else f"table {family} {table}"
    why = f"{what}: {missing.why}"
    return Unlisted(family=family, why=why, would_help=missing.would_help, table=table, chain=name)


def _nft_listing(dialect: Dialect, argv: tuple[str, ...], text: str, family: str) -> RulesText:
    return RulesText(family=family, dialect=dialect, variant="native", origin=shlex.join(argv), text=text)


def _of_legacy(answers: Answers) -> _Found:
    found: _Found = []
    for family, path in LEGACY_NAMES.items():
        names = answers.get(read_question(path))
        if isinstance(names, Forbidden):
            found.append(Unlisted(family=family, why=names.why, would_help=_ROOT))
        if isinstance(names, Failed):
            found.append(Unlisted(family=family, why=f"legacy tables, if any: {names.why}"))
        for table in names.text.split() if isinstance(names, Text) else ():
            listing = _legacy(answers, family, table)
            if listing not in found:
                found.append(listing)
    return found


def _legacy(answers: Answers, family: str, table: str) -> RulesText | Unlisted:
    program = "arptables" if family == "arp" else "iptables"
    why = f"no {program}-save is installed"
    for alternative in LEGACY_SAVES[family]:
        argv = legacy_save(family, alternative, table)
        text = text_of(answers, run_question(argv))
        if text is not None and not is_of_nft(text):
            origin = " ".join(argv)
            return RulesText(family=family, dialect=_SAVE_DIALECTS[family], variant="legacy", origin=origin, text=text)
        if not isinstance(answers.get(run_question(argv)), Absent):
            why = why_missing(answers, run_question(argv)).why
    return Unlisted(family=family, why=f"legacy table {table}: {why}", would_help=f"install {program}")


def _of_ebtables_legacy(answers: Answers) -> _Found:
    names = legacy_ebtables(answers)
    if not names:
        return []
    why = f"ebtables-legacy may have rules ({', '.join(names)} is loaded)"
    if makes_ebtables(answers):
        return [Unlisted(family="bridge", why=f"{why}, and asking it would make its tables", would_help=_EBTABLES)]
    for argv in EBTABLES_LEGACY_SAVES:
        text = text_of(answers, run_question(argv))
        if text is not None and not is_of_nft(text):
            origin = " ".join(argv)
            return [RulesText(family="bridge", dialect="ebtables-save", variant="legacy", origin=origin, text=text)]
    return [Unlisted(family="bridge", why=why, would_help=_EBTABLES)]


def _of_ipset(answers: Answers) -> _Found:
    text = text_of(answers, run_question(IPSETS))
    if text is None:
        return []
    return [RulesText(family="", dialect="ipset-save", variant="native", origin=" ".join(IPSETS), text=text)]


def _queues(answers: Answers) -> frozenset[int] | None:
    """The first number of each line; no such file: the module is not there, and nobody listens."""
    listeners = answers.get(read_question(QUEUES))
    if isinstance(listeners, Absent):
        return frozenset()
    if not isinstance(listeners, Text):
        return None
    numbers = (line.split()[0] for line in listeners.text.splitlines() if line.strip())
    return frozenset(int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) <= 5)
