"""One request granted, or refused in the host's own words."""

import pytest

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.grant import deed_of, grant
from pxedoctor.apply.run import run
from pxedoctor.plans.request import EditDefinition, EditFile, RemoveNftRule, Request, Run, Service


def test_a_program_that_ends_well() -> None:
    grant(Run(("true",)))
    assert run(("printf", "said")) == "said"
    assert run(("cat",)) == ""
    assert run(("cat",), "given") == "given"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("false",), "false ended with 1: no message"),
        (("sh", "-c", "echo out; exit 2"), "sh ended with 2: out"),
        (("sh", "-c", "echo out; echo err >&2; exit 2"), "sh ended with 2: err"),
        (("no-such-program-here",), "No such file"),
        (("printf", "a\0b"), "null byte"),
    ],
)
def test_a_refusal_is_quoted(argv: tuple[str, ...], words: str) -> None:
    with pytest.raises(NotGrantedError, match=words):
        grant(Run(argv))


def test_ctrl_c_on_the_terminal_does_not_reach_a_step() -> None:
    """It is sent to the terminal's foreground group; a step is in a group, and in a session, of its own."""
    session, group, mine = run(("sh", "-c", "ps -o sid=,pgid=,pid= -p $$")).split()
    assert session == group == mine


def test_a_program_that_has_nothing_to_do_is_not_run() -> None:
    grant(Run(("false",), only_if=("false",)))
    grant(Run(("false",), unless=("true",)))
    for ask in (Run(("false",), only_if=("true",)), Run(("false",), unless=("false",))):
        with pytest.raises(NotGrantedError):
            grant(ask)


@pytest.mark.parametrize(
    ("request_", "program"),
    [
        (Run(("ip", "link")), ("ip", "link")),
        (Service("libvirtd", "restart"), ("systemctl", "restart", "libvirtd.service")),
        (EditDefinition("network", "lab", ".", "bridge", ()), ("virsh", "-c", "qemu:///system", "net-define")),
        (EditDefinition("domain", "web", ".", "os", ()), ("virsh", "-c", "qemu:///system", "define")),
        (RemoveNftRule("ip", "nat", "POST", "ours"), ("nft", "delete", "rule", "ip", "nat", "POST")),
        (EditFile(path="/etc/x", hunks=(), then=(("ifquery", "br0"),)), ("ifquery", "br0")),
        (EditFile(path="/etc/x", hunks=(), restart="dnsmasq"), ("rc-service", "dnsmasq", "restart")),
    ],
)
def test_what_runs_while_it_is_granted(request_: Request, program: tuple[str, ...]) -> None:
    assert program in deed_of(request_).programs
