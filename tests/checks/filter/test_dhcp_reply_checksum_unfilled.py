"""dhcp-reply-checksum-unfilled: every condition must hold, and the client decides how much it matters."""

import pytest

from builders import GUEST, MAC, TARGET, domain, facts, finding, link, network, nic, offer, probed, target, with_probes
from pxedoctor.checks.filter import dhcp_reply_checksum_unfilled as check
from pxedoctor.diagnose.engine import diagnose
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Daemon, Libvirt, Network
from pxedoctor.model.log import LogLine
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.network_files import NetworkFiles
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts, Target
from pxedoctor.model.traffic_control import Offload, TcText
from pxedoctor.plans.checksum import FillInKernel
from pxedoctor.plans.firewall import AddChecksumRule
from pxedoctor.plans.guest import SetNicDriver
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.service import ControlService
from rulesets import LIBVIRT, netfilter, saved

RULE = "-A LIBVIRT_PRT -o virbr0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill\n"
WITHOUT = netfilter(saved(LIBVIRT.replace(RULE, "")))
WARNING = LogLine(
    origin="/var/log/syslog",
    text="libvirtd[9]: Could not add rule to fixup DHCP response checksums on network 'default'.",
)
FREEBSD = "http://freebsd.org/freebsd/13.1"
VIRTIO = nic(kind="network", source="default", tap="vnet0")


def offload(device: str = "vnet0", takes: bool = True, vhost_net: bool | None = True) -> Offload:
    return Offload(device=device, takes_partial_sums=takes, origin=f"ethtool -k {device}", vhost_net=vhost_net)


def seen(**changes: object) -> Facts:
    """web01 runs an operating system on vnet0 over vhost-net; libvirt's CHECKSUM rule alone is gone."""
    values: dict[str, object] = {
        "offloads": (offload(), offload("virbr0")),
        "traffic_control": (),
        "netfilter": WITHOUT,
        "networks": (network(),),
        "domains": (domain(VIRTIO, running=True, hypervisor="kvm"),),
        "processes": (),
        "logs": (),
    }
    return facts(**(values | changes))


def running(client: str | None = "dhclient-old", **changes: object) -> Target:
    return target(client, **({"bridge": "virbr0", "tap": "vnet0", "running": True} | changes))


def judged(client: str | None = "dhclient-old", **changes: object) -> Outcome:
    return check.check(seen(**changes), running(client))


def broken(outcome: Outcome) -> Broken:
    assert isinstance(outcome, Broken), outcome
    return outcome


def test_a_client_known_to_refuse_is_broken() -> None:
    outcome = broken(judged("dhclient-old"))
    assert (outcome.severity, outcome.certainty, outcome.subject) == ("broken", "proven", "virbr0")
    assert "ISC dhclient before 4.2 refuses them" in outcome.headline
    assert "never a PXE ROM" in outcome.headline
    origins = [evidence.origin for evidence in outcome.evidence]
    assert {"ethtool -k vnet0", "iptables-nft-save", "tc -j qdisc show"} < set(origins)


@pytest.mark.parametrize("client", ["windows", None])
def test_any_other_client_is_a_risk(client: str | None) -> None:
    assert broken(judged(client)).severity == "risk"


@pytest.mark.parametrize(("client", "cpus", "named"), [("windows", 60, 1), ("windows", 59, 0), ("windows", None, 0)])
def test_windows_with_many_processors_is_a_risk_that_is_named(client: str, cpus: int | None, named: int) -> None:
    guest = domain(VIRTIO, running=True, hypervisor="kvm", cpus=cpus)
    found = broken(judged(client, domains=(guest,)))
    assert found.severity == "risk"
    assert sum(evidence.origin.endswith(": vcpu") for evidence in found.evidence) == named


@pytest.mark.parametrize("client", ["dhclient", "udhcpc", "systemd-networkd", "networkmanager"])
def test_a_client_that_honours_the_mark_is_fine(client: str) -> None:
    assert isinstance(judged(client), Fine)


@pytest.mark.parametrize("client", ["ipxe", "ovmf"])
def test_firmware_is_fine_and_it_is_said_why(client: str) -> None:
    outcome = judged(client)
    assert isinstance(outcome, Fine)
    assert "never a PXE ROM" in outcome.why


