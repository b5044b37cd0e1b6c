"""lsm-denies-dnsmasq: whose refusal it is, whose file, and whether the server runs all the same."""

import pytest

from builders import facts, finding, network, target
from pxedoctor.checks.policy import lsm_denies_dnsmasq as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.model.log import LogLine
from pxedoctor.model.process import Process
from pxedoctor.plans.plan import NoPlan

GUEST = target(bridge="virbr0", network="default")
DOWN = network(active=False)
SERVER = Process(
    pid=100,
    parent=1,
    state="S",
    name="dnsmasq",
    command="/usr/sbin/dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf --leasefile-ro",
)


def apparmor(name: str, profile: str = "dnsmasq", pid: int = 100, mask: str = "r") -> str:
    return (
        f'kernel: audit: type=1400 audit(1764143000.1:42): apparmor="DENIED" operation="open" profile="{profile}" '
        f'name="{name}" pid={pid} comm="dnsmasq" requested_mask="{mask}" denied_mask="{mask}" fsuid=0 ouid=0'
    )


CONF = apparmor("/var/lib/libvirt/dnsmasq/default.conf")
# minishift/minishift#2654.
STATUS = apparmor("/var/lib/libvirt/dnsmasq/virbr0.status.new", "/usr/sbin/dnsmasq", mask="c")
HELPER = apparmor("/usr/lib/libvirt/libvirt_leaseshelper", mask="x")
CAPABILITY = (
    'kernel: audit: type=1400 audit(1764143000.1:42): apparmor="DENIED" operation="capable" profile="dnsmasq" '
    'pid=100 comm="dnsmasq" capability=12 capname="net_admin"'
)
SELINUX = (
    'audit[100]: AVC avc:  denied  { read } for  pid=100 comm="dnsmasq" name="default.conf" dev="vda1" ino=7 '
    "scontext=system_u:system_r:dnsmasq_t:s0-s0:c0.c1023 tcontext=system_u:object_r:user_home_t:s0 tclass=file"
)


def outcome(*said: str, one: Network = DOWN, processes: object = ()) -> Outcome:
    logs = tuple(LogLine(origin="journalctl --boot", text=text) for text in said)
    return check.check(facts(networks=(one,), logs=logs, processes=processes), GUEST)


def serving(**changes: object) -> Network:
    return network(server_pid=100, **changes)


def with_tftp(root: str) -> tuple[Subnet, ...]:
    return (Subnet(family="ipv4", address="192.168.122.1", prefix=24, tftp_root=root),)


@pytest.mark.parametrize("said", [CONF, STATUS, HELPER, SELINUX], ids=["conf", "status", "helper", "selinux"])
def test_a_server_that_was_kept_from_its_own_does_not_run(said: str) -> None:
    found = outcome(said)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject) == ("broken", "likely", "default")
    assert found.headline.endswith("it does not run, and nobody answers.")
    assert found.headline.startswith("SELinux" if said is SELINUX else "AppArmor")
    assert found.evidence[0].value == said


def test_the_last_refusal_is_told() -> None:
    found = outcome(STATUS, CONF)
    assert isinstance(found, Broken)
    assert "default.conf" in found.headline


@pytest.mark.parametrize(
    "said",
    [
        apparmor("/var/lib/libvirt/dnsmasq/other.conf"),
        apparmor("/run/nm-dnsmasq-wlan0.pid"),
        apparmor("/var/lib/libvirt/dnsmasq/default.conf", profile="tcpdump").replace(
            'comm="dnsmasq"', 'comm="tcpdump"'
        ),
        CONF.replace("DENIED", "ALLOWED"),
        "dnsmasq[3]: cannot read /var/lib/libvirt/dnsmasq/default.conf: Permission denied",
        CAPABILITY,
    ],
    ids=["another network's", "another program's", "another profile", "complain mode", "no refusal", "a capability"],
)
def test_what_says_nothing_about_this_network(said: str) -> None:
    assert isinstance(outcome(said), Fine)


def test_a_server_that_runs_and_may_not_read_a_boot_file_is_a_risk() -> None:
    one = serving(subnets=with_tftp("/srv/boot"))
    found = outcome(apparmor("/srv/boot/pxelinux.0"), one=one, processes=(SERVER,))
    assert isinstance(found, Broken)
    assert (found.severity, found.headline) == (
        "risk",
        "AppArmor keeps the dnsmasq of default from /srv/boot/pxelinux.0: it runs, and lacks it.",
    )


@pytest.mark.parametrize(
    "said", [apparmor("/srv/boot/pxelinux.0", pid=99), CONF.replace("pid=100", "pid=99"), HELPER.replace("100", "99")]
)
def test_refusals_of_an_earlier_life(said: str) -> None:
    one = serving(subnets=with_tftp("/srv/boot"))
    assert isinstance(outcome(said, one=one, processes=(SERVER,)), Fine)


def test_a_server_that_died_of_it() -> None:
    found = outcome(STATUS, one=serving(), processes=())
    assert isinstance(found, Broken)
    assert found.severity == "broken"


def test_whether_it_runs_is_not_known() -> None:
    found = outcome(CONF, one=serving(), processes=Missing("forbidden", "hidepid"))
    assert isinstance(found, Broken)
    assert found.severity == "risk"


def test_no_log_no_network_no_server() -> None:
    assert isinstance(check.check(facts(networks=(DOWN,), logs=Missing("forbidden", "no root")), GUEST), NotApplicable)
    assert isinstance(check.check(facts(logs=()), GUEST), NotApplicable)
    bridged = network(active=False, forward="bridge", subnets=())
    assert isinstance(outcome(CONF, one=bridged), NotApplicable)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (CONF, "`/var/lib/libvirt/dnsmasq/default.conf r,` in /etc/apparmor.d/local/usr.sbin.dnsmasq"),
        (SELINUX, "audit2why"),
    ],
)
def test_what_to_allow_is_told_and_left_to_a_person(said: str, word: str) -> None:
    plan = check.plan(finding(check, outcome(said)), facts())
    assert isinstance(plan, NoPlan)
    assert plan.because == "what a security policy forbids, a person allows"
    assert word in plan.instead[0]
