"""nft lists the same rules as text and as JSON: both must give the same tree. The rules are loaded into a real kernel.

What may differ: texts (JSON has none), devices of netdev chains and `dynamic` of sets, which nft 1.0.6 leaves out of
JSON. To repeat a run that failed, take the seed from its message.
"""

import random
import subprocess
from pathlib import Path

import msgspec
import pytest

from nft_rulesets import ruleset
from nft_shown import shown
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.netfilter.condition import AnyOf, Unmodelled
from pxedoctor.netfilter.nft_json import parse_nft_json
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.syntax import Chain, NamedSet, Rule, Strange, Table

pytestmark = pytest.mark.lab

_RULESETS = 120
# Of all that the grammar can say, this could end a packet, or change it, in ways that nobody models.
STRANGE = [
    "fib daddr type vmap { local : accept, broadcast : drop }",
    'fwd to "lo"',
    "ip ttl set 5",
    "numgen inc mod 2 vmap { 0 : accept, 1 : jump c1 }",
    "synproxy mss 1460 wscale 7 timestamp sack-perm",
    'synproxy name "sp"',
    "tproxy to :50080",
]
_LISTINGS = Path(__file__).parent / "listings"


def load(site: Site, text: str) -> str:
    """What nft says against it; "" where it is loaded."""
    done = subprocess.run(
        site.command("nft", "-f", "-"), input=f"flush ruleset\n{text}", check=False, capture_output=True, text=True
    )
    return done.stderr


def listed(site: Site) -> tuple[tuple[Table, ...], tuple[Table, ...]]:
    text = parse_nft_text(site.run("nft", "-a", "list", "ruleset"), "text")
    return text, parse_nft_json(site.run("nft", "-j", "list", "ruleset"), "JSON")


def bare(part: object) -> object:
    """A part without the text that it was read from."""
    if isinstance(part, AnyOf):
        return msgspec.structs.replace(part, conditions=tuple(map(bare, part.conditions)), text="")
    return msgspec.structs.replace(part, text="") if hasattr(part, "text") else part


def of_rule(rule: Rule) -> tuple[object, ...]:
    return rule.handle, rule.comment, tuple(map(bare, rule.parts))


def of_chain(chain: Chain) -> tuple[object, ...]:
    return chain.name, chain.hook, chain.priority, chain.policy, chain.kind


def of_set(named: NamedSet) -> tuple[object, ...]:
    return named.name, named.elements, named.verdicts, named.known


def differences(text: tuple[Table, ...], json: tuple[Table, ...]) -> list[str]:
    found = []
    assert [(table.family, table.name) for table in text] == [(table.family, table.name) for table in json]
    for ours, theirs in zip(text, json, strict=True):
        assert ours.chains.keys() == theirs.chains.keys()
        assert ours.sets.keys() == theirs.sets.keys()
        found += [f"{s}\n{theirs.sets[n]}" for n, s in ours.sets.items() if of_set(s) != of_set(theirs.sets[n])]
        for name, chain in ours.chains.items():
            other = theirs.chains[name]
            if of_chain(chain) != of_chain(other):
                found.append(f"{of_chain(chain)}\n{of_chain(other)}")
            for rule, same in zip(chain.rules, other.rules, strict=True):
                if of_rule(rule) != of_rule(same):
                    found.append(f"{rule.text}\n  text: {shown(rule)}\n  JSON: {shown(same)}")
    return found


def test_random_rulesets_are_the_same_tree_from_text_and_json() -> None:
    rules = unmodelled = refused = 0
    with open_site() as site:
        site.run("ip", "link", "set", "lo", "up")
        for seed in range(_RULESETS):
            written = ruleset(random.Random(seed))
            refusal = load(site, written)
            refused += refusal != ""
            text, json = listed(site)
            wrong = differences(text, json)
            assert not wrong, f"seed {seed}\n" + "\n".join(wrong)
            read = [rule for table in text for chain in table.chains.values() for rule in chain.rules]
            rules += len(read)
            unmodelled += sum(any(isinstance(part, Unmodelled | Strange) for part in rule.parts) for rule in read)
    # A generator whose rules are refused, or not understood, would compare nothing.
    assert not refused
    assert rules > _RULESETS * 20
    assert unmodelled < rules * 0.5


def test_every_statement_of_the_grammar_is_the_same_from_text_and_json() -> None:
    with open_site() as site:
        site.run("ip", "link", "set", "lo", "up")
        assert load(site, (_LISTINGS / "grammar.nft").read_text(encoding="utf-8")) == ""
        text, json = listed(site)
    assert not differences(text, json)
    rules = [rule for table in text for chain in table.chains.values() for rule in chain.rules]
    assert len(rules) > 230
    assert sorted({part.text for rule in rules for part in rule.parts if isinstance(part, Strange)}) == STRANGE
