"""arptables-save text (nft and legacy variant) to tables of family arp; rules are read when somebody asks.

Semantics: arptables(8), net/ipv4/netfilter/arp_tables.c arp_packet_match. The target stands before the matches.
"""

from collections.abc import Mapping
from functools import lru_cache

from pxedoctor.netfilter.condition import Condition, Name, Number, Unmodelled
from pxedoctor.netfilter.ebtables_match import OPERATIONS, address_condition, always_so, mac_condition
from pxedoctor.netfilter.ebtables_rule import groups_of, is_lost, use_of
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.iptables import Variant
from pxedoctor.netfilter.iptables_target import of_target
from pxedoctor.netfilter.saved_listing import Declared, Form, Listed, need_completed, read_listing
from pxedoctor.netfilter.saved_use import Builder, Use, conditions, device
from pxedoctor.netfilter.saved_values import whole
from pxedoctor.netfilter.saved_words import plain, shown, words_of
from pxedoctor.netfilter.syntax import Action, Chain, End, Ends, Jump, Rule, Strange, Table

# include/uapi/linux/netfilter_arp.h; the hooks as `nft list chains` shows them.
_HOOKS = {"filter": {"INPUT": ("input", 0), "OUTPUT": ("output", 0), "FORWARD": ("forward", 0)}}
_FORM = Form("arptables", _HOOKS, commits=False, user_policies=frozenset({"-"}))

# arptables-nft-save 1.8.9 leaves out a MAC under a mask of whole bytes: a rule may be met by less than it shows.
_LEFT_OUT = Unmodelled("a MAC under a mask, which arptables-nft-save leaves out")


def parse_arptables(text: str, origin: str, variant: Variant) -> tuple[Table, ...]:
    """The tables of one listing, in its order. Raises ListingError. `origin` is the command that printed it."""
    tables = read_listing(text, _FORM)
    need_completed(text)
    return tuple(
        Table(
            family="arp",
            name=listed.name,
            origin=origin,
            dialect="arptables",
            variant=variant,
            chains=_chains(listed, variant == "nft"),
        )
        for listed in tables
    )


def _chains(listed: Listed, leaves_out: bool) -> dict[str, Chain]:
    reader = ArptablesReader(frozenset(listed.chains), leaves_out)
    return {name: _chain(name, chain, reader) for name, chain in listed.chains.items()}


def _chain(name: str, declared: Declared, reader: "ArptablesReader") -> Chain:
    return Chain(
        name=name,
        line=declared.line,
        text=declared.text,
        reader=reader,
        hook=declared.hook,
        priority=declared.priority,
        policy=declared.policy,
        written=declared.rules,
    )


class ArptablesReader:
    """The `syntax.RuleReader` of one table. `leaves_out`: its program does not print every MAC."""

    def __init__(self, chains: frozenset[str], leaves_out: bool) -> None:
        self._chains = chains
        self._leaves_out = leaves_out

    def __call__(self, chain: str, line: int, text: str) -> Rule:
        try:
            words = words_of(text)
        except ValueError:
            return Rule(chain=chain, line=line, text=text, parts=(Unmodelled(text), Strange(text)))
        found: list[Condition | Action] = []
        target: list[str] = []
        for group in groups_of(words[2:]):
            if group[0] == "-j" or (target and group[0].startswith(_OF_TARGET)):
                target += group
            elif not _are_counters(group):
                found += _of_group(tuple(group))
        if not target and is_lost(found):
            # A word that belongs to nothing may be what is left of a target.
            found.append(Strange(text))
        if self._leaves_out and not {"--src-mac", "--dst-mac"} <= set(words):
            found.insert(0, _LEFT_OUT)
        return Rule(chain=chain, line=line, text=text, parts=(*found, *self._actions(tuple(target))))

    def _actions(self, words: tuple[str, ...]) -> tuple[Action, ...]:
        if not words:
            return ()
        name = plain(words[1]) if len(words) > 1 else ""
        if name in self._chains:
            return (Jump(name),) if len(words) == 2 else (Strange(shown(words)),)
        if name == "CONTINUE" and len(words) == 2:
            return (End(Ends.CONTINUE),)
        known = name in ("ACCEPT", "DROP", "RETURN", "MARK", "CLASSIFY")
        return of_target(name, words[2:], "") if known else (Strange(shown(words)),)


# Options of targets, which stand behind -j among the matches.
_OF_TARGET = ("--mangle-", "--set-class", "--set-mark", "--set-xmark", "--and-mark", "--or-mark", "--xor-mark")


def _are_counters(group: list[str]) -> bool:
    return len(group) == 3 and group[0] == "-c" and group[1].isdecimal() and group[2].isdecimal()


@lru_cache(maxsize=4096)
def _of_group(words: tuple[str, ...]) -> tuple[Condition, ...]:
    use = use_of(words)
    build = _OPTIONS.get(use.option) if use is not None else None
    return conditions(use, build) if use is not None and build is not None else (Unmodelled(shown(words)),)


def _device(field: Field) -> Builder:
    def build(use: Use) -> tuple[Condition, ...]:
        if use.only in ("any", "*"):
            raise ValueError(use.text)
        return (Name(field, (device(use.only),), use.negated),)

    return build


def _address(field: Field) -> Builder:
    return lambda use: (address_condition(field, use.only, use.negated, "ip"),)


def _mac(field: Field) -> Builder:
    return lambda use: (mac_condition(field, use.only, use.negated),)


def _operation(use: Use) -> tuple[Condition, ...]:
    number = OPERATIONS.get(use.only.lower())
    number = whole(use.only, 0xFFFF) if number is None else number
    return (Number(Field.ARP_OPERATION, ((number, number),), use.negated),)


_OPTIONS: Mapping[str, Builder] = {
    "-i": _device(Field.IN_NAME),
    "-o": _device(Field.OUT_NAME),
    "-s": _address(Field.ARP_SOURCE),
    "-d": _address(Field.ARP_TARGET),
    "--src-ip": _address(Field.ARP_SOURCE),
    "--dst-ip": _address(Field.ARP_TARGET),
    "--src-mac": _mac(Field.ARP_SOURCE_MAC),
    "--dst-mac": _mac(Field.ARP_TARGET_MAC),
    "--opcode": _operation,
    "--h-type": always_so("1", "ethernet"),
    "--h-length": always_so("6"),
    "--proto-type": always_so("0x800", "0x0800", "800", "ipv4"),
}