def test_a_guest_that_boots_through_firmware_into_a_system_known_to_refuse() -> None:
    guest = domain(VIRTIO, running=True, hypervisor="kvm", os_id=FREEBSD)
    outcome = broken(judged("ipxe", domains=(guest,)))
    assert outcome.severity == "broken"
    assert "FreeBSD dhclient refuses them" in outcome.headline
    assert FREEBSD in [evidence.origin.partition(": ")[2] for evidence in outcome.evidence]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"netfilter": netfilter(saved(LIBVIRT))}, "CHECKSUM rule", id="libvirt's rule is there"),
        pytest.param(
            {"offloads": (offload(takes=False), offload("virbr0"))},
            "takes no open sums",
            id="firmware drives the NIC now",
        ),
        pytest.param(
            {"offloads": (offload(), offload("virbr0", takes=False))},
            "takes no open sums",
            id="ethtool -K virbr0 tx off",
        ),
        pytest.param(
            {"domains": (domain(nic(tap="vnet0", driver="qemu"), running=True, hypervisor="kvm"),)},
            "driver name='qemu'",
            id="QEMU carries the frames",
        ),
        pytest.param(
            {"domains": (domain(VIRTIO, running=True, hypervisor="qemu"),)}, "emulated guest", id="an emulated guest"
        ),
        pytest.param(
            {"offloads": (offload(vhost_net=False), offload("virbr0", vhost_net=False))}, "vhost-net", id="no vhost-net"
        ),
    ],
)
def test_one_condition_less_is_fine(changes: dict[str, object], why: str) -> None:
    outcome = judged(**changes)
    assert isinstance(outcome, Fine), outcome
    assert why in outcome.why


def test_libvirts_old_warning_in_the_log_alone_is_innocuous() -> None:
    outcome = judged(netfilter=netfilter(saved(LIBVIRT)), logs=(WARNING,))
    assert isinstance(outcome, Fine)
    assert "means nothing by now" in outcome.why


def test_with_everything_else_the_warning_is_evidence() -> None:
    outcome = broken(judged(logs=(WARNING,)))
    assert WARNING.text in [evidence.value for evidence in outcome.evidence]


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        pytest.param({}, {"tap": None, "running": False}, id="the guest is off"),
        pytest.param({}, {"bridge": None}, id="no bridge"),
        pytest.param({"networks": (network(subnets=()),)}, {}, id="the network serves no DHCP"),
        pytest.param({"networks": (network(active=False),)}, {}, id="the network is not active"),
        pytest.param({"networks": ()}, {}, id="no server of this host is known"),
        pytest.param(
            {"networks": Missing("absent", "no libvirt"), "processes": Missing("failed", "ps")}, {}, id="blind"
        ),
    ],
)
def test_not_applicable(changes: dict[str, object], at: dict[str, object]) -> None:
    assert isinstance(check.check(seen(**changes), running(**at)), NotApplicable)


@pytest.mark.parametrize(
    ("command", "state", "kind"),
    [
        ("/usr/sbin/dnsmasq --interface=virbr0 --dhcp-range=10.0.0.2,10.0.0.9", "S", Broken),
        ("dnsmasq -i virbr0 -F 10.0.0.2,10.0.0.9", "S", Broken),
        ("dnsmasq -i virbr0 -F 10.0.0.2,10.0.0.9", "Z", NotApplicable),
        ("dnsmasq -i virbr01 -F 10.0.0.2,10.0.0.9", "S", NotApplicable),
        ("dnsmasq -i virbr0", "S", NotApplicable),
    ],
)
def test_a_dnsmasq_that_is_not_libvirts(command: str, state: str, kind: type) -> None:
    server = Process(pid=9, parent=1, state=state, name="dnsmasq", command=command)
    assert isinstance(judged(networks=(), processes=(server,)), kind)


def test_a_dnsmasq_that_has_its_settings_from_a_file() -> None:
    settings = ("interface=virbr0", "dhcp-range=10.0.0.2,10.0.0.9")
    server = Process(pid=9, parent=1, state="S", name="dnsmasq", command="dnsmasq -C /etc/x", settings=settings)
    found = judged(networks=(), processes=(server,))
    assert isinstance(found, Broken)
    assert found.evidence[0].origin == "/proc/9/cmdline and its configuration files"


@pytest.mark.parametrize(
    "changes",
    [
        {"offloads": Missing("absent", "ethtool is not installed", "install ethtool")},
        {"offloads": (offload("virbr0"),)},
        {"netfilter": Missing("forbidden", "nft may not be run by this user", "run it as root")},
        {"traffic_control": Missing("failed", "tc ended with 2")},
        {"networks": Missing("forbidden", "/etc/libvirt/qemu/networks may not be read by this user", "run it as root")},
    ],
    ids=["no ethtool", "not this tap", "no rules", "no tc", "no networks"],
)
@pytest.mark.parametrize(("client", "on_road"), [("dhclient-old", True), (None, False)])
def test_what_is_missing_is_unknown(changes: dict[str, object], client: str | None, on_road: bool) -> None:
    outcome = judged(client, **changes)
    assert isinstance(outcome, Unknown), outcome
    assert outcome.on_road is on_road


