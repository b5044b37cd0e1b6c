"""Where and how a dnsmasq can be told to leave a device alone, from what it reads and who started it."""

import pytest

from pxedoctor.model.process import Process, ReadFrom
from pxedoctor.road.dnsmasq_room import Room, room_on

DEFAULT = ReadFrom(option="conf-file", value="/etc/dnsmasq.conf", argument=False)


def folder(value: str, argument: bool = False) -> ReadFrom:
    return ReadFrom(option="conf-dir", value=value, argument=argument)


def room(*read_from: ReadFrom, command: str = "dnsmasq", settings: tuple[str, ...] = ()) -> Room:
    found = room_on(
        Process(pid=9, parent=1, state="S", name="dnsmasq", command=command, settings=settings, read_from=read_from),
        "virbr0",
    )
    assert isinstance(found, Room), found
    return found


@pytest.mark.parametrize(
    ("sources", "path", "new"),
    [
        ((DEFAULT,), "/etc/dnsmasq.conf", False),
        ((DEFAULT, folder("/etc/dnsmasq.d")), "/etc/dnsmasq.d/pxedoctor-not-virbr0.conf", True),
        ((DEFAULT, folder("/etc/dnsmasq.d/,*.conf")), "/etc/dnsmasq.d/pxedoctor-not-virbr0.conf", True),
        ((folder("/srv/d,*.dns"),), "/srv/d/pxedoctor-not-virbr0.dns", True),
        ((DEFAULT, folder("/etc/dnsmasq.d,.conf")), "/etc/dnsmasq.conf", False),
    ],
    ids=["one file", "a folder", "Alpine's", "another ending", "the ending is left out"],
)
def test_where(sources: tuple[ReadFrom, ...], path: str, new: bool) -> None:
    found = room(*sources)
    assert (found.path, found.new) == (path, new)


def test_its_own_check_reads_what_it_reads() -> None:
    named = ReadFrom(option="conf-file", value="/srv/a.conf", argument=True)
    assert room(named, folder("/srv/d", argument=True), folder("/srv/e")).checked_by == (
        "dnsmasq",
        "--test",
        "--conf-file=/srv/a.conf",
        "--conf-dir=/srv/d",
    )


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ((), ("bind-dynamic", "except-interface=virbr0")),
        (("bind-interfaces",), ("except-interface=virbr0",)),
        (("bind-dynamic",), ("except-interface=virbr0",)),
    ],
)
def test_how_it_binds_is_changed_only_where_it_must_be(settings: tuple[str, ...], lines: tuple[str, ...]) -> None:
    """dnsmasq does not start with both of bind-interfaces and bind-dynamic."""
    assert room(DEFAULT, settings=settings).lines[1:] == lines


@pytest.mark.parametrize(
    ("command", "settings", "opens"),
    [
        ("dnsmasq --local-service", (), True),
        ("dnsmasq", ("local-service",), True),
        ("dnsmasq --local-service", ("interface=lo",), False),
        ("dnsmasq --local-service", ("except-interface=br9",), False),
        ("dnsmasq", (), False),
    ],
)
def test_whom_it_answers_afterwards(command: str, settings: tuple[str, ...], opens: bool) -> None:
    assert room(DEFAULT, command=command, settings=settings).opens is opens


@pytest.mark.parametrize("device", ["virbr0,lo", "virbr*", "a b", ""])
def test_a_name_that_dnsmasq_would_take_for_more(device: str) -> None:
    process = Process(pid=9, parent=1, state="S", name="dnsmasq", command="dnsmasq", read_from=(DEFAULT,))
    assert isinstance(room_on(process, device), str)
