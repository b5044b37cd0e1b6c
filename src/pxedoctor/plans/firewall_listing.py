"""A rule put into the listings that a host has printed, so that a step can be tried on the model."""

import json
from collections.abc import Callable

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.netfilter import RulesText


def with_changed(host: Host, change: Callable[[RulesText], str | None]) -> Host | None:
    """The host with the first listing changed for which `change` gives a new text; None where it gives none."""
    if isinstance(host.netfilter, Missing):
        return None
    for index, listing in enumerate(host.netfilter.listings):
        text = change(listing)
        if text is not None:
            changed = msgspec.structs.replace(listing, text=text)
            listings = (*host.netfilter.listings[:index], changed, *host.netfilter.listings[index + 1 :])
            return msgspec.structs.replace(host, netfilter=msgspec.structs.replace(host.netfilter, listings=listings))
    return None


def first_in_saved(text: str, table: str, chain: str, rule: str) -> str | None:
    """An iptables-save text with `rule` (without -A and chain) before the chain's others; None: no such chain in it."""
    lines = text.splitlines(keepends=True)
    start = next((n for n, line in enumerate(lines) if line.rstrip() == f"*{table}"), None)
    if start is None:
        return None
    end = next((n for n in range(start, len(lines)) if lines[n].rstrip() == "COMMIT"), len(lines))
    if not any(line.startswith(f":{chain} ") for line in lines[start:end]):
        return None
    at = next((n for n in range(start, end) if f"-A {chain} " in lines[n]), end)
    return "".join((*lines[:at], f"-A {chain} {rule}\n", *lines[at:]))


def first_in_nft_text(text: str, table: tuple[str, str], chain: str, rule: str) -> str | None:
    """The same for what `nft -a list ...` prints; `table` is (family, name)."""
    lines = text.splitlines(keepends=True)
    here: tuple[str, str] | None = None
    for number, line in enumerate(lines):
        words = line.split()
        if words[:1] == ["table"] and len(words) > 3:
            here = (words[1], words[2])
        if here == table and words[:3] == ["chain", chain, "{"]:
            head = number + 1
            while head < len(lines) and lines[head].split()[:1] in (["type"], ["comment"], ["policy"]):
                head += 1
            return "".join((*lines[:head], f"\t\t{rule} # handle 0\n", *lines[head:]))
    return None


def first_in_nft_json(text: str, table: tuple[str, str], chain: str, rule: dict[str, object]) -> str | None:
    """The same for what `nft -j list ...` prints; `rule` holds its expressions and its comment."""
    try:
        entries = json.loads(text)["nftables"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    where = {"family": table[0], "table": table[1]}
    if not isinstance(entries, list) or not any(_is(entry, "chain", where | {"name": chain}) for entry in entries):
        return None
    new = {"rule": where | {"chain": chain, "handle": 0} | rule}
    at = next((n for n, entry in enumerate(entries) if _is(entry, "rule", where | {"chain": chain})), len(entries))
    return json.dumps({"nftables": [*entries[:at], new, *entries[at:]]})


def _is(entry: object, kind: str, values: dict[str, str]) -> bool:
    found = entry.get(kind) if isinstance(entry, dict) else None
    return isinstance(found, dict) and all(found.get(key) == value for key, value in values.items())
