"""The house rules that a machine can keep: sizes, and that importing does nothing."""

import ast
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pxedoctor

SOURCE = Path(pxedoctor.__file__).parent
MODULE_LINES = 300
FUNCTION_LINES = 40

# What is over the limit, with the reason. Empty is best.
LEDGER: dict[str, str] = {}

FILES = sorted(SOURCE.rglob("*.py"))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def too_long() -> dict[str, int]:
    found: dict[str, int] = {}
    for path in FILES:
        name = str(path.relative_to(SOURCE))
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines >= MODULE_LINES:
            found[name] = lines
        found |= {f"{name}:{function}": size for function, size in functions(path) if size >= FUNCTION_LINES}
    return found


def test_modules_and_functions_are_short() -> None:
    new = {name: lines for name, lines in too_long().items() if name not in LEDGER}
    assert not new, f"a module has {MODULE_LINES} lines at most, a function {FUNCTION_LINES}; these have more: {new}"


def test_the_ledger_holds_only_debts_with_reasons() -> None:
    paid = set(LEDGER) - set(too_long())
    assert not paid, f"no longer too long, take it out of LEDGER: {sorted(paid)}"
    assert all(LEDGER.values()), "a debt in LEDGER needs its reason"


def test_no_module_is_called_utils() -> None:
    named = [path.name for path in FILES if path.stem in {"utils", "util", "helpers", "common", "misc"}]
    assert not named, f"a name that says nothing: {named}"


# Run in a child: the hook cannot be taken away again (PEP 578).
_IMPORT_ALL = """
import importlib, sys

FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.mkdir", "os.remove",
             "os.rename", "os.rmdir", "os.chmod", "os.putenv", "shutil.", "tempfile.", "signal.", "urllib.")

def hook(event, arguments):
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise SystemExit(f"importing {now} opens {arguments[0]!r} for writing")
    if event.startswith(FORBIDDEN):
        raise SystemExit(f"importing {now} does {event} {arguments}")

now = ""
names = sys.argv[1:]
sys.addaudithook(hook)
for now in names:
    importlib.import_module(now)
print(len(names))
"""


def test_importing_does_nothing() -> None:
    """Every module, imported with sockets, programs and writing forbidden."""
    found = pkgutil.walk_packages(pxedoctor.__path__, "pxedoctor.")
    names = [info.name for info in found if not info.name.endswith("__main__")]
    done = subprocess.run(
        [sys.executable, "-B", "-c", _IMPORT_ALL, *names], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(names)
