"""Labels of real files, as stat(1) and setfiles(8), which restorecon is another name of, tell them."""

import os
import subprocess
from pathlib import Path

import pytest

from pxedoctor.access.answer import Absent, Answer, Failed, Forbidden, Text, list_question, read_question, run_question
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import labels
from pxedoctor.collect.ask import boot_files
from pxedoctor.collect.ask import labels as ask
from pxedoctor.model.fact import Missing
from pxedoctor.model.label import Label

# restorecon does nothing in a kernel without SELinux; the same program as setfiles looks and tells.
SETFILES = "/usr/local/share/pxedoctor/policycoreutils/sbin/setfiles"
HOME, TFTP, IN_A_CATEGORY = "system_u:object_r:user_home_t:s0", "system_u:object_r:tftpdir_t:s0", ":c3"
ON = {read_question(ask.ENFORCE): Text("1")}


def output(*argv: str) -> Answer:
    return Text(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(os.geteuid() != 0, reason="labels are root's to set")
@pytest.mark.skipif(not Path(SETFILES).exists(), reason="policycoreutils is not unpacked: scripts/setup-packages")
def test_real_labels(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    paths = tuple(str(root / name) for name in ("right", "wrong", "a name from b to c", "kept apart"))
    for path, label in zip(paths, (TFTP, HOME, HOME, HOME + IN_A_CATEGORY), strict=True):
        Path(path).touch()
        os.setxattr(path, "security.selinux", f"{label}\0".encode())
    contexts = root / "file_contexts"
    contexts.write_text(f"{root}(/.*)?\t{TFTP}\n")

    found = labels.parse(
        ON
        | {
            run_question(ask.are(*paths)): output(*ask.are(*paths)),
            run_question(ask.would_be(*paths)): output(SETFILES, "-n", "-v", str(contexts), *paths),
        }
    )
    assert found == (
        Label(path=paths[0], now=TFTP, wanted=TFTP),
        Label(path=paths[1], now=HOME, wanted=TFTP),
        Label(path=paths[2], now=HOME, wanted=TFTP),
        Label(path=paths[3], now=HOME + IN_A_CATEGORY, wanted=TFTP + IN_A_CATEGORY),
    )
    assert os.getxattr(paths[1], "security.selinux") == f"{HOME}\0".encode(), "with -n nothing is changed"


@pytest.mark.parametrize("answer", [Absent("no such file"), Forbidden("no root"), Failed("broken")])
def test_elsewhere_no_program_is_run(answer: Answer) -> None:
    notebook = Notebook(Replay({read_question(ask.ENFORCE): answer}))
    ask.ask(notebook)
    assert set(notebook.answers) == {read_question(ask.ENFORCE)}
    assert isinstance(labels.parse(notebook.answers), Missing)


def test_what_is_asked_about() -> None:
    folder = {list_question(ask.FOLDER): Text("default.conf\ndefault.hostsfile\n")}
    paths = (ask.FOLDER, f"{ask.FOLDER}/default.conf", f"{ask.FOLDER}/default.hostsfile")
    told = "".join(f"{HOME if path.endswith('.conf') else TFTP} {path}\n" for path in paths)
    would = f"Would relabel {paths[1]} from {HOME} to {TFTP}\n"
    answers = {run_question(ask.are(*paths)): Text(told), run_question(ask.would_be(*paths)): Text(would)}
    notebook = Notebook(Replay(ON | folder | answers))
    ask.ask(notebook)
    found = labels.parse(notebook.answers)
    assert isinstance(found, tuple)
    assert [(file.name, file.wanted == file.now) for file in found] == [
        ("dnsmasq", True),
        ("default.conf", False),
        ("default.hostsfile", True),
    ]


def test_the_way_to_a_boot_file_without_links() -> None:
    real = "/srv/tftp/real.0"
    way = boot_files.way(real)
    asked = {
        list_question("/etc/libvirt/qemu/networks"): Text("default.xml\n"),
        read_question("/etc/libvirt/qemu/networks/default.xml"): Text(
            "<network><ip><tftp root='/srv/tftp'/><dhcp><bootp file='link.0'/></dhcp></ip></network>"
        ),
        run_question(boot_files.resolved("/srv/tftp/link.0")): Text(f"{real}\n"),
        run_question(boot_files.ls(*way)): Text("".join(f'-rw-r--r-- - 0 0 1 "{path}"\n' for path in way)),
    }
    notebook = Notebook(Replay(ON | asked))
    ask.ask(notebook)
    assert run_question(ask.are("/srv", "/srv/tftp", real)) in notebook.answers
    assert run_question(ask.would_be("/srv", "/srv/tftp", real)) in notebook.answers


@pytest.mark.parametrize("answer", [Absent("not installed"), Failed("ended with 1"), Forbidden("no root")])
def test_what_could_not_be_asked_is_missing(answer: Answer) -> None:
    answers = ON | {run_question(ask.are("/f")): Text(f"{HOME} /f\n"), run_question(ask.would_be("/f")): answer}
    assert isinstance(labels.parse(answers), Missing)
    assert isinstance(labels.parse({}), Missing)


@pytest.mark.parametrize("said", ["", "nonsense\n", f"Would relabel /f from {TFTP} to x\n", f"{HOME}\n", "\n"])
def test_what_is_not_understood_changes_nothing(said: str) -> None:
    answers = ON | {run_question(ask.are("/f")): Text(f"{HOME} /f\n"), run_question(ask.would_be("/f")): Text(said)}
    assert labels.parse(answers) == (Label(path="/f", now=HOME, wanted=HOME),)
