"""Generates what the docs say of causes, JSON and real output, and checks it: --write or --check.

Generated: what pxedoctor itself reads of its causes (src/pxedoctor/report/causes.json), docs/causes.md,
docs/causes/<name>.md, docs/schema.json, docs/profiles.md (by profiles_table.py),
docs/repairs.md (by repairs_table.py), in docs/lab.md what normalise() takes out, in docs/owners.md what each owner of a
bridge says of itself, in docs/crash-drill.md the record of the drills, and in docs/confusion.md that of
what was named first.
Checked besides: every relative link in README.md, CONTRIBUTING.md and docs/ leads to a file (and heading).
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import profiles_table
import repairs_table

from pxedoctor.checks import CHECKS
from pxedoctor.lab import confusion, confusion_table, drill, normalise, stacked, stacked_table
from pxedoctor.plans.owners import OWNERS
from pxedoctor.plans.owners.owner import Owner
from pxedoctor.report import catalogue, json_schema
from pxedoctor.report.causes import markdown_table
from pxedoctor.report.explanation import markdown
from pxedoctor.report.words import names

ROOT = Path(__file__).resolve().parent.parent
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_NORMALISE = re.compile(r"(?<=<!-- normalise -->).*(?=<!-- /normalise -->)", re.DOTALL)
_OWNERS = re.compile(r"(?<=<!-- owners -->).*(?=<!-- /owners -->)", re.DOTALL)
_RECORD = re.compile(r"(?<=<!-- record -->).*(?=<!-- /record -->)", re.DOTALL)
_CONFUSION = re.compile(r"(?<=<!-- confusion -->).*(?=<!-- /confusion -->)", re.DOTALL)
_PAIRS = re.compile(r"(?<=<!-- pairs -->).*(?=<!-- /pairs -->)", re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

_CAUSES = """\
# Causes

Every cause that this version of pxedoctor knows, made from the checks themselves by `scripts/generate_docs.py`.
The code and the name never change; a name that was changed lives on as an alias. *Repair* tells whether pxedoctor has a
repair of its own for it: always, sometimes (it depends on the host) or never.

{table}

## Names that are no checks

The field knows these names, too. `pxedoctor explain` takes them, and no diagnosis finds them
([why](adr/0010-names-without-a-check.md)).

{names}
"""


def generated() -> dict[Path, str]:
    """Path to what it should hold."""
    docs = ROOT / "docs"
    pages = {docs / "causes" / f"{check.META.name}.md": markdown(check) for check in CHECKS}
    return {
        ROOT / "src" / "pxedoctor" / "report" / "causes.json": catalogue.encoded(CHECKS),
        docs / "causes.md": _CAUSES.format(table=markdown_table(CHECKS), names=names.markdown_table()),
        docs / "profiles.md": profiles_table.page(ROOT / "tests" / "dialogue" / "measured"),
        docs / "repairs.md": repairs_table.page(),
        docs / "schema.json": json_schema.schema() + "\n",
        docs / "owners.md": with_owners((docs / "owners.md").read_text(encoding="utf-8")),
        docs / "crash-drill.md": with_record(docs / "crash-drill.md", docs / "crash-drill.jsonl"),
        docs / "confusion.md": with_confusion(docs),
        docs / "lab.md": with_normalise((docs / "lab.md").read_text(encoding="utf-8")),
        **pages,
    }


def with_normalise(page: str) -> str:
    """The page with the module's own words, less its first sentence, between the two marks."""
    words = (normalise.__doc__ or "").partition("\n\n")[2].strip()
    return _NORMALISE.sub(lambda _: f"\n{words}\n", page)


def with_owners(page: str) -> str:
    """The page with each owner's own words, and what is never run, between the two marks."""
    words = "\n\n".join(map(_owner, OWNERS))
    return _OWNERS.sub(lambda _: f"\n{words}\n", page)


def with_record(page: Path, record: Path) -> str:
    """The page with what came of the drills between the two marks."""
    words = drill.shown(drill.read(record.read_bytes()))
    return _RECORD.sub(lambda _: f"\n{words}", page.read_text(encoding="utf-8"))


def with_confusion(docs: Path) -> str:
    """The page with which cause was named first, of one fault and of two, each between its two marks."""
    page = (docs / "confusion.md").read_text(encoding="utf-8")
    one = confusion_table.shown(confusion.read((docs / "confusion.jsonl").read_bytes()))
    page = _CONFUSION.sub(lambda _: f"\n{one}", page)
    two = stacked_table.shown(stacked.read((docs / "stacked-pairs.jsonl").read_bytes()), len(stacked.pairs()))
    return _PAIRS.sub(lambda _: f"\n{two}", page)


def _owner(owner: Owner) -> str:
    never = "\n".join(f"- never `{entry.command}`: it {entry.why}" for entry in owner.NEVER)
    return f"### {owner.NAME}\n\n{(owner.__doc__ or '').strip()}\n\n{never}"


def write() -> None:
    wanted = generated()
    for path in stale_pages(wanted):
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def problems() -> Iterator[str]:
    wanted = generated()
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{path.relative_to(ROOT)} is not what the code says"
    for path in stale_pages(wanted):
        yield f"{path.relative_to(ROOT)} is about a cause that is not in CHECKS"
    yield from broken_links()


def stale_pages(wanted: dict[Path, str]) -> list[Path]:
    return sorted(set((ROOT / "docs" / "causes").glob("*.md")) - set(wanted))


def broken_links() -> Iterator[str]:
    for page in sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]):
        for link in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))):
            if "://" in link or link.startswith("mailto:"):
                continue
            name, _, anchor = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            if not target.exists():
                yield f"{page.relative_to(ROOT)}: {link} leads nowhere"
            elif anchor and anchor not in anchors(target):
                yield f"{page.relative_to(ROOT)}: {link}: no such heading"


def anchors(page: Path) -> set[str]:
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true")
    mode.add_argument("--check", action="store_true")
    if parser.parse_args().write:
        write()
    found = list(problems())
    for problem in found:
        print(f"docs: {problem}", file=sys.stderr)
    if found:
        print("docs: scripts/generate_docs.py --write makes the generated ones", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
