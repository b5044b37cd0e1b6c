"""nft shows the kernel's own instructions beside its text: what a rule demands must be the same in both.

Compared is what the text leaves out (kind of packet, layer 4 protocol) and what is plain equality: ports, addresses,
marks. To repeat a run that failed, take the seed from its message.
"""

import random
import re
import subprocess
from ipaddress import ip_address
from itertools import pairwise

import pytest

from nft_rulesets import ruleset
from nft_shown import shown
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.netfilter.condition import Member, Number, Unmodelled
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.syntax import Rule, Strange, VerdictMap

pytestmark = pytest.mark.lab

_RULESETS = 80
_RULE = re.compile(r"(\S+) (\S+) (\w+) (\d+)(?: \d+)?$")
_EQUAL = re.compile(r"\[ cmp eq reg \d+ ((?:0x[0-9a-f]{8} ?)+)\]")
_KINDS = {0x0800: "ip", 0x0806: "arp", 0x86DD: "ip6", 0x8100: "vlan"}
_OF_FIELD = {
    **dict.fromkeys((Field.SOURCE4, Field.DESTINATION4, Field.FRAGMENT), "ip"),
    **dict.fromkeys((Field.SOURCE6, Field.DESTINATION6), "ip6"),
    **dict.fromkeys((Field.ARP_OPERATION, Field.ARP_SOURCE), "arp"),
    Field.VLAN: "vlan",
}
_LOAD = re.compile(r"\[ payload load (\d+)b @ (transport|network|link) header \+ (\d+) ")
# Where in the header it stands, and how long it is. Neighbours are loaded together.
_TRANSPORT = {"sport": (0, 2), "dport": (2, 2)}
_LINK = {"kind": (12, 2), "inner kind": (16, 2)}
_NETWORK = {
    "ip": {"source": (12, 4), "destination": (16, 4), "protocol": (9, 1)},
    "ip6": {"source": (8, 16), "destination": (24, 16), "protocol": (6, 1)},
}
_FIELDS = {
    Field.SOURCE_PORT: "sport",
    Field.DESTINATION_PORT: "dport",
    Field.TRANSPORT_SOURCE: "sport",
    Field.TRANSPORT_DESTINATION: "dport",
    Field.SOURCE4: "source",
    Field.DESTINATION4: "destination",
    Field.SOURCE6: "source",
    Field.DESTINATION6: "destination",
    Field.MARK: "mark",
}


def of_instructions(code: list[str], family: str) -> set[str]:
    """ "kind ip", "protocol 17", "dport 67", ... that the instructions demand."""
    found = {f"kind {family}"}
    for load, compare in pairwise(code):
        equal = _EQUAL.search(compare)
        if equal is None:
            continue
        raw = b"".join(int(word, 16).to_bytes(4, "little") for word in equal[1].split())
        what = load.removeprefix("[ ").partition(" =>")[0]
        if what == "meta load nfproto":
            found.add({2: "kind ip", 10: "kind ip6"}[raw[0]])
        elif what == "meta load protocol":
            found.add(f"kind {_KINDS[int.from_bytes(raw[:2], 'big')]}")
        elif what == "meta load l4proto":
            found.add(f"protocol {raw[0]}")
        elif what == "meta load mark":
            found.add(f"mark {int.from_bytes(raw[:4], 'little')}")
        elif loaded := _LOAD.match(load):
            network = _NETWORK["ip6" if "kind ip6" in found else "ip"]
            names = {"transport": _TRANSPORT, "link": _LINK}.get(loaded[2], network)
            found |= _values(names, raw[: int(loaded[1])], int(loaded[3]))
    return found - {f"kind {family}"}


def _values(names: dict[str, tuple[int, int]], raw: bytes, offset: int) -> set[str]:
    """What of the header these bytes are, which stand in it at the offset."""
    found = set()
    for name, (at, size) in names.items():
        part = raw[at - offset : at - offset + size] if at >= offset else b""
        if len(part) == size and "kind" in name:
            kind = int.from_bytes(part, "big")
            found.add(f"kind {_KINDS.get(kind, kind)}")
        elif len(part) == size:
            is_address = name in {"source", "destination"}
            found.add(f"{name} {ip_address(part) if is_address else int.from_bytes(part, 'big')}")
    return found


