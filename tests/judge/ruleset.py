"""A random ruleset: written, loaded with the programs, and read back from those that list it."""

import re
from dataclasses import dataclass

from judge.court import Court
from judge.grammar import Dice
from judge.layout import Layout, Switches
from judge.nft_grammar import NftGrammar
from judge.save_grammar import IP_TABLES, ArptablesGrammar, EbtablesGrammar, IptablesGrammar
from judge.ways import Rules
from pxedoctor.netfilter.arptables import parse_arptables
from pxedoctor.netfilter.ebtables import parse_ebtables
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.nft_json import parse_nft_json
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.syntax import Table

LOADS = {
    "nft": "nft -f -",
    "nft-json": "nft -f -",
    "iptables-nft": "iptables-nft-restore",
    "ip6tables-nft": "ip6tables-nft-restore",
    "iptables-legacy": "iptables-legacy-restore",
    "ip6tables-legacy": "ip6tables-legacy-restore",
    "ebtables": "ebtables-nft-restore",
    "arptables": "arptables-nft-restore",
}
LISTS = {
    "nft": "nft -a list ruleset",
    "nft-json": "nft -j list ruleset",
    "iptables-nft": "iptables-nft-save",
    "ip6tables-nft": "ip6tables-nft-save",
    "iptables-legacy": "iptables-legacy-save",
    "ip6tables-legacy": "ip6tables-legacy-save",
    "ebtables": "ebtables-nft-save",
    "arptables": "arptables-nft-save",
}
# The programs that rules of one ruleset are written for.
_LAYOUTS = (
    ("nft",),
    ("nft-json",),
    ("nft", "nft"),
    ("iptables-nft", "ip6tables-nft"),
    ("iptables-nft", "ebtables"),
    ("iptables-legacy", "ip6tables-legacy"),
    ("iptables-legacy", "nft", "ebtables"),
    ("ebtables", "arptables"),
    ("iptables-nft", "nft-json"),
)
_EMPTY = "".join(
    "\n".join([f"*{table}", *(f":{chain} ACCEPT" for chain in chains), "COMMIT", ""])
    for table, chains in IP_TABLES.items()
)
_REFUSED = re.compile(r"(?:/dev/stdin|-):(\d+):|line:? (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Loaded:
    """`listings`: (the command that printed it, its text)."""

    switches: Switches
    listings: tuple[tuple[str, str], ...]
    rules: Rules


def load(court: Court, dice: Dice) -> Loaded:
    """A random ruleset, as the programs list it again."""
    clear(court)
    programs = dice.random.choice(_LAYOUTS)
    switches = Switches(ip=dice.chance(0.4), ip6=dice.chance(0.4))
    court.switch(switches)
    for number, program in enumerate(programs):
        _load(court, program, _text(dice, program, number))
    listings = {program: court.run(LISTS[program]) for program in programs}
    tables = tuple(table for program, text in listings.items() for table in parsed(program, text))
    return Loaded(switches, tuple((LISTS[program], text) for program, text in listings.items()), Rules(tables))


def clear(court: Court) -> None:
    court.run("nft flush ruleset")
    for program in ("iptables-legacy", "ip6tables-legacy"):
        court.run(LOADS[program], text=_EMPTY)


def parsed(program: str, text: str, own: str = "n") -> tuple[Table, ...]:
    """`own`: how nft's own tables begin. It shows the other programs' too, which are listed by themselves."""
    if program.startswith("nft"):
        tables = (parse_nft_text if program == "nft" else parse_nft_json)(text, LISTS[program])
        return tuple(table for table in tables if table.name.startswith(own))
    if program == "ebtables":
        return parse_ebtables(text, LISTS[program], "nft")
    if program == "arptables":
        return parse_arptables(text, LISTS[program], "nft")
    variant = "legacy" if program.endswith("legacy") else "nft"
    return parse_iptables(text, "ip6" if program.startswith("ip6") else "ip", LISTS[program], variant)


def trace(court: Court, layout: Layout) -> None:
    """From now on the kernel tells which nft rules a packet meets (`nft monitor trace`)."""
    chain = "chain {name} {{ type filter hook {hook} priority -500; meta nftrace set 1; }}\n"
    ports = "".join(chain.format(name=letter, hook=f'ingress device "{port}"') for letter, port in layout.ports.items())
    tables = [f"table netdev judge {{\n{ports}}}"]
    tables += [
        f"table {family} judge {{\n{chain.format(name='out', hook='output')}}}" for family in ("ip", "ip6", "arp")
    ]
    court.run("nft -f -", text="\n".join(tables))
    court.ask(trace=True)


def _text(dice: Dice, program: str, number: int) -> str:
    if program.startswith("nft"):
        return "".join(NftGrammar(dice).table(number * 10 + n) for n in range(dice.random.randint(1, 3)))
    if program == "ebtables":
        return EbtablesGrammar(dice).text()
    if program == "arptables":
        return ArptablesGrammar(dice).text()
    return IptablesGrammar(dice, "ip6" if program.startswith("ip6") else "ip").text()


def _load(court: Court, program: str, text: str) -> None:
    """Lines that the program refuses are left out: the grammar need not know every rule of what goes with what."""
    lines = text.split("\n")
    for _ in range(60):
        status, _, err = court.try_run(LOADS[program], text="\n".join(lines))
        if status == 0:
            return
        refused = {int(next(filter(None, found))) for found in _REFUSED.findall(err)}
        if not refused:
            raise RuntimeError(f"{program} names no line: {err}\n{text}")
        # After an error of syntax the others may be wrong because of it.
        for number in sorted(refused if "syntax error" not in err else {min(refused)}, reverse=True):
            _take_out(lines, number - 1)
    raise RuntimeError(f"{program} refuses everything: {err}\n{text}")


def _take_out(lines: list[str], at: int) -> None:
    """Where the kernel refuses a whole table, it names none of its rules: the last third of them goes."""
    if lines[at] != "COMMIT" and lines[at]:
        del lines[at]
        return
    start = max(number for number in range(at) if lines[number].startswith("*"))
    rules = [number for number in range(start, at) if lines[number].startswith("-A")]
    del lines[rules[len(rules) * 2 // 3] : at]
