"""lsm-denies-dnsmasq: whose refusal it is, whose file, and whether the server runs all the same."""

import pytest
from msgspec.structs import replace

from builders import facts, finding, network, target
from pxedoctor.checks.policy import lsm_denies_dnsmasq as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.fact import Missing
from pxedoctor.model.label import Label
from pxedoctor.model.libvirt import Daemon, Libvirt, Network, Subnet
from pxedoctor.model.log import LogLine
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan, simulate
from pxedoctor.plans.safety import Safety

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


HOME, TFTP, OURS = (f"system_u:object_r:{kind}:s0" for kind in ("user_home_t", "tftpdir_t", "dnsmasq_var_lib_t"))
FOLDER = "/var/lib/libvirt/dnsmasq"
LOADER = SELINUX.replace("default.conf", "pxelinux.0")
AWAKE = Libvirt(daemons=(Daemon(name="libvirtd", pid=7),))


def told(*said: str, one: Network = DOWN, processes: object = (), labels: object = None, **more: object) -> Facts:
    logs = tuple(LogLine(origin="journalctl --boot", text=text) for text in said)
    known = {} if labels is None else {"labels": labels}
    return facts(networks=(one,), logs=logs, processes=processes, **known, **more)


def outcome(*said: str, one: Network = DOWN, processes: object = (), labels: object = None) -> Outcome:
    return check.check(told(*said, one=one, processes=processes, labels=labels), GUEST)


def file(path: str, now: str = HOME, wanted: str = OURS) -> Label:
    return Label(path=path, now=now, wanted=wanted)


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
        f"{SELINUX} permissive=1",
    ],
    ids=[
        "another network's",
        "another program's",
        "another profile",
        "complain mode",
        "no refusal",
        "a capability",
        "permissive mode",
    ],
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


def test_a_label_that_the_policy_has_otherwise_is_put_right() -> None:
    labels = (file(FOLDER, OURS), file(f"{FOLDER}/default.conf"), file("/srv/f", TFTP, TFTP))
    seen = told(SELINUX, labels=labels, libvirt=AWAKE)
    found = check.check(seen, GUEST)
    assert isinstance(found, Broken)
    plan = check.plan(finding(check, found), seen)
    assert isinstance(plan, Plan)
    assert [step.argv() for step in plan.steps] == [
        ("restorecon", "-v", "--", f"{FOLDER}/default.conf"),
        ("virsh", "-c", "qemu:///system", "net-start", "default"),
    ]
    assert plan.safety is Safety.RISKY
    assert HOME in plan.may_lose

    after, _ = simulate(plan, seen.host)
    healthy = replace(seen, host=after)
    fine = check.check(healthy, GUEST)
    assert isinstance(fine, Fine)
    assert "keeps the dnsmasq of default from anything" in fine.why


def test_its_folder_too_where_that_is_alike() -> None:
    labels = (file(FOLDER), file(f"{FOLDER}/default.conf"))
    seen = told(SELINUX, labels=labels)
    plan = check.plan(finding(check, check.check(seen, GUEST)), seen)
    assert isinstance(plan, Plan)
    assert [step.argv()[-1] for step in plan.steps] == [FOLDER, f"{FOLDER}/default.conf"]


def test_a_boot_file_that_selinux_names_by_its_last_part() -> None:
    one = serving(subnets=with_tftp("/srv/boot"))
    wrong = file("/srv/boot/pxelinux.0", wanted=TFTP)
    seen = told(LOADER, one=one, processes=(SERVER,), labels=(wrong,), libvirt=AWAKE)
    found = check.check(seen, GUEST)
    assert isinstance(found, Broken)
    plan = check.plan(finding(check, found), seen)
    assert isinstance(plan, Plan)
    assert [step.argv()[-1] for step in plan.steps] == ["/srv/boot/pxelinux.0"]
    assert isinstance(check.check(replace(seen, host=simulate(plan, seen.host)[0]), GUEST), Fine)
    assert isinstance(outcome(LOADER, one=one, processes=(SERVER,)), Fine)
    elsewhere = file("/home/boot/pxelinux.0", wanted=TFTP)
    assert isinstance(outcome(LOADER, one=one, processes=(SERVER,), labels=(elsewhere,)), Fine)


@pytest.mark.parametrize(
    "labels",
    [
        (file(f"{FOLDER}/default.conf", HOME, HOME),),
        (file(f"{FOLDER}/default.conf"), file("/srv/boot/default.conf")),
        (),
        Missing("absent", "SELinux is off"),
    ],
    ids=["the policy wants it so", "two of that name", "not looked at", "not known"],
)
def test_no_label_is_given_where_the_policy_has_none_or_the_file_is_not_known(labels: object) -> None:
    seen = told(SELINUX, labels=labels, libvirt=AWAKE)
    plan = check.plan(finding(check, check.check(seen, GUEST)), seen)
    assert isinstance(plan, NoPlan)
    assert "restorecon -v the file" in plan.instead[0]


def test_nothing_of_a_plan_puts_selinux_off() -> None:
    for label in (OURS, TFTP):
        seen = told(SELINUX, labels=(file(f"{FOLDER}/default.conf", wanted=label),))
        plan = check.plan(finding(check, check.check(seen, GUEST)), seen)
        assert isinstance(plan, Plan)
        assert "setenforce" not in str([(step.argv(), step.request()) for step in plan.steps])