def test_a_tap_that_no_domain_claims_is_likely_only() -> None:
    """Who reads it is not known: a QEMU without vhost-net would fill the sums itself."""
    outcome = broken(
        check.check(seen(domains=()), running("freebsd", id="tap/vnet0", kind="tap", guest=None, mac=None))
    )
    assert (outcome.severity, outcome.certainty) == ("broken", "likely")


def planned(**changes: object) -> Plan | NoPlan:
    host_facts = seen(**changes)
    return check.plan(finding(check, check.check(host_facts, running())), host_facts)


def plan_of(**changes: object) -> Plan:
    plan = planned(**changes)
    assert isinstance(plan, Plan)
    return plan


def test_the_first_choice_is_the_rule_and_it_can_be_undone() -> None:
    plan = plan_of()
    assert plan.steps == (AddChecksumRule(bridge="virbr0"),)
    assert plan.safety is Safety.SAFE
    assert any("driver name='qemu'" in way and "full shutdown and start" in way for way in plan.other_ways)
    assert any(way.startswith("Reload libvirtd") for way in plan.other_ways)


def test_the_rule_clears_the_finding_on_the_model() -> None:
    report = diagnose(seen(), (running(),), (), "2026-01-09T10:00:00Z")
    found = next(entry for entry in report.findings if entry.finding.name == check.META.name)
    assert isinstance(found.plan, Plan)
    assert found.on_model == "clears"


def test_a_bridge_without_libvirt_is_told_where_the_rule_belongs() -> None:
    server = Process(pid=9, parent=1, state="S", name="dnsmasq", command="dnsmasq -i virbr0 -F 10.0.0.2,10.0.0.9")
    plan = plan_of(networks=(), processes=(server,))
    assert plan.steps == (AddChecksumRule(bridge="virbr0"),)
    assert not any(way.startswith("Reload") for way in plan.other_ways)
    assert any("whenever virbr0 is made" in way for way in plan.other_ways)


def of_nftables(**changes: object) -> Network:
    return network(backend="nftables", **changes)


WITHOUT_IPTABLES: dict[str, object] = {"netfilter": Netfilter(), "network_files": NetworkFiles()}
FOREIGN = TcText(device="virbr0", filters="", origin="tc filter show dev virbr0", root="cake 8001:")


def test_libvirts_nftables_backend_without_iptables_is_reloaded() -> None:
    split = Libvirt(daemons=(Daemon(name="virtnetworkd", pid=7),))
    plan = plan_of(networks=(of_nftables(),), libvirt=split, **WITHOUT_IPTABLES)
    (step,) = plan.steps
    assert isinstance(step, ControlService)
    assert step.argv() == ("systemctl", "reload", "virtnetworkd")
    assert plan.safety is Safety.SAFE


def test_where_the_reload_would_fail_the_kernel_fills_the_sums() -> None:
    """Another program's root qdisc: libvirt's `tc qdisc add` would fail, and leave the network without rules."""
    plan = plan_of(networks=(of_nftables(),), traffic_control=(FOREIGN,), **WITHOUT_IPTABLES)
    assert plan.steps == (FillInKernel(bridge="virbr0"),)
    assert plan.safety is Safety.RISKY
    assert any("cake 8001:" in way for way in plan.other_ways)


@pytest.mark.parametrize("changes", [{}, {"modules": ("act_csum", "cls_u32", "sch_htb")}], ids=["neither", "tc"])
def test_without_iptables_the_plan_clears_the_finding_on_the_model(changes: dict[str, object]) -> None:
    server = Process(pid=9, parent=1, state="S", name="dnsmasq", command="dnsmasq -i virbr0 -F 10.0.0.2,10.0.0.9")
    known = seen(networks=(), processes=(server,), **WITHOUT_IPTABLES, **changes)
    report = diagnose(known, (running(),), (), "2026-01-09T10:00:00Z")
    found = next(entry for entry in report.findings if entry.finding.name == check.META.name)
    assert isinstance(found.plan, Plan)
    assert found.on_model == "clears"


def test_the_finding_names_the_guest() -> None:
    assert finding(check, judged()).targets == (TARGET,)


