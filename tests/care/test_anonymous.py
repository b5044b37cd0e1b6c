"""Real hosts' texts under other names: they name nobody, and the diagnosis of them is the same.

The snapshots under data/ were taken in the lab, of hosts as its cases of the same name break them.
"""

import re
from pathlib import Path

import msgspec
import pytest

from builders import probed
from pxedoctor.access.answer import Answer, readable
from pxedoctor.access.replay import Replay
from pxedoctor.access.snapshot import read
from pxedoctor.care.anonymous import anonymous_answers, anonymous_examined, anonymous_probes, anonymous_trace
from pxedoctor.care.examine import Examined, examine
from pxedoctor.collect.gather import Gathered, gather
from pxedoctor.collect.registry import COLLECTORS
from pxedoctor.diagnose.selection import Selection
from pxedoctor.report import json, terminal
from pxedoctor.report.html.page import diagnosis_page, probes_page, trace_page
from pxedoctor.report.style import Style
from pxedoctor.verdict.probe import Probes
from recorded import running_guest
from trace_values import MAC, TRACE

DATA = Path(__file__).parent / "data"
HOSTS = sorted(path.stem for path in DATA.iterdir())
KEY = b"a key"
# All of the lab's own names: its devices end in four digits of the site's.
_ADDRESS = re.compile(r"(?<![\d.])(?:192\.168|10\.\d+)\.\d+\.\d+(?![\d.])")
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")


def answers_of(name: str) -> dict[str, Answer]:
    return running_guest() if name == "recorded" else read(str(DATA / f"{name}.snapshot")).answers


def gathered(answers: dict[str, Answer]) -> Gathered:
    return gather(Replay(answers), frozenset(entry.name for entry in COLLECTORS), lambda _: None)


def examined(answers: dict[str, Answer]) -> Examined:
    return examine(Replay(answers), Selection(), "2026-05-01T06:00:00Z")


def said(told: Examined) -> tuple[object, ...]:
    """What a diagnosis says, without its names."""
    report = told.report
    findings = [
        (found.finding.meta.code, len(found.finding.targets), found.finding.broken.hop, found.finding.broken.severity)
        for found in report.findings
    ]
    checks = sorted((result.meta.code, result.outcome) for result in report.checks)
    roads = [(road.packet, [(hop.hop, hop.fate) for hop in road.hops]) for road in report.roads]
    return report.verdict, findings, checks, sorted(roads, key=str)


def own_names(answers: dict[str, Answer]) -> set[str]:
    """MACs, addresses and names of this host, as they stand in its texts."""
    texts = "\n".join([*readable(answers), *readable(answers).values()])
    devices = {name for name in re.findall(r"\b[a-z]{2}[0-9a-f]{4}\b", texts) if f"/net/{name}" in texts}
    host = re.findall(r"\bsite-[0-9a-f]{4}\b", texts)
    plain = {"web01", "web02", *devices, *host} | {mac for mac in _MAC.findall(texts) if _is_ones_own(mac)}
    return plain | {found for found in _ADDRESS.findall(texts) if not found.endswith(".255")}


def _is_ones_own(mac: str) -> bool:
    return not int(mac[:2], 16) & 1 and mac != "00:00:00:00:00:00"


def surviving(names: set[str], text: str) -> set[str]:
    return {name for name in names if re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text)}


@pytest.mark.parametrize("name", [*HOSTS, "recorded"])
def test_a_snapshot_names_nobody_and_its_diagnosis_is_the_same(name: str) -> None:
    answers = answers_of(name)
    hidden = anonymous_answers(gathered(answers), KEY)
    names = own_names(answers)
    assert len(names) > 4
    assert surviving(names, msgspec.json.encode(hidden).decode()) == set()
    assert said(examined(hidden)) == said(examined(answers))
    assert set(hidden) != set(answers)


@pytest.mark.parametrize("name", ["bridge-forward-delay", "libvirt-rules-missing"])
def test_no_output_names_anybody(name: str) -> None:
    answers = answers_of(name)
    told = anonymous_examined(examined(answers), KEY)
    ids = frozenset(entry.target.id for entry in told.report.targets)
    outputs = (
        terminal.render(told.report, Style(verbose=True, width=400)),
        json.encode(json.diagnosis(told.report, told.facts, ids)),
        diagnosis_page(told.report, told.facts, readable(told.answers)),
    )
    for output in outputs:
        assert surviving(own_names(answers), output) == set()
    assert said(told) == said(examined(answers))


def test_snapshot_and_report_call_everybody_the_same() -> None:
    answers = answers_of("bridge-forward-delay")
    one = examined(anonymous_answers(gathered(answers), KEY)).report.targets[0].target
    two = anonymous_examined(examined(answers), KEY).report.targets[0].target
    assert (one.id, one.bridge, one.network) == (two.id, two.bridge, two.network)
    other = anonymous_examined(examined(answers), b"another").report.targets[0].target
    assert other.id != one.id


def test_probes_of_a_bridge_that_nobody_looked_at() -> None:
    seen = probed(bridge="acme0", target="bridge/acme0")
    page = probes_page(anonymous_probes(Probes(seen=(seen,), not_probed=()), KEY))
    assert surviving({"acme0", "192.168.122.1", seen.mac, seen.asked_for}, page) == set()


def test_a_trace_names_nobody() -> None:
    told = anonymous_trace(msgspec.structs.replace(TRACE, bridge="acme0"), KEY)
    assert surviving({"acme0", MAC}, trace_page(told)) == set()
    assert told.died is not None
