"""Which files a dnsmasq has read, and what of them is kept: nothing but the options that matter."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Forbidden, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect.ask import dnsmasq as ask
from pxedoctor.collect.dnsmasq import read_from, settings_of
from pxedoctor.model.process import ReadFrom

BY_SERVICE = "/usr/sbin/dnsmasq\0-x\0/run/dnsmasq.pid\0-u\0dnsmasq\0-7\0/etc/dnsmasq.d,.dpkg-dist,.dpkg-old\0"
FILES: dict[str, Answer] = {
    "read /etc/dnsmasq.conf": Text(
        "# Configuration\nport=0\ndhcp-host=52:54:00:0d:0d:01,secret\nconf-file=/etc/more.conf\n"
    ),
    "read /etc/more.conf": Text("interface = br0\nadd-cpe-id=token\n"),
    "list /etc/dnsmasq.d": Text("br0\nold.dpkg-old\n.hidden\nbackup~"),
    "read /etc/dnsmasq.d/br0": Text("dhcp-range=10.0.0.10,10.0.0.99,1h # guests\nenable-tftp\n"),
}


def collected(command: str, answers: dict[str, Answer] = FILES) -> tuple[tuple[str, ...] | None, dict[str, Answer]]:
    notebook = Notebook(Replay(answers))
    ask.ask(notebook, command)
    return settings_of(notebook.answers, command), notebook.answers


def test_debians_service_reads_its_file_and_its_folder() -> None:
    settings, kept = collected(BY_SERVICE)
    assert settings == (
        "port=0",
        "dhcp-host=52:54:00:0d:0d:01",
        "interface=br0",
        "dhcp-range=10.0.0.10,10.0.0.99,1h",
        "enable-tftp",
    )
    everything = repr(kept)
    assert "secret" not in everything
    assert "token" not in everything
    assert "dpkg-old" not in "".join(question for question in kept if question.startswith("read"))


def test_where_its_settings_stand() -> None:
    _, kept = collected(BY_SERVICE)
    assert read_from(kept, BY_SERVICE) == (
        ReadFrom(option="conf-file", value="/etc/dnsmasq.conf", argument=False),
        ReadFrom(option="conf-dir", value="/etc/dnsmasq.d,.dpkg-dist,.dpkg-old", argument=True),
        ReadFrom(option="conf-file", value="/etc/more.conf", argument=False),
        ReadFrom(option="conf-file", value="/etc/dnsmasq.d/br0", argument=False),
    )


def test_what_is_not_there_is_not_read_from() -> None:
    gone: dict[str, Answer] = {
        "read /etc/dnsmasq.conf": Absent("does not exist"),
        "list /etc/dnsmasq.d": Absent("does not exist"),
    }
    _, kept = collected(BY_SERVICE, gone)
    assert read_from(kept, BY_SERVICE) == ()


@pytest.mark.parametrize("command", ["dnsmasq\0--conf-file=/dev/null\0--port=0\0", "dnsmasq\0-C\0/dev/null\0"])
def test_who_names_dev_null_reads_no_file(command: str) -> None:
    assert collected(command) == ((), {})


@pytest.mark.parametrize(
    "command",
    ["dnsmasq\0--conf-file=/etc/more.conf\0", "dnsmasq\0-C\0/etc/more.conf\0", "dnsmasq\0-C/etc/more.conf\0"],
)
def test_one_file_named_alone(command: str) -> None:
    assert collected(command)[0] == ("interface=br0",)


def test_libvirts_own_is_known_by_its_network() -> None:
    settings, kept = collected("dnsmasq\0--conf-file=/var/lib/libvirt/dnsmasq/default.conf\0")
    assert (settings, kept) == ((), {})


def test_no_file_at_all_is_no_setting() -> None:
    gone: dict[str, Answer] = {"read /etc/dnsmasq.conf": Absent("does not exist")}
    assert collected("dnsmasq\0--interface=br0\0", gone)[0] == ()


@pytest.mark.parametrize("answer", [Absent("does not exist"), Forbidden("not for you")])
def test_a_file_that_cannot_be_had_leaves_the_settings_open(answer: Answer) -> None:
    assert collected("dnsmasq\0-C\0/etc/more.conf\0", {"read /etc/more.conf": answer})[0] is None


def test_files_that_name_each_other() -> None:
    circle: dict[str, Answer] = {
        "read /a": Text("conf-file=/b\nport=0\n"),
        "read /b": Text("conf-file=/a\ninterface=br0\n"),
    }
    assert collected("dnsmasq\0-C\0/a\0", circle)[0] == ("port=0", "interface=br0")


@pytest.mark.parametrize(
    ("name", "folder", "read"),
    [
        ("a.conf", "/d", True),
        ("a.conf", "/d,*.conf", True),
        ("a.bak", "/d,*.conf", False),
        ("a.bak", "/d,.bak", False),
        ("#a#", "/d", False),
    ],
)
def test_endings(name: str, folder: str, read: bool) -> None:
    assert ask.is_read(name, folder) is read


def test_a_program_of_another_name_has_no_settings() -> None:
    assert settings_of({}, "dhcpd\0-cf\0/etc/dhcp/dhcpd.conf\0") == ()


@pytest.mark.parametrize(
    ("command", "settings", "path"),
    [
        ("dnsmasq\0--dhcp-range=10.0.0.1,10.0.0.9\0", (), ask.LEASES),
        ("dnsmasq\0", ("dhcp-range=10.0.0.1,10.0.0.9", "dhcp-leasefile = /srv/leases"), "/srv/leases"),
        ("dnsmasq\0-F\x0010.0.0.1,10.0.0.9\0--dhcp-leasefile=/srv/leases\0", (), "/srv/leases"),
        ("dnsmasq\0--dhcp-range=10.0.0.1,10.0.0.9\0--leasefile-ro\0", (), ""),
        ("dnsmasq\0--interface=lo\0", (), ""),
    ],
    ids=["by default", "in a file", "as an argument", "kept by a script", "hands out none"],
)
def test_where_the_leases_are(command: str, settings: tuple[str, ...], path: str) -> None:
    assert ask.lease_file(command, settings) == path


def test_of_a_lease_no_name_is_kept() -> None:
    lines = "duid 00:01\n1795661731 52:54:00:0d:0d:01 10.0.0.5 secret 01:52:54:00:0d:0d:01\n"
    _, kept = collected(BY_SERVICE, FILES | {f"read {ask.LEASES}": Text(lines)})
    assert kept[f"read {ask.LEASES}"] == Text("1795661731 52:54:00:0d:0d:01 10.0.0.5")
