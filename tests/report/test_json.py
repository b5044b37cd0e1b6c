"""The JSON document: it keeps to its own schema, says what the terminal says, and steers no terminal."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import facts
from pxedoctor.findings.outcome import Broken, Evidence, Hop
from pxedoctor.plans.plan import NoPlan
from pxedoctor.report.json import diagnosis, encode, error
from pxedoctor.report.json_schema import schema
from pxedoctor.verdict.report import Report, Verdict
from report_builders import (
    broken_report,
    checksum_risk,
    filtered_road,
    guest,
    likely_report,
    report,
    risky_report,
    rules_missing,
    slow_host,
)

SCHEMA = json.loads(schema())


def document(drawn: Report, all_roads: frozenset[str] = frozenset()) -> dict[str, object]:
    told: dict[str, object] = json.loads(encode(diagnosis(drawn, slow_host(), all_roads)))
    jsonschema.validate(told, SCHEMA)
    return told


@pytest.mark.parametrize("drawn", [broken_report(), risky_report(), likely_report(), report()])
def test_it_keeps_to_its_schema(drawn: Report) -> None:
    assert document(drawn)["type"] == "diagnosis"


def test_the_schema_refuses_what_is_not_a_document() -> None:
    told = document(broken_report())
    told["verdict"] = "perhaps"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, SCHEMA)


def test_a_finding_with_its_plan() -> None:
    told = json.loads(encode(diagnosis(broken_report(), slow_host())))
    found = told["findings"][0]
    assert (told["verdict"], found["id"], found["severity"]) == ("broken", "BR001:br0", "broken")
    assert found["plan"]["safety"] == "safe"
    assert found["plan"]["on_model"] == "clears"
    assert found["plan"]["steps"][0]["command"] == "ip link set dev br0 type bridge forward_delay 200"
    assert found["plan"]["steps"][0]["undo"] == "forward delay of br0 back to 15 s"
    assert found["no_plan_because"] is None


def test_a_plan_that_rests_on_an_assumption_says_which() -> None:
    told = json.loads(encode(diagnosis(likely_report(), slow_host())))
    plan = told["findings"][0]["plan"]
    assert (plan["on_model"], plan["assumed"]) == ("assumed", ["INPUT jumps to LIBVIRT_INP"])
    assert plan["steps"][0]["undo"] == "nothing to undo: a restart has no inverse"


def test_no_plan_says_why() -> None:
    found = checksum_risk("br0", guest())
    told = json.loads(encode(diagnosis(report((guest(), Verdict.HEALTHY), findings=(found,)), facts())))
    assert told["findings"][0]["plan"] is None
    assert told["findings"][0]["no_plan_because"] == "no client here is known to refuse such replies"


def test_roads_that_pass_are_left_out_unless_asked_for() -> None:
    web = guest(tap="vnet3")
    healthy = report((web, Verdict.HEALTHY))
    assert document(healthy)["roads"] == []
    assert len(document(healthy, frozenset({web.id}))["roads"]) == 1  # type: ignore[arg-type]


def test_a_road_names_the_rule() -> None:
    web = guest(tap="vnet3")
    told = document(report((web, Verdict.BROKEN), roads=(filtered_road(web),)))
    hop = told["roads"][0]["hops"][-1]  # type: ignore[index]
    assert (hop["predicted"], hop["rule"]["owner"], hop["rule"]["line"]) == ("drop", "ufw", 7)


def test_an_error_is_a_document_too() -> None:
    told = json.loads(encode(error("there is no guest 'x' on this host", "guests here: web01")))
    jsonschema.validate(told, SCHEMA)
    assert told["type"] == "error"


@given(st.text())
def test_the_same_words_come_back_and_steer_no_terminal(words: str) -> None:
    broken = Broken(headline=words, subject=words, hop=Hop.TAP, evidence=(Evidence(words, words, words),))
    found = rules_missing(NoPlan(words), guest(words))
    renamed = type(found.finding)(meta=found.finding.meta, broken=broken, targets=found.finding.targets)
    shown = report((guest(words), Verdict.BROKEN), findings=(type(found)(finding=renamed, plan=found.plan),))
    text = encode(diagnosis(shown, facts()))
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or 0x202A <= ord(char) <= 0x202E for char in text)
    assert json.loads(text)["findings"][0]["headline"] == words
