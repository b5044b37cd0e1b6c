"""Which dnsmasq libvirt would start: the real one of this machine, and what stands in its place."""

from pathlib import Path

import pytest

from pxedoctor.access.answer import Absent, Answer, Failed, Forbidden, Text, run_question
from pxedoctor.access.live import LiveHost
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import dnsmasq_program
from pxedoctor.collect.ask import dnsmasq_program as ask
from pxedoctor.model.dnsmasq_program import DnsmasqProgram
from pxedoctor.model.fact import Missing

NETWORKS = "list /etc/libvirt/qemu/networks"
PATH = "/usr/sbin/dnsmasq"


def told(version: Answer, path: str = PATH, real: str = PATH) -> DnsmasqProgram | Missing:
    answers: dict[str, Answer] = {
        NETWORKS: Text("default.xml"),
        run_question(ask.FIND): Text(f"{path}\n"),
        run_question(ask.behind(path)): Text(f"{real}\n"),
        run_question(ask.version_of(path)): version,
    }
    notebook = Notebook(Replay(answers))
    ask.ask(notebook)
    return dnsmasq_program.parse(notebook.answers)


def test_the_real_one_answers_without_an_environment() -> None:
    notebook = Notebook(LiveHost())
    for argv in (ask.FIND, ask.behind(PATH), ask.version_of(PATH)):
        notebook.run(argv)
    found = dnsmasq_program.parse(notebook.answers)
    assert isinstance(found, DnsmasqProgram)
    assert (found.path, found.answered) == (PATH, True)
    assert found.version is not None


def test_one_that_needs_an_environment_has_none(tmp_path: Path) -> None:
    """As firejail: env -i leaves it no PATH."""
    wrapper = tmp_path / "dnsmasq"
    wrapper.write_text("#!/bin/bash\nenv | grep -q ^PATH= || { echo 'Error: PATH not set' >&2; exit 1; }\n")
    wrapper.chmod(0o755)
    said = LiveHost().run(ask.version_of(str(wrapper)))
    assert said == Failed("env ended with 1: Error: PATH not set")


def test_only_its_first_line_is_kept() -> None:
    found = told(Text("Dnsmasq version 2.90  Copyright\nCompile time options: IPv6\n"))
    assert found == DnsmasqProgram(path=PATH, real=PATH, answered=True, said="Dnsmasq version 2.90  Copyright")


@pytest.mark.parametrize("answer", [Failed("ended with 1"), Forbidden("not for you"), Absent("env is not installed")])
def test_one_that_does_not_answer(answer: Answer) -> None:
    found = told(answer, real="/usr/bin/firejail")
    assert isinstance(found, DnsmasqProgram)
    assert (found.answered, found.real) == (False, "/usr/bin/firejail")


def test_there_is_none() -> None:
    notebook = Notebook(Replay({NETWORKS: Text("default.xml"), run_question(ask.FIND): Text("absent\n")}))
    ask.ask(notebook)
    assert dnsmasq_program.parse(notebook.answers) == DnsmasqProgram()


def test_a_host_without_networks_is_not_asked() -> None:
    notebook = Notebook(Replay({NETWORKS: Text("autostart")}))
    ask.ask(notebook)
    assert list(notebook.answers) == [NETWORKS]
    assert isinstance(dnsmasq_program.parse(notebook.answers), Missing)
