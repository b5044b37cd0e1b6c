"""Boot files that this host serves: which are asked about, and what ls and od of this machine tell of them."""

import os
from pathlib import Path

import pytest

from pxedoctor.access.answer import Absent, Answer, Text
from pxedoctor.access.live import LiveHost
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import boot_files
from pxedoctor.collect.ask import boot_files as ask
from pxedoctor.model.boot_file import BootFile

LIVE = "/run/libvirt/network"
PROGRAMS = frozenset({"ls", "od", "readlink"})


class Machine:
    """This machine's ls, od and readlink; all else is told."""

    is_saved = False

    def __init__(self, texts: dict[str, str]) -> None:
        self._told = Replay({question: Text(text) for question, text in texts.items()})
        self._real = LiveHost()

    def run(self, argv: object) -> Answer:
        words = list(argv)  # type: ignore[call-overload]
        return self._real.run(words) if words[0] in PROGRAMS else self._told.run(words)

    def run_all(self, argvs: list[object]) -> list[Answer]:
        return [self.run(argv) for argv in argvs]

    def read(self, path: str) -> Answer:
        return self._told.read(path)

    def list(self, folder: str) -> Answer:
        return self._told.list(folder)

    def readlink(self, path: str) -> Answer:
        return self._told.readlink(path)

    def dump(self, what: str) -> Answer:
        return self._told.dump(what)


def network(root: Path | str, file: str) -> dict[str, str]:
    ip = f"<ip><tftp root='{root}'/><dhcp><bootp file='{file}'/></dhcp></ip>"
    xml = f"<networkstatus><network><name>lab</name>{ip}</network></networkstatus>"
    return {f"list {LIVE}": "lab.xml", f"read {LIVE}/lab.xml": xml}


def collected(texts: dict[str, str]) -> dict[str, BootFile]:
    notebook = Notebook(Machine(texts))
    ask.ask(notebook)
    found = boot_files.parse(notebook.answers)
    again = Notebook(Replay(notebook.answers))
    ask.ask(again)
    assert again.answers == notebook.answers, "a replay asks and cuts the same"
    assert boot_files.parse(again.answers) == found
    return {file.path: file for file in found}


def test_a_file_with_everything_on_its_way(tmp_path: Path) -> None:
    program = bytes(range(256)) * 20
    (tmp_path / "boot.0").write_bytes(program)
    (tmp_path / "boot.0").chmod(0o640)
    tmp_path.chmod(0o2751)
    file = collected(network(tmp_path, "boot.0"))[f"{tmp_path}/boot.0"]
    assert file.first == program[:4096]
    assert (file.size, file.absent, file.unknown) == (len(program), "", "")
    assert [entry.path for entry in file.entries] == ask.way(file.path)
    entry = file.file
    assert entry is not None
    assert (entry.mode, entry.uid, entry.gid, entry.kind) == (0o640, os.getuid(), os.getgid(), "file")
    assert file.entries[-2].mode == 0o2751


def test_links_are_followed_and_their_own_way_is_looked_at(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir(mode=0o700)
    (there / "v2").write_text("#!ipxe\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / "boot.ipxe").symlink_to(there / "v2")
    file = collected(network(root, "boot.ipxe"))[f"{root}/boot.ipxe"]
    assert file.real == str(there / "v2")
    assert next(entry for entry in file.entries if entry.path == str(there)).mode == 0o700
    assert file.first == b"#!ipxe\n"


@pytest.mark.parametrize(("file", "absent"), [("boot.0", "boot.0"), ("efi/boot.efi", "efi")])
def test_what_is_not_there(tmp_path: Path, file: str, absent: str) -> None:
    found = collected(network(tmp_path, file))[f"{tmp_path}/{file}"]
    assert (found.absent, found.unknown) == (f"{tmp_path}/{absent}", "")
    assert found.entries[-1].path == str(tmp_path)


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "boot.0")
    found = collected(network(tmp_path, "boot.0"))[f"{tmp_path}/boot.0"]
    assert (found.first, found.file and found.file.kind) == (b"", "other")


def test_a_script_is_kept_without_its_password(tmp_path: Path) -> None:
    (tmp_path / "boot.ipxe").write_text("#!ipxe\nkernel http://admin:hunter2@192.168.150.1/vmlinuz password=hunter2\n")
    found = collected(network(tmp_path, "boot.ipxe"))[f"{tmp_path}/boot.ipxe"]
    assert found.first.startswith(b"#!ipxe\nkernel http://admin:")
    assert b"hunter2" not in found.first


@pytest.mark.parametrize("name", ['a "quoted" name', "schnörkel", "back\\slash", "-rf", "$(id)"])
def test_names_as_anybody_may_write_them(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name.replace("\\", "_")
    folder.mkdir()
    (folder / "boot.0").write_text("x")
    xml = str(folder).replace("&", "&amp;").replace('"', "&quot;").replace("'", "&apos;")
    assert collected(network(xml, "boot.0"))[f"{folder}/boot.0"].size == 1


COMMAND = "/usr/sbin/dnsmasq\0--conf-file=/etc/own.conf\0"
SELF = {"link /proc/self/ns/net": "net:[1]", "read /proc/1/stat": "1 (init) S 0"}


def process(pid: int, name: str, command: str) -> dict[str, str]:
    listing = {"run ps -A -o pid=,ppid=,stat=,comm=": f"{pid} 1 S {name}\n"}
    return SELF | listing | {f"read /proc/{pid}/cmdline": command, f"link /proc/{pid}/ns/net": "net:[1]"}


def test_a_dnsmasq_of_ones_own(tmp_path: Path) -> None:
    conf = f"enable-tftp\ntftp-root={tmp_path},br0 # all\ndhcp-boot=tag:efi,boot.efi\ndhcp-boot=boot.0,,10.0.0.1\n"
    found = collected(process(9, "dnsmasq", COMMAND) | {"read /etc/own.conf": conf})
    assert set(found) == {f"{tmp_path}/boot.efi", f"{tmp_path}/boot.0"}


def test_a_tftp_server_beside_libvirts_network(tmp_path: Path) -> None:
    command = f"in.tftpd\0--listen\0--user\0tftp\0--secure\0{tmp_path}\0"
    ip = {f"read {LIVE}/lab.xml": "<network><name>lab</name><ip><dhcp><bootp file='boot.0'/></dhcp></ip></network>"}
    found = collected(process(9, "in.tftpd", command) | {f"list {LIVE}": "lab.xml"} | ip)
    assert set(found) == {f"{tmp_path}/boot.0"}


def test_nothing_is_asked_where_nothing_is_served() -> None:
    notebook = Notebook(Machine({}))
    ask.ask(notebook)
    assert not [question for question in notebook.answers if question.startswith(("run ls", "run od"))]
    assert boot_files.parse({"run od -An": Absent("")}) == ()
