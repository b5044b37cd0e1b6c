"""tc-checksum-action-missing: libvirt's own words, whose network they are about, and whether they still hold."""

import pytest

from builders import bridge, facts, finding, network, target
from pxedoctor.checks.filter import tc_checksum_action_missing as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Daemon, Libvirt, Network
from pxedoctor.model.log import LogLine
from pxedoctor.plans.plan import NoPlan

GUEST = target(bridge="virbr0", network="default")
DOWN = network(active=False, origin="/etc/libvirt/qemu/networks/default.xml")
# libvirt 11.3 on Linux 6.18 without act_csum.
NO_ACTION = (
    "libvirtd[812]: internal error: Failed to apply firewall command 'tc filter add dev virbr0 prio 2 protocol ip "
    "parent 1: u32 match ip dport 68 ffff action csum ip and udp': Error: Failed to load TC action module."
)
# The words of the kernel's other two parts (net/sched/cls_api.c, sch_api.c), in the same message.
NO_CLASSIFIER = NO_ACTION.replace("Failed to load TC action module.", "TC classifier not found.")
NO_QDISC = (
    "libvirtd[812]: internal error: Failed to apply firewall command 'tc qdisc add dev virbr0 root handle 1: htb "
    "default 2': Error: Specified qdisc kind is unknown."
)
NO_TC = "virtnetworkd[812]: Cannot find 'tc' in path: No such file or directory"


def outcome(*said: str, one: Network = DOWN, modules: object = ("nf_tables",), **others: object) -> Outcome:
    logs = tuple(LogLine(origin="journalctl --boot", text=text) for text in said)
    return check.check(facts(networks=(one,), **({"logs": logs, "modules": modules} | others)), GUEST)


def broken(*said: str, modules: object = ("nf_tables",), **others: object) -> Broken:
    found = outcome(*said, modules=modules, **others)
    assert isinstance(found, Broken), found
    return found


@pytest.mark.parametrize(
    ("said", "module"), [(NO_ACTION, "act_csum"), (NO_CLASSIFIER, "cls_u32"), (NO_QDISC, "sch_htb")]
)
def test_the_part_of_the_kernel_that_is_missing_is_named(said: str, module: str) -> None:
    found = broken(said)
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", "default")
    assert f"this kernel has no {module}" in found.headline
    assert found.evidence[0].value == said
    assert found.evidence[1].text == f"{module} is neither loaded nor built in"


def test_a_host_without_tc() -> None:
    found = broken(NO_TC, traffic_control=Missing("absent", "tc is not installed"))
    assert "this host has no tc" in found.headline
    assert (found.certainty, found.evidence[1].text) == ("proven", "tc is not installed now either")
    assert broken(NO_TC, traffic_control=Missing("failed", "tc: ended")).certainty == "likely"


def test_tc_was_installed_meanwhile() -> None:
    assert isinstance(outcome(NO_TC, traffic_control=()), NotApplicable)


def test_what_is_in_the_kernel_is_not_known() -> None:
    assert broken(NO_ACTION, modules=Missing("absent", "no list")).certainty == "likely"


def test_words_of_tc_that_nobody_knows_yet() -> None:
    found = broken(NO_ACTION.replace("Failed to load TC action module.", "Invalid argument"))
    assert ("tc refused" in found.headline, found.certainty) == (True, "likely")


def test_the_last_words_count() -> None:
    assert "act_csum" in broken(NO_QDISC, NO_ACTION).headline


def test_it_came_meanwhile() -> None:
    assert isinstance(outcome(NO_ACTION, modules=("act_csum",)), NotApplicable)


def test_the_network_runs_whatever_the_log_says() -> None:
    found = outcome(NO_ACTION, one=network(), bridges=(bridge("virbr0"),))
    assert isinstance(found, Fine)


def test_its_bridge_was_deleted_and_could_not_be_made_again() -> None:
    assert isinstance(outcome(NO_ACTION, one=network()), Broken)


@pytest.mark.parametrize(
    "said",
    [
        NO_ACTION.replace("virbr0", "virbr01"),
        "libvirtd[812]: internal error: Failed to apply firewall command 'nft -f - ': Error: dev virbr0 ",
        "dnsmasq[3]: cannot read /etc/hosts",
    ],
    ids=["another network", "another command", "another program"],
)
def test_words_about_something_else(said: str) -> None:
    assert isinstance(outcome(said), NotApplicable)


def test_without_a_log_nothing_is_said() -> None:
    assert isinstance(outcome(logs=Missing("forbidden", "no root")), NotApplicable)


def test_a_bridge_that_libvirt_does_not_make() -> None:
    assert isinstance(outcome(NO_ACTION, one=network(active=False, forward="bridge")), NotApplicable)


@pytest.mark.parametrize(
    ("libvirt", "daemon"),
    [
        (Libvirt(daemons=(Daemon(name="virtnetworkd", pid=9),)), "virtnetworkd"),
        (Missing("absent", "none"), "libvirtd"),
    ],
)
def test_it_is_left_to_a_person(libvirt: object, daemon: str) -> None:
    plan = check.plan(finding(check, outcome(NO_ACTION)), facts(libvirt=libvirt))
    assert isinstance(plan, NoPlan)
    assert "linux-modules-extra" in plan.instead[0]
    assert f"systemctl restart {daemon}; virsh net-start default" in plan.instead[1]
