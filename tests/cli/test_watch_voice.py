"""What is said in the place of events that nobody read."""

import json

import jsonschema
import pytest

from pxedoctor.cli.watch_voice import WatchVoice, unsaid
from pxedoctor.report.json_schema import schema


def test_what_was_not_printed_is_an_event_that_says_how_many(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    voice = WatchVoice(as_json=True)
    voice.tell(unsaid(312))
    voice.complain("a\nb")
    voice.close()
    out, err = capfdbinary.readouterr()
    document = json.loads(out)
    jsonschema.validate(document, json.loads(schema()))
    assert document["event"] == "unsaid"
    assert document["what"].startswith("312 events were not printed")
    assert err == b"pxedoctor watch: a\\nb\n"
    assert voice.dropped == 0


def test_a_person_reads_it_as_two_lines(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    voice = WatchVoice(as_json=False)
    voice.tell(unsaid(1))
    voice.close()
    first, second = capfdbinary.readouterr().out.decode().splitlines()
    assert first.endswith("not printed")
    assert second.strip() == "1 event was not printed, for nobody read them; they are kept: pxedoctor events"
