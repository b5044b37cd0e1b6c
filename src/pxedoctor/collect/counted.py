"""Understands counters: one number for each thing that is counted, with where a person reads it again."""

import re
from collections.abc import Iterator

from pxedoctor.access.answer import Answers, read_question, run_question
from pxedoctor.collect import kernel_counters
from pxedoctor.collect.ask.bridges import xstats
from pxedoctor.collect.ask.counted import CONNTRACK, LINKS, QUEUES, RULES, legacy
from pxedoctor.collect.ask.netfilter import LEGACY_NAMES
from pxedoctor.collect.texts import json_of, records, text_of, word
from pxedoctor.model.counted import Counted, Counter
from pxedoctor.model.fact import Missing

# The kernel's count of a link's coming and going is among those of what is sent (iproute2 ip/ipaddress.c).
_LINK_NAMES = ("packets", "dropped", "errors", "over_errors", "fifo_errors", "missed_errors", "carrier_changes")
_TABLE = r"table (\S+) (\S+) \{"
_CHAIN = r"\tchain (\S+) \{"
_COUNTER = r"counter packets (\d+) bytes \d+"
_HANDLE = r" # handle (\d+)$"
_SAVED = r"\[(\d+):\d+\] (-A \S+.*)"
_POLICY = r":(\S+) (DROP|REJECT) \[(\d+):\d+\]"


def parse(answers: Answers, ports: tuple[str, ...]) -> Counted:
    """Everything that could be read; what could not is simply not counted."""
    found: dict[Counter, int] = {}
    for counter, value in (*_links(answers), *_queues(answers), *_kernel(answers), *_conntrack(answers)):
        found[counter] = found.get(counter, 0) + value
    for port in ports:
        found |= dict(_bpdus(answers, port))
    found |= dict(_nft(text_of(answers, run_question(RULES)) or ""))
    for family in ("ip", "ip6"):
        for table in (text_of(answers, read_question(LEGACY_NAMES[family])) or "").split():
            found |= dict(_saved(answers, family, table))
    return found


def _links(answers: Answers) -> Iterator[tuple[Counter, int]]:
    listing = json_of(answers, run_question(LINKS))
    for record in [] if isinstance(listing, Missing) else records(listing):
        stats = record.get("stats64")
        device = word(record.get("ifname"))
        for way in ("rx", "tx"):
            counts = stats.get(way) if isinstance(stats, dict) else None
            for name in _LINK_NAMES:
                value = counts.get(name) if isinstance(counts, dict) else None
                if isinstance(value, int):
                    yield _counter("link", f"{way}_{name}", device, f"ip -s -s link show dev {device}"), value


def _queues(answers: Answers) -> Iterator[tuple[Counter, int]]:
    listing = json_of(answers, run_question(QUEUES))
    for record in [] if isinstance(listing, Missing) else records(listing):
        device, drops = word(record.get("dev")), record.get("drops")
        if isinstance(drops, int):
            name = f"{word(record.get('kind'))} {word(record.get('handle'))} drops".replace("  ", " ")
            yield _counter("tc", name, device, f"tc -s qdisc show dev {device}"), drops


def _kernel(answers: Answers) -> Iterator[tuple[Counter, int]]:
    counters = kernel_counters.protocols(answers)
    for name, value in {} if isinstance(counters, Missing) else counters.items():
        yield _counter("kernel", name, "", f"nstat -az {name}"), value


def _conntrack(answers: Answers) -> Iterator[tuple[Counter, int]]:
    """A line for each processor, in hexadecimal digits (net/netfilter/nf_conntrack_standalone.c)."""
    lines = (text_of(answers, read_question(CONNTRACK)) or "").splitlines()
    names = lines[0].split() if lines else []
    for line in lines[1:]:
        for name, value in zip(names, line.split(), strict=False):
            if name in {"drop", "early_drop", "insert_failed", "invalid"} and re.fullmatch("[0-9a-f]{1,16}", value):
                yield _counter("conntrack", name, "", CONNTRACK), int(value, 16)


def _bpdus(answers: Answers, port: str) -> Iterator[tuple[Counter, int]]:
    text = text_of(answers, run_question(xstats(port))) or ""
    for name in ("rx_bpdu", "tx_bpdu", "rx_tcn", "tx_tcn", "transition_fwd", "transition_blk"):
        found = re.search(rf'"{name}":\s*(\d{{1,18}})', text)
        if found:
            yield _counter("bridge-stp", name, port, " ".join(xstats(port))), int(found[1])


def _nft(listing: str) -> Iterator[tuple[Counter, int]]:
    family = table = chain = ""
    for line in listing.splitlines():
        if head := re.match(_TABLE, line):
            family, table = head[1], head[2]
        elif head := re.match(_CHAIN, line):
            chain = head[1]
        elif counted := re.search(_COUNTER, line):
            handle = re.search(_HANDLE, line)
            text = re.sub(_HANDLE, "", re.sub(_COUNTER, "counter", line)).strip()
            origin = f"nft -a list chain {family} {table} {chain}, handle {handle[1] if handle else '?'}"
            yield _counter("rule", text, f"{family} {table} {chain}", origin), int(counted[1])


def _saved(answers: Answers, family: str, table: str) -> Iterator[tuple[Counter, int]]:
    argv = legacy(family, table)
    for line in (text_of(answers, run_question(argv)) or "").splitlines():
        if rule := re.match(_SAVED, line):
            chain = rule[2].split()[1]
            yield _counter("rule", rule[2], f"{family} {table} {chain}", " ".join(argv)), int(rule[1])
        elif policy := re.match(_POLICY, line):
            name = f"policy {policy[2]}"
            yield _counter("rule", name, f"{family} {table} {policy[1]}", " ".join(argv)), int(policy[3])


def _counter(source: str, name: str, device: str, origin: str) -> Counter:
    return Counter(source=source, name=name, device=device, origin=origin)
