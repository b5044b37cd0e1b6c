"""nft's rules in files: /etc/nftables.conf and what it includes, and calls of nft in scripts (nft(8))."""

import re
import shlex
from collections.abc import Iterator

import msgspec

from pxedoctor.netfilter.filed import Filed, FiledPolicy, FiledRule, Words
from pxedoctor.netfilter.filed_iptables import SERVICES

_TOKEN = r'#[^\n]*|\\\n|\n|"[^"\n]*"|[{};,]|[!<>=]=|[<>]|[^\s{};,"]+'
_FAMILIES = frozenset({"ip", "ip6", "inet", "arp", "bridge", "netdev"})
_IN_TABLE = frozenset({"chain", "set", "map", "flowtable", "counter", "quota", "ct", "limit", "synproxy", "secmark"})
# A definition may stand for others, which stand for others: no rule of a person's becomes longer than this.
_MOST_WORDS = 10_000
_CALL = r"(?:^|[\s;&|(`])(?:[\w./-]*/)?nft\"?\s+(?P<rest>(?:'[^']*'|\"[^\"]*\"|\\;|[^;&|'\"])*)"
# How nft prints what it was told, or would have assumed.
_COUNTED = r"\bcounter(?: packets \d+ bytes \d+)?(?= |$)"
_ASSUMED = (
    (_COUNTED, ""),
    (r"\breject with icmp(?:x|v6)? (?:type )?port-unreachable", "reject"),
    (
        r"\bmeta (?=(?:iif|oif|iifname|oifname|l4proto|nfproto|mark|protocol|pkttype|iifgroup|oifgroup)\b)",
        "",
    ),
    (r" burst 5 packets", ""),
    (r" == ", " "),
    (r"\b(?:ip protocol|l4proto) (tcp|udp) (?=\1 )", ""),
    (r" {2,}", " "),
)


class _Token(msgspec.Struct, frozen=True):
    text: str
    line: int


class _Statement(msgspec.Struct, frozen=True):
    tokens: tuple[_Token, ...]
    opens: bool

    @property
    def words(self) -> list[str]:
        return [token.text for token in self.tokens]


def in_nft_file(text: str) -> Iterator[Filed]:
    """Rules and policies, of blocks (`table inet filter { chain input { ... } }`) and of commands (`add rule ...`)."""
    defined: dict[str, list[str]] = {}
    inside: list[list[str]] = []
    for statement in _statements(_tokens(text)):
        words = _with_defined(statement.words, defined)
        if statement.opens:
            inside.append(words)
        elif words == ["}"]:
            inside = inside[:-1]
        elif words[:1] == ["define"] and words[2:3] == ["="]:
            defined[words[1]] = words[3:]
        elif len(inside) == 2 and inside[0][:1] == ["table"] and inside[1][:1] == ["chain"]:
            yield from _in_chain(_table(inside[0][1:]), inside[1][1], words, statement.tokens[0].line)
        elif not inside:
            yield from _commanded(words, statement.tokens[0].line if statement.tokens else 0)


def chains_in_nft_file(text: str) -> Iterator[tuple[str, str, str, int]]:
    """(family, table, chain, line) of every chain that a block makes."""
    inside: list[list[str]] = []
    for statement in _statements(_tokens(text)):
        if statement.words == ["}"]:
            inside = inside[:-1]
        elif statement.opens:
            inside.append(statement.words)
            if len(inside) == 2 and inside[0][:1] == ["table"] and statement.words[:1] == ["chain"]:
                yield (*_table(inside[0][1:]), statement.words[1], statement.tokens[0].line)


def in_nft_script(text: str) -> Iterator[Filed]:
    """`nft add rule ...`, quoted or not, a line each."""
    for number, line in enumerate(text.splitlines(), 1):
        for call in () if line.lstrip().startswith("#") else re.finditer(_CALL, line):
            try:
                command = " ".join(shlex.split(call["rest"]))
            except ValueError:
                continue
            for filed in in_nft_file(command):
                yield msgspec.structs.replace(filed, line=number)


def words_of(rule: str) -> Words:
    """What a rule says. Its parts stay in order, except in sets; the empty set for an empty rule.

    >>> words_of('iifname "virbr0" udp dport { 68, 67 } counter packets 3 bytes 9 drop # handle 7') == words_of(
    ...     "meta iifname virbr0 udp dport {bootps,bootpc} drop")
    True
    """
    return _words_of([token.text for token in _tokens(rule) if token.text != "\n"])