def of_tree(rule: Rule, family: str) -> set[str]:
    """The same, as the rule was read."""
    found = set()
    for part in rule.parts:
        fields = part.fields if isinstance(part, Member | VerdictMap) else (getattr(part, "field", None),)
        found |= {f"kind {_OF_FIELD[field]}" for field in fields if field in _OF_FIELD}
        if not isinstance(part, Number) or part.negated or part.mask is not None or len(part.ranges) != 1:
            continue
        (low, high), field = part.ranges[0], part.field
        if low != high:
            continue
        if field in {Field.ETHERTYPE, Field.HEADER_TYPE}:
            found.add(f"kind {_KINDS.get(low, low)}")
        elif field is Field.FAMILY:
            found.add({2: "kind ip", 10: "kind ip6"}[low])
        elif field is Field.PROTOCOL:
            found.add(f"protocol {low}")
        elif field in _FIELDS:
            found.add(f"{_FIELDS[field]} {_address(field, low)}")
    return found - {f"kind {family}"}


def _address(field: Field, number: int) -> str:
    size = {"ip": 4, "ip6": 16}.get(_OF_FIELD.get(field, ""))
    return str(number) if size is None else str(ip_address(number.to_bytes(size, "big")))


def instructions(listing: str) -> dict[tuple[str, int], list[str]]:
    """By family and handle; every table of these rulesets is called t."""
    found: dict[tuple[str, int], list[str]] = {}
    code: list[str] = []
    for line in listing.splitlines():
        if rule := _RULE.match(line):
            code = found.setdefault((rule[1], int(rule[4])), [])
        elif line.startswith("  ["):
            code.append(line.strip())
    return found


def listed(site: Site, written: str) -> str:
    done = subprocess.run(
        site.command("nft", "-f", "-"), input=f"flush ruleset\n{written}", check=False, capture_output=True, text=True
    )
    assert done.stderr == ""
    return site.run("nft", "--debug=netlink", "-a", "list", "ruleset")


def demands(rule: Rule, code: list[str], family: str) -> tuple[set[str], set[str]]:
    """What the tree and what the instructions demand, as far as both can be compared."""
    tree, kernel = of_tree(rule, family), of_instructions(code, family)
    if any(getattr(part, "field", None) in {Field.ICMP_TYPE, Field.ICMP_CODE} for part in rule.parts):
        # Of ICMP the protocol says the kind, and type and code stand where ports do elsewhere.
        return tuple({demand for demand in side if not demand.startswith(("kind", "sport"))} for side in (tree, kernel))
    if any(isinstance(part, Unmodelled | Strange) for part in rule.parts):
        # Values of what is not modelled are not in the tree; what it implies is.
        return tree, {demand for demand in kernel if demand in tree or demand.startswith(("kind", "protocol"))}
    return tree, kernel


def test_what_a_rule_demands_is_what_the_kernel_was_told() -> None:
    compared = demanding = 0
    with open_site() as site:
        site.run("ip", "link", "set", "lo", "up")
        for seed in range(_RULESETS):
            listing = listed(site, ruleset(random.Random(seed)))
            codes = instructions(listing)
            for table in parse_nft_text(listing[listing.index("\ntable ") + 1 :], "nft"):
                for rule in (rule for chain in table.chains.values() for rule in chain.rules):
                    if "@ll," in rule.text:
                        # Here nft's text is not what the kernel has (nft_rule.believed).
                        continue
                    code = codes[table.family, rule.handle or 0]
                    tree, kernel = demands(rule, code, table.family)
                    told = "\n".join(code)
                    assert tree == kernel, f"seed {seed}, {table.family}: {rule.text}\n{shown(rule)}\n{told}"
                    compared += 1
                    demanding += tree != set()
    assert compared > _RULESETS * 20
    assert demanding > compared * 0.4
