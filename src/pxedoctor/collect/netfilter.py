"""Gathers the listings of packet filter rules, and says which rules exist and could not be listed."""

from pxedoctor.access.answer import Absent, Answers, Forbidden, Text, read_question, run_question
from pxedoctor.collect.ask.modules import LOADED
from pxedoctor.collect.ask.netfilter import (
    LEGACY_NAMES,
    LEGACY_SAVES,
    NFT_SAVES,
    NFT_TABLES,
    OWNED,
    foreign_tables,
    is_of_nft,
    nft_table,
    tables_in,
)
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing
from pxedoctor.model.netfilter import Dialect, Netfilter, RulesText, Unlisted, Variant

_ROOT = "run it as root"


def parse(answers: Answers) -> Netfilter | Missing:
    if isinstance(answers.get(run_question(NFT_TABLES)), Forbidden):
        return why_missing(answers, run_question(NFT_TABLES))
    if read_question(LOADED) not in answers:
        return why_missing(answers, read_question(LOADED))
    listings: list[RulesText] = []
    unlisted: list[Unlisted] = []
    for listing in (*_of_nft(answers), *_of_legacy(answers)):
        if isinstance(listing, RulesText):
            listings.append(listing)
        else:
            unlisted.append(listing)
    return Netfilter(listings=tuple(listings), unlisted=tuple(unlisted))


def _of_nft(answers: Answers) -> list[RulesText | Unlisted]:
    asked = run_question(NFT_TABLES)
    if asked not in answers:
        return [_not_asked()] if _unclear(answers) else []
    if not isinstance(answers[asked], Text):
        would_help = "install nftables" if isinstance(answers[asked], Absent) else ""
        missing = why_missing(answers, asked, would_help)
        blind = Unlisted(family="", why=f"native nftables tables, if any: {missing.why}", would_help=would_help)
        return [blind, *(saved for family in OWNED for saved in _saved(answers, family))]
    tables = tables_in(text_of(answers, asked) or "")
    saved = {family: _saved(answers, family) for family in OWNED}
    native = [_native(answers, family, name) for family, name in tables if not _is_saved(saved, family, name)]
    return [*(listing for group in saved.values() for listing in group), *native]


def _not_asked() -> Unlisted:
    return Unlisted(
        family="",
        why="whether nf_tables is in the kernel cannot be told without loading it, so nft was not asked",
        would_help="nft list tables (loads the module nf_tables if it is not there)",
    )


def _unclear(answers: Answers) -> bool:
    """True where no list of modules told whether nf_tables is built in."""
    where = ("/modules.builtin", "/boot/config-", "/proc/config.gz")
    told = (answer for question, answer in answers.items() if any(word in question for word in where))
    return not any(isinstance(answer, Text) for answer in told)


def _saved(answers: Answers, family: str) -> list[RulesText]:
    for argv in NFT_SAVES[family]:
        text = text_of(answers, run_question(argv))
        if text is not None:
            return [_listing(family, "iptables-save", "nft", argv, text)] if is_of_nft(text) else []
    return []


def _is_saved(saved: dict[str, list[RulesText]], family: str, name: str) -> bool:
    listings = saved.get(family, [])
    return name in OWNED.get(family, ()) and any(name not in foreign_tables(listing.text) for listing in listings)


def _native(answers: Answers, family: str, name: str) -> RulesText | Unlisted:
    argv = nft_table(family, name)
    text = text_of(answers, run_question(argv))
    if text is not None:
        return _listing(family, "nft-json", "native", argv, text)
    missing = why_missing(answers, run_question(argv))
    return Unlisted(family=family, why=f"table {family} {name}: {missing.why}", would_help=missing.would_help)


def _of_legacy(answers: Answers) -> list[RulesText | Unlisted]:
    found: list[RulesText | Unlisted] = []
    for family, path in LEGACY_NAMES.items():
        names = answers.get(read_question(path))
        if isinstance(names, Forbidden):
            found.append(Unlisted(family=family, why=names.why, would_help=_ROOT))
        for table in names.text.split() if isinstance(names, Text) else ():
            found.append(_legacy(answers, family, table))
    return found


def _legacy(answers: Answers, family: str, table: str) -> RulesText | Unlisted:
    why = "no iptables-save is installed"
    for save in LEGACY_SAVES[family]:
        argv = (*save, "-t", table)
        text = text_of(answers, run_question(argv))
        if text is not None and not is_of_nft(text):
            return _listing(family, "iptables-save", "legacy", argv, text)
        if not isinstance(answers.get(run_question(argv)), Absent):
            why = why_missing(answers, run_question(argv)).why
    return Unlisted(family=family, why=f"legacy table {table}: {why}", would_help="install iptables")


def _listing(family: str, dialect: Dialect, variant: Variant, argv: tuple[str, ...], text: str) -> RulesText:
    return RulesText(family=family, dialect=dialect, variant=variant, origin=" ".join(argv), text=text)