def _words_of(words: list[str]) -> Words:
    text = " ".join(_flat(words))
    for pattern, instead in _ASSUMED:
        text = re.sub(pattern, instead, text)
    return frozenset({text.strip()} - {""})


def _flat(words: list[str]) -> Iterator[str]:
    """The words with each set as one: sorted, without braces; quotes gone, and names of services as numbers."""
    elements: list[str] = []
    depth, after_comma = 0, False
    for index, word in enumerate(words):
        plain = word.strip('"')
        if word == "{":
            depth += 1
        elif word == "}":
            depth -= 1
        elif word == ",":
            after_comma = True
            continue
        elif depth or after_comma or words[index + 1 : index + 2] == [","]:
            elements.append(SERVICES.get(plain, plain))
            after_comma = False
            if depth or words[index + 1 : index + 2] == [","]:
                continue
        else:
            yield SERVICES.get(plain, plain)
        if not depth and elements:
            yield ",".join(sorted(elements))
            elements = []


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for found in re.finditer(_TOKEN, text):
        word = found[0]
        # A comment ends its line, which ends a statement; a backslash before the end does not.
        if not word.startswith("#") and word != "\\\n":
            yield _Token(word, line)
        line += word.count("\n")


def _statements(tokens: Iterator[_Token]) -> Iterator[_Statement]:
    """One a line or a semicolon; `opens`: a block begins; a lone `}` ends one. A set's braces stay in its statement."""
    now: list[_Token] = []
    blocks: list[str] = []
    depth = 0
    for token in tokens:
        if token.text == "{" and not depth and _opens(now, blocks):
            yield _Statement(tuple(now), opens=True)
            blocks.append(now[0].text)
            now = []
        elif token.text == "{":
            depth += 1
            now.append(token)
        elif token.text == "}" and depth:
            depth -= 1
            now.append(token)
        elif token.text in {"\n", ";"} and not depth:
            if now:
                yield _Statement(tuple(now), opens=False)
            now = []
        elif token.text == "}":
            if now:
                yield _Statement(tuple(now), opens=False)
            yield _Statement((token,), opens=False)
            blocks = blocks[:-1]
            now = []
        elif token.text != "\n":
            now.append(token)
    if now:
        yield _Statement(tuple(now), opens=False)


def _opens(words: list[_Token], blocks: list[str]) -> bool:
    """A block is a table, or stands in one: within a chain `limit` and `ct` begin rules, and braces are sets."""
    return bool(words) and (
        words[0].text == "table" if not blocks else blocks == ["table"] and words[0].text in _IN_TABLE
    )


def _in_chain(table: tuple[str, str], chain: str, words: list[str], line: int) -> Iterator[Filed]:
    family, name = table
    match words:
        case ["type", *_] | ["comment", *_] | ["device", *_]:
            return
        case ["policy", policy, *_]:
            yield FiledPolicy(family=family, table=name, chain=chain, policy=policy, line=line)
        case _:
            yield FiledRule(family=family, table=name, chain=chain, words=_words_of(words), line=line)


def _commanded(words: list[str], line: int) -> Iterator[Filed]:
    """`add rule [FAMILY] TABLE CHAIN ...` and `add chain [FAMILY] TABLE CHAIN { ...; policy P; }`."""
    match words:
        case ["add" | "insert", "rule", *rest]:
            family, rest = (rest[0], rest[1:]) if rest and rest[0] in _FAMILIES else ("ip", rest)
            if len(rest) > 2:
                yield FiledRule(family=family, table=rest[0], chain=rest[1], words=_words_of(rest[2:]), line=line)
        case ["add" | "create", "chain", *rest] if "policy" in rest:
            family, rest = (rest[0], rest[1:]) if rest[0] in _FAMILIES else ("ip", rest)
            policy = rest[rest.index("policy") + 1 : rest.index("policy") + 2]
            if policy and len(rest) > 2:
                yield FiledPolicy(family=family, table=rest[0], chain=rest[1], policy=policy[0], line=line)


def _table(words: list[str]) -> tuple[str, str]:
    """Without a family it is ip."""
    return (words[0], words[1]) if len(words) > 1 and words[0] in _FAMILIES else ("ip", words[0] if words else "")


def _with_defined(words: list[str], defined: dict[str, list[str]]) -> list[str]:
    plain: list[str] = []
    for word in words:
        plain += defined.get(word[1:], [word]) if word.startswith("$") else [word]
        if len(plain) > _MOST_WORDS:
            return words
    return plain
