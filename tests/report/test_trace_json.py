"""The JSON of a trace, against the published schema."""

import json

import jsonschema
import msgspec

from pxedoctor.model.traced import ServerWord
from pxedoctor.report.json import encode
from pxedoctor.report.json_schema import schema
from pxedoctor.report.trace_json import trace_document
from pxedoctor.verdict.trace import Trace
from trace_values import TRACE


def document(trace: Trace) -> dict[str, object]:
    text = encode(trace_document(trace))
    found: dict[str, object] = json.loads(text)
    jsonschema.validate(found, msgspec.json.decode(schema()))
    return found


def test_one_packets_life_and_its_end() -> None:
    found = document(TRACE)
    assert (found["type"], found["verdict"]) == ("trace", "broken")
    assert [hop["hop"] for hop in found["packets"][0]["hops"]] == ["tap", "input"]  # type: ignore[index]
    died = found["died"]
    assert isinstance(died, dict)
    assert (died["packet"], died["hop"], died["rule"]["handle"]) == (0, "input", 3)


def test_a_witness_that_could_not_look_says_what_would_help() -> None:
    witnesses = document(TRACE)["witnesses"]
    assert isinstance(witnesses, list)
    assert (witnesses[0]["status"], witnesses[0]["would_help"]) == ("absent", "mount it")


def test_what_a_log_says_reaches_no_terminal() -> None:
    evil = ServerWord(text="\x1b[31mred\u202e", origin="journalctl")
    text = encode(trace_document(Trace(target="t", bridge="b", seconds=1, packets=(), witnesses=(), words=(evil,))))
    assert "\x1b" not in text
    assert "\u202e" not in text
