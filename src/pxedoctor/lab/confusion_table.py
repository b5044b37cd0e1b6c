"""The record of lab.confusion as the page shows it. Pure."""

from collections.abc import Sequence
from itertools import groupby

from pxedoctor.lab.confusion import Seen, missing


def shown(rows: Sequence[Seen]) -> str:
    """Counts, the table of causes, what is off the diagonal, the healthy hosts, and what the record lacks."""
    faults = [row for row in rows if row.kind == "fault"]
    healthy = [row for row in rows if row.kind != "fault"]
    taken = "; ".join(dict.fromkeys(row.taken for row in rows))
    lacks = missing(rows)
    parts = [
        f"{_counts(faults, 'faults', 'named first')} {_counts(healthy, 'healthy hosts', 'without finding or doubt')}",
        f"Seen: {taken}.",
        _causes(faults),
        _exceptions(rows),
        _healthy(healthy),
        f"{len(lacks)} of the lab's faults, decoys and firewall managers of the zoo were not looked at yet."
        if lacks
        else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _counts(rows: Sequence[Seen], what: str, how: str) -> str:
    made = [row for row in rows if row.made]
    return f"**{sum(row.right for row in made)} of {len(made)} {what}** {how}."


def _causes(faults: Sequence[Seen]) -> str:
    """The confusion table: a row a cause that was made; only what differs from nought is written."""
    by_cause = {
        cause: list(rows) for cause, rows in groupby(sorted(faults, key=lambda row: row.cause), lambda row: row.cause)
    }
    lines = [
        "| cause that was made | faults | named first | another named first | none named |",
        "|---|---|---|---|---|",
    ]
    for cause, of_it in by_cause.items():
        rows = [row for row in of_it if row.made]
        others = [row.first for row in rows if row.first not in {"", cause}]
        words = ", ".join(f"{name}: {others.count(name)}" for name in dict.fromkeys(others))
        none = sum(not row.first for row in rows)
        lines.append(f"| {_link(cause)} | {len(rows)} | {sum(row.right for row in rows)} | {words} | {none or ''} |")
    return "\n".join(lines)


def _link(cause: str) -> str:
    return f"[{cause}](causes/{cause}.md)"


def _exceptions(rows: Sequence[Seen]) -> str:
    lines = [f"- {row.name}: {_said(row)}" for row in rows if not row.made or not row.right]
    return "\n".join(["### Exceptions", "", *(lines or ["None."])])


def _said(row: Seen) -> str:
    named = ", ".join(row.named) or "nothing"
    if row.trouble:
        what = f"this host could not be made: `{row.trouble.splitlines()[0][:160]}`"
    elif not row.made:
        what = f"not the host that it should be: its guest {'succeeded' if row.worked else 'failed'}; found: {named}"
    else:
        what = f"found: {named}, exit status {row.exit_code}"
    return f"{what}."


def _healthy(rows: Sequence[Seen]) -> str:
    kinds = {"decoy": "decoys: they look wrong, and are fine", "zoo": "the zoo: networks, firewall managers, firmwares"}
    lines = ["### Healthy hosts", "", "| hosts | how many | a finding | exit status not 0 |", "|---|---|---|---|"]
    for kind, words in kinds.items():
        of_kind = [row for row in rows if row.kind == kind and row.made]
        alarms = sum(bool(set(row.named) - set(row.allowed)) for row in of_kind)
        lines.append(f"| {words} | {len(of_kind)} | {alarms} | {sum(row.exit_code != 0 for row in of_kind)} |")
    return "\n".join(lines)
