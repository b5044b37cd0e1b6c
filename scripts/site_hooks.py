"""What MkDocs is told beyond mkdocs.yml: the pages that stand outside of docs/, and links that lead there.

README.md is the first page and CONTRIBUTING.md another one, each with its links turned. A link out of docs/ to a file
of the repository (a test, a fault) becomes that file's path in plain text, after a look whether the file is there: the
site may be read where no repository is.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
# The page of the site, and the file of the repository that it shows.
OUTSIDE = {"index.md": "README.md", "contributing.md": "CONTRIBUTING.md"}
_LINK = re.compile(r"\[(?P<words>[^\]]*)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Adds a page for each cause and each decision: files that come by the dozen are not listed by hand."""
    sections = {next(iter(entry)): entry for entry in config.nav or [] if isinstance(entry, dict)}
    for title, folder in (("Causes", "causes"), ("Decisions", "adr")):
        pages = sorted(path.relative_to(ROOT / "docs") for path in (ROOT / "docs" / folder).glob("*.md"))
        sections[title][title].extend(str(page) for page in pages)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for page, source in OUTSIDE.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_LINK.sub(_from_root, text)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    folder = (ROOT / "docs" / page.file.src_uri).parent
    if page.file.src_uri in OUTSIDE:
        return markdown
    return _LINK.sub(lambda link: _within(link, folder, page.file.src_uri), markdown)


def _from_root(link: re.Match[str]) -> str:
    """A link as it is written in the root of the repository, as the page of the site says it."""
    target = link["target"]
    if "://" in target:
        return link[0]
    page = next((page for page, source in OUTSIDE.items() if source == target), target.removeprefix("docs/"))
    if page == target and not target.startswith("docs/"):
        return _plain(link, ROOT / target, "the root")
    return f"[{link['words']}]({page}{link['anchor'] or ''})"


def _within(link: re.Match[str], folder: Path, where: str) -> str:
    target = link["target"]
    if "://" in target or not (folder / target).resolve().is_relative_to(ROOT):
        return link[0]
    file = (folder / target).resolve()
    if file.is_relative_to(ROOT / "docs"):
        return link[0]
    page = next((page for page, source in OUTSIDE.items() if ROOT / source == file), None)
    if page is not None:
        up = "../" * len((ROOT / "docs" / where).parent.relative_to(ROOT / "docs").parts)
        return f"[{link['words']}]({up}{page}{link['anchor'] or ''})"
    return _plain(link, file, where)


def _plain(link: re.Match[str], file: Path, where: str) -> str:
    if not file.exists():
        raise PluginError(f"{where}: a link leads to {link['target']}, which is not there")
    words, path = link["words"], file.relative_to(ROOT).as_posix()
    return words if words.strip("`") in (path, file.name) else f"{words} (`{path}`)"
