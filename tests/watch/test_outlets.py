"""Where events go; what fails there stops nobody."""

from email import message_from_bytes
from pathlib import Path

import msgspec

from pxedoctor.journal.events import Events
from pxedoctor.verdict.happened import EventWord, Happened
from pxedoctor.watch.outlets import Outlets, mail
from pxedoctor.watch.policy import Policy

EVENT = Happened(
    time="2026-02-03T04:05:06.000Z",
    event=EventWord.EVENTS_LOST,
    finding=None,
    what="lost\nBcc: somebody@else",
    who=None,
)


def test_an_event_goes_to_all_of_them_and_the_hook_reads_it_as_json(tmp_path: Path) -> None:
    shown: list[Happened] = []
    counted: list[Happened] = []
    said: list[str] = []
    hook = ("/bin/sh", "-c", f"cat >{tmp_path}/got")
    store = Events(tmp_path / "events.sqlite")
    outlets = Outlets(Policy(hook=hook), shown.append, said.append, keep=store)
    outlets.also(counted.append)
    outlets.tell(EVENT)
    outlets.close()
    assert shown == counted == [EVENT]
    assert store.last() == (EVENT,)
    assert msgspec.json.decode((tmp_path / "got").read_bytes(), type=Happened) == EVENT
    assert said == []


def test_what_fails_is_complained_of_and_the_others_are_told(tmp_path: Path) -> None:
    def broken(_: Happened) -> None:
        raise OSError(28, "No space left on device")

    said: list[str] = []
    counted: list[Happened] = []
    (tmp_path / "events.sqlite").write_text("no store")
    keep = Events(tmp_path / "events.sqlite")
    outlets = Outlets(Policy(), lambda _: None, said.append, keep=keep)
    outlets.also(broken)
    outlets.also(counted.append)
    outlets.tell(EVENT)
    assert counted == [EVENT]
    assert len(said) == 2
    assert "No space left" in said[1]


def test_a_name_of_the_host_writes_no_header_of_the_mail() -> None:
    message = message_from_bytes(mail(EVENT, "root"))
    assert message["To"] == "root"
    assert message["Bcc"] is None
    assert "lost\\nBcc" in message["Subject"]
    assert "events-lost" in message.get_payload()
