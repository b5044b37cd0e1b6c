"""What a verb imports before it does anything: that, more than the host, is what a run costs."""

import importlib
import subprocess
import sys

import pytest

from pxedoctor.cli import VERBS
from pxedoctor.dialogue.profiles import ipxe

# What costs 3 ms and more, and what most runs of a verb have no need of.
_NOBODY = ("asyncio", "lxml", "httpx", "jinja2", "ruamel.yaml", "dns", "jeepney", "prometheus_client")
_PLANS = ("pxedoctor.plans.owners", "pxedoctor.plans.firewall_choice", "pxedoctor.plans.network", "difflib")
_SELDOM = (
    "hashlib",
    "pxedoctor.road.traced_road",
    "pxedoctor.wire.frame",
    "pxedoctor.report.json_schema",
    "urllib.parse",
)
_DIAGNOSE = "pxedoctor.cli.diagnose, pxedoctor.access.live, pxedoctor.diagnose.engine"
_PROBE = "pxedoctor.cli.probe, pxedoctor.care.probing, pxedoctor.cli.timeline, pxedoctor.probe.run"


def imported(names: str) -> set[str]:
    """Every module that is there after `import NAMES` in a Python of its own."""
    code = f"import sys, {names}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize(
    ("names", "without"),
    [
        ("pxedoctor.__main__", ("click", "msgspec", "re")),
        ("pxedoctor.cli.group", ("msgspec", "pxedoctor.model")),
        ("pxedoctor.cli, pxedoctor.cli.plain", ("click", "msgspec", "inspect", "shutil")),
        ("pxedoctor.cli.listing, pxedoctor.cli.explaining", ("click", "msgspec", "inspect", "shutil", "datetime")),
        ("pxedoctor.cli.diagnosing, pxedoctor.access.live, pxedoctor.diagnose.engine", ("click", "shutil", *_NOBODY)),
        (_DIAGNOSE, (*_NOBODY, *_PLANS, *_SELDOM)),
        # Imported while the host's programs run: also whatever understands what they say.
        (
            "pxedoctor.cli.diagnose, pxedoctor.access.live",
            ("pxedoctor.checks", "pxedoctor.road", "pxedoctor.collect.registry", "pxedoctor.model.host", "xml.etree"),
        ),
        ("pxedoctor.cli.fix", ("pxedoctor.checks", "pxedoctor.road.exchange")),
        ("pxedoctor.cli.fix, pxedoctor.diagnose.engine", (*_NOBODY, *_PLANS)),
        (
            _PROBE,
            (
                *_NOBODY[1:],
                "ctypes",
                "pxedoctor.model.host",
                "pxedoctor.dialogue.profiles.windows",
                "pxedoctor.report.drawing.ladder",
            ),
        ),
    ],
)
def test_what_only_some_runs_need_is_not_imported_for_all(names: str, without: tuple[str, ...]) -> None:
    assert imported(names) & set(without) == set()


def test_the_profile_that_is_imported_without_the_list_is_in_it() -> None:
    from pxedoctor.dialogue.profiles.registry import PROFILES

    assert ipxe.PROFILE in PROFILES


def test_every_verb_of_the_list_is_the_command_of_its_module() -> None:
    found = {name: importlib.import_module(verb.module).command.name for name, verb in VERBS.items()}
    assert found == {name: name for name in VERBS}


def test_help_lists_every_verb_on_one_line_and_imports_none() -> None:
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
    code += "from pxedoctor.cli import main; sys.argv = ['pxedoctor', '--help']; main()"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    told = done.stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in told] == list(VERBS)
    assert set(done.stderr.split()) & {verb.module for verb in VERBS.values()} == set()
