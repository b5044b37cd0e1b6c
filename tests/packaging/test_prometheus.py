"""The alerts and the dashboard: judged by promtool, and by what the keeper really exports.

There is no Grafana here: that its panels look well is not tested; that each asks Prometheus something that can be
answered, is.
"""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pxedoctor.verdict.happened import EventWord, Happened, Heard, Standing
from pxedoctor.watch.address import Address
from pxedoctor.watch.metrics import Numbers, serve

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
RULES = PACKAGING / "prometheus" / "pxedoctor.rules.yml"
BOARD: dict[str, Any] = json.loads((PACKAGING / "grafana" / "pxedoctor.json").read_text())
_METRIC = re.compile(r"\bpxedoctor_\w+")


def promtool(*words: str, given: str = "", folder: Path = PACKAGING) -> None:
    done = subprocess.run(
        ("promtool", *words), input=given, capture_output=True, text=True, check=False, timeout=60, cwd=folder
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def scrape() -> str:
    """What a real scrape brings, of a keeper that has told one event of each kind."""
    standing = Standing(
        id="NF002:br0",
        name="host-firewall-drops-dhcp",
        severity="broken",
        certainty="proven",
        headline="",
        targets=("a",),
    )
    numbers = Numbers(lambda: {"hook": 2})
    for word in EventWord:
        outcome = "undone" if word is EventWord.REPAIRED else ""
        about = None if word in {EventWord.LISTENING, EventWord.EVENTS_LOST, EventWord.CLOCK_JUMPED} else standing
        sources = (Heard("rules"),) if word is EventWord.LISTENING else ()
        numbers.tell(
            Happened(
                time="", event=word, finding=about, what="", who=None, seconds=0.1, outcome=outcome, sources=sources
            )
        )
    address = Address("127.0.0.1", 0)
    with urllib.request.urlopen(address.url(serve(numbers, address)), timeout=10) as answer:
        text: str = answer.read().decode()
        return text


@pytest.fixture(scope="module")
def exported(scrape: str) -> frozenset[str]:
    return frozenset(line.partition(" ")[0].partition("{")[0] for line in scrape.splitlines() if line[0] != "#")


def asked() -> Iterator[tuple[str, str]]:
    """Title and question of each panel."""
    for panel in BOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def test_promtool_has_nothing_to_say_against_a_real_scrape(scrape: str) -> None:
    promtool("check", "metrics", given=scrape)


def test_the_alerts_fire_when_they_should_and_only_then() -> None:
    promtool("check", "rules", str(RULES))
    promtool("test", "rules", "pxedoctor.rules.test.yml", folder=RULES.parent)


def test_alerts_and_dashboard_ask_only_for_what_is_exported(exported: frozenset[str]) -> None:
    wanted = set(_METRIC.findall(RULES.read_text().replace("pxedoctor_rules", "")))
    wanted |= {name for _, question in asked() for name in _METRIC.findall(question)}
    assert wanted <= exported


def test_every_number_is_on_the_dashboard(exported: frozenset[str]) -> None:
    shown = {name for _, question in asked() for name in _METRIC.findall(question)}
    assert exported - shown == set()


def test_prometheus_understands_every_question_of_the_dashboard(tmp_path: Path) -> None:
    rules = []
    for number, (_, question) in enumerate(asked()):
        plain = question.replace("$__rate_interval", "5m").replace("$instance", ".*")
        assert "$" not in plain, plain
        rules.append({"record": f"panel:number:{number}", "expr": plain})
    path = tmp_path / "panels.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", str(path))


def test_the_dashboard_s_panels_do_not_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + dx, place["y"] + dy) for dx in range(place["w"]) for dy in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_who_does_not_ask_for_numbers_imports_nothing_for_them() -> None:
    said = "import sys, pxedoctor.cli.watching; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
