"""dnsmasq-unusable: a program that is not there, that is another, and whose script fails; and one that is fine."""

import pytest

from builders import facts, finding, network, target
from pxedoctor.checks.server import dhcp_server_dead, network_inactive
from pxedoctor.checks.server import dnsmasq_unusable as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.dnsmasq_program import DnsmasqProgram
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.log import LogLine
from pxedoctor.model.process import Process
from pxedoctor.plans.plan import NoPlan

PATH = "/usr/sbin/dnsmasq"
GOOD = DnsmasqProgram(path=PATH, real=PATH, answered=True, said="Dnsmasq version 2.90  Copyright (c) 2000-2024")
NONE = DnsmasqProgram()
UNKNOWN_VERSION = DnsmasqProgram(path=PATH, real=PATH, answered=True, said="Dnsmasq version UNKNOWN  Copyright (c)")
OTHER = DnsmasqProgram(path=PATH, real="/usr/bin/busybox", answered=True, said="BusyBox v1.35.0")
FIREJAIL = DnsmasqProgram(
    path="/usr/local/bin/dnsmasq",
    real="/usr/bin/firejail",
    said="env ended with 1: Error: PATH environment variable not set",
)
LINK_TO_NOWHERE = DnsmasqProgram(path=PATH, real=PATH, said="env ended with 127: No such file or directory")
FAILED_SCRIPT = LogLine(origin="journalctl --boot", text="dnsmasq[7]: lease-init script returned exit code 139")
RUNNING = Process(
    pid=100, parent=1, state="S", name="dnsmasq", command="dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf"
)
STOPPED = network(active=False)
GUEST = target(bridge="virbr0", network="default")


def outcome(program: object, one: Network = STOPPED, *lines: LogLine, alive: bool = False) -> Outcome:
    host = facts(networks=(one,), dnsmasq_program=program, processes=(RUNNING,) if alive else (), logs=lines)
    return check.check(host, GUEST)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (NONE, "there is no dnsmasq"),
        (UNKNOWN_VERSION, "does not tell its version"),
        (OTHER, "does not tell its version"),
        (FIREJAIL, "a wrapper, /usr/bin/firejail"),
        (LINK_TO_NOWHERE, "does not tell its version"),
    ],
    ids=["missing", "a version that is no number", "another program", "firejail", "a link to nowhere"],
)
@pytest.mark.parametrize("one", [STOPPED, network()], ids=["a network that does not start", "a server that died"])
def test_libvirt_cannot_start_it(program: DnsmasqProgram, said: str, one: Network) -> None:
    found = outcome(program, one)
    assert isinstance(found, Broken)
    assert said in found.headline
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", "default")


def test_of_a_network_that_runs_it_is_a_risk() -> None:
    found = outcome(NONE, network(), alive=True)
    assert isinstance(found, Broken)
    assert found.severity == "risk"


@pytest.mark.parametrize(("one", "alive", "on_road"), [(network(), True, False), (STOPPED, False, True)])
def test_a_program_that_could_not_be_looked_at_matters_where_it_does_not_run(
    one: Network, alive: bool, on_road: bool
) -> None:
    found = outcome(Missing("failed", "the sosreport holds it not"), one, alive=alive)
    assert isinstance(found, Unknown)
    assert found.on_road is on_road


def test_its_script_fails() -> None:
    found = outcome(GOOD, STOPPED, FAILED_SCRIPT)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty) == ("broken", "likely")
    assert found.evidence[1].value == FAILED_SCRIPT.text


def test_a_script_that_failed_once_and_a_server_that_runs() -> None:
    assert isinstance(outcome(GOOD, network(), FAILED_SCRIPT, alive=True), Fine)


@pytest.mark.parametrize(
    "said",
    ["Dnsmasq version 2.90  Copyright (c)", "Dnsmasq version pi-hole-2.81  Copyright (c)", "Dnsmasq version 2.80-g12"],
)
def test_a_version_that_libvirt_can_read(said: str) -> None:
    program = DnsmasqProgram(path=PATH, real="/opt/dnsmasq", answered=True, said=said)
    assert isinstance(outcome(program), Fine)


def test_logs_that_are_not_known_are_no_fault() -> None:
    host = facts(networks=(STOPPED,), dnsmasq_program=GOOD, logs=Missing("forbidden", "closed"))
    assert isinstance(check.check(host, GUEST), Fine)


@pytest.mark.parametrize(
    "one",
    [network(dns=False, subnets=()), network(forward="bridge", subnets=())],
    ids=["neither DNS nor DHCP", "a bridge of the host's"],
)
def test_a_network_that_needs_none(one: Network) -> None:
    assert isinstance(outcome(NONE, one), NotApplicable)


def test_a_network_with_dns_alone_needs_one() -> None:
    subnet = Subnet(family="ipv4", address="192.168.122.1", prefix=24)
    assert isinstance(outcome(NONE, network(active=False, subnets=(subnet,))), Broken)


def test_whether_a_server_runs_must_be_known() -> None:
    """Of a network whose dnsmasq runs it is a risk, and no fault."""
    assert "processes" in check.META.needs


def test_no_network_of_libvirts() -> None:
    assert isinstance(check.check(facts(dnsmasq_program=NONE), target(bridge="br0")), NotApplicable)


def test_it_comes_before_what_it_explains() -> None:
    assert {network_inactive.META.name, dhcp_server_dead.META.name} == set(check.META.explains)


def test_there_is_no_plan() -> None:
    planned = check.plan(finding(check, outcome(NONE)), facts())
    assert isinstance(planned, NoPlan)
    assert "net-start default" in planned.instead[0]