BRIDGE = link("virbr0", kind="bridge", mac="52:54:00:00:00:01")
OPEN = probed(bridge="virbr0", profile="dhclient", offload=True, offers=(offer(checksum="partial", marked=True),))
FULL = probed(bridge="virbr0", profile="dhclient", offload=True)


@pytest.mark.parametrize(("client", "severity"), [("freebsd", "broken"), (None, "risk"), ("windows", "risk")])
def test_an_offer_that_came_with_its_sum_open_proves_it(client: str | None, severity: str) -> None:
    """Nothing of the rules, of a tap or of the server has to be known."""
    known = with_probes(facts(links=(BRIDGE,)), OPEN)
    outcome = broken(check.check(known, running(client, tap=None, running=False)))
    assert (outcome.severity, outcome.certainty) == (severity, "proven")
    assert outcome.headline.startswith("nobody fills the UDP checksum of this host's DHCP replies on virbr0")
    seen_there = outcome.evidence[0]
    assert seen_there.origin == "a probe of virbr0 as dhclient"
    assert seen_there.text == "the offer of 192.168.122.1 came with its UDP sum not filled, with the mark that says so"


def test_what_facts_make_likely_the_probe_proves() -> None:
    unsure = seen(offloads=(offload(vhost_net=None), offload("virbr0")), links=(BRIDGE,))
    assert broken(check.check(unsure, running())).certainty == "likely"
    assert broken(check.check(with_probes(unsure, OPEN), running())).certainty == "proven"


def test_an_offer_that_came_filled_to_a_tap_that_takes_open_sums_refutes_it() -> None:
    outcome = check.check(with_probes(seen(), FULL), running())
    assert outcome == Fine(
        "a probe of virbr0 as dhclient, whose tap takes open sums, got its offer with the sum filled"
    )


def test_a_firmware_tap_is_given_filled_sums_whoever_fills_them_and_refutes_nothing() -> None:
    assert broken(check.check(with_probes(seen(), probed(bridge="virbr0")), running())).severity == "broken"


@pytest.mark.parametrize(
    "changes",
    [{"offloads": (offload(takes=False),)}, {"domains": (domain(VIRTIO, running=True, hypervisor="qemu"),)}],
    ids=["its driver takes no open sums", "QEMU fills them itself"],
)
def test_a_guest_whose_own_nic_gets_filled_sums_is_fine_whatever_a_probe_gets(changes: dict[str, object]) -> None:
    assert isinstance(check.check(with_probes(seen(**changes), OPEN), running()), Fine)


def test_firmware_is_fine_whatever_a_probe_gets() -> None:
    assert isinstance(check.check(with_probes(seen(), OPEN), running("ipxe")), Fine)


def test_open_sums_of_another_guests_server_are_beyond_this_hosts_rules() -> None:
    other = probed(bridge="virbr0", offload=True, offers=(offer(checksum="partial", mac="52:54:00:aa:00:01"),))
    known = with_probes(seen(links=(BRIDGE,)), other)
    outcome = broken(check.check(known, running()))
    assert "52:54:00:aa:00:01's DHCP replies" in outcome.headline
    plan = check.plan(finding(check, outcome, running()), known)
    assert isinstance(plan, Plan)
    assert plan.steps == (SetNicDriver(domain=GUEST, mac=MAC),)
    assert plan.pending == f"a full shutdown and start of {GUEST}"
    assert any("no rule of this host sees its replies" in way for way in plan.other_ways)


def test_what_the_definition_has_already_waits_for_the_guests_full_start() -> None:
    other = probed(bridge="virbr0", offload=True, offers=(offer(checksum="partial", mac="52:54:00:aa:00:01"),))
    defined = nic(kind="network", source="default", driver="qemu")
    guest = domain(VIRTIO, running=True, hypervisor="kvm", defined_nics=(defined,))
    known = with_probes(seen(links=(BRIDGE,), domains=(guest,)), other)
    plan = check.plan(finding(check, check.check(known, running()), running()), known)
    assert isinstance(plan, NoPlan)
    assert f"waits for a full shutdown and start of {GUEST}" in plan.because
    assert plan.instead[0].startswith(f"virsh shutdown {GUEST}")


def test_a_probes_proof_is_planned_for_as_the_facts_are() -> None:
    known = with_probes(seen(links=(BRIDGE,)), OPEN)
    plan = check.plan(finding(check, check.check(known, running()), running()), known)
    assert isinstance(plan, Plan)
    assert isinstance(plan.steps[0], AddChecksumRule)
