"""The engine: what becomes of outcomes, missing facts, crashes and plans. The checks here are made for one question."""

from collections.abc import Callable

import pytest

from builders import TARGET, bridge, facts, link, network, port, target
from pxedoctor.checks import CHECKS
from pxedoctor.checks.bridge import bridge_forward_delay
from pxedoctor.diagnose.engine import diagnose, needed_facts
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Severity, Unknown
from pxedoctor.model.bridge import Stp
from pxedoctor.model.fact import Missing, known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Subnet
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.process import Process, Socket
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.bridge import SetForwardDelay
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.hop import Fate
from pxedoctor.road.packet_name import PacketName
from pxedoctor.verdict.report import Report, Verdict
from rulesets import filter_table, netfilter, saved

# A plain bridge with a wire: what serves it is behind that.
HEALTHY = facts(
    bridges=(bridge(ports=(port("eno1"),)),),
    links=(link("br0", kind="bridge"), link("eno1", kind="")),
    netfilter=Netfilter(),
)
DNSMASQ = Process(
    pid=100, parent=1, state="S", name="dnsmasq", command="dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf"
)
OTHER = target(id="web02/52:54:00:0d:0d:02", guest="web02")


class Says:
    """A check that answers what the test wants."""

    def __init__(
        self,
        answer: Callable[[Facts, Target], Outcome],
        name: str = "made-up",
        needs: tuple[str, ...] = (),
        code: str = "XX001",
    ) -> None:
        self.META = Meta(code=code, name=name, stage=Stage.BRIDGE, needs=needs, fix="sometimes")
        self.answer = answer
        self.planned: Plan | NoPlan | Exception = NoPlan("none")

    def check(self, facts: Facts, target: Target) -> Outcome:
        return self.answer(facts, target)

    def plan(self, finding: Finding, facts: Facts) -> Plan | NoPlan:
        if isinstance(self.planned, Exception):
            raise self.planned
        return self.planned


def broken(subject: str = "br0", severity: Severity = "broken", hop: Hop = Hop.PORT) -> Broken:
    return Broken(headline="It is broken.", subject=subject, hop=hop, severity=severity, evidence=(Evidence("e", "o"),))


def says(outcome: Outcome, name: str = "made-up", needs: tuple[str, ...] = (), code: str = "XX001") -> Says:
    return Says(lambda _facts, _target: outcome, name, needs, code)


def report(*checks: Says, on: Facts = HEALTHY, targets: tuple[Target, ...] = (target(),)) -> Report:
    return diagnose(on, targets, (), "2024-01-01T00:00:00Z", checks)


@pytest.mark.parametrize(
    ("outcome", "verdict", "word"),
    [
        (broken(), Verdict.BROKEN, "broken"),
        (broken(severity="risk"), Verdict.HEALTHY, "broken"),
        (Fine("well"), Verdict.HEALTHY, "fine"),
        (NotApplicable("no question"), Verdict.HEALTHY, "not-applicable"),
        (Unknown(missing="m", would_help="h", on_road=True), Verdict.UNKNOWN, "unknown"),
        (Unknown(missing="m", would_help="h", on_road=False), Verdict.HEALTHY, "unknown"),
    ],
)
def test_outcome_to_verdict(outcome: Outcome, verdict: Verdict, word: str) -> None:
    told = report(says(outcome))
    assert told.verdict is verdict
    assert [result.outcome for result in told.checks] == [word]


@pytest.mark.parametrize(("verdict", "code"), [(Verdict.HEALTHY, 0), (Verdict.BROKEN, 1), (Verdict.UNKNOWN, 3)])
def test_exit_codes(verdict: Verdict, code: int) -> None:
    assert verdict.exit_code == code


def test_broken_beats_unknown() -> None:
    told = report(says(broken(), "a"), says(Unknown(missing="m", would_help="h", on_road=True), "b", code="XX002"))
    assert told.verdict is Verdict.BROKEN


def test_one_targets_trouble_is_not_the_others() -> None:
    def first_only(_: Facts, of: Target) -> Outcome:
        return broken() if of.id == TARGET else Fine("well")

    told = report(Says(first_only), targets=(target(), OTHER))
    assert {entry.target.id: entry.verdict for entry in told.targets} == {
        TARGET: Verdict.BROKEN,
        OTHER.id: Verdict.HEALTHY,
    }
    assert told.verdict is Verdict.BROKEN


def test_the_same_fault_of_two_targets_is_one_finding() -> None:
    told = report(says(broken()), targets=(target(), OTHER))
    (diagnosed,) = told.findings
    assert diagnosed.finding.targets == (TARGET, OTHER.id)
    assert diagnosed.finding.id == "XX001:br0"


def test_the_same_fault_of_two_subjects_is_two() -> None:
    told = report(Says(lambda _, of: broken(of.guest or "")), targets=(target(), OTHER))
    assert [d.finding.broken.subject for d in told.findings] == ["web01", "web02"]


def test_the_same_unknown_is_said_once() -> None:
    told = report(says(Unknown(missing="m", would_help="h")), targets=(target(), OTHER))
    (unknown,) = told.unknown
    assert unknown.targets == (TARGET, OTHER.id)


@pytest.mark.parametrize(
    ("status", "on_road"), [("forbidden", True), ("failed", True), ("asleep", True), ("absent", False)]
)
def test_a_missing_fact_is_unknown_before_the_check_is_called(status: str, on_road: bool) -> None:
    never = Says(lambda _f, _t: pytest.fail("it was called"), needs=("netfilter",))
    missing = Missing(status, "not readable", "run it as root")  # type: ignore[arg-type]
    told = report(never, on=facts(bridges=(bridge(),), netfilter=missing))
    (unknown,) = told.unknown
    assert (unknown.missing, unknown.would_help, unknown.on_road) == ("not readable", "run it as root", on_road)


def test_a_fact_that_is_missing_on_the_way_is_unknown_too() -> None:
    def asks(of: Facts, _: Target) -> Outcome:
        known(of.host.logs)
        return Fine("never")

    (unknown,) = report(Says(asks)).unknown
    assert unknown.missing == "not asked for"


def test_a_check_that_crashes_is_said_and_stops_nobody_else() -> None:
    def crashes(_: Facts, __: Target) -> Outcome:
        raise ZeroDivisionError("oh")

    told = report(Says(crashes, "crashing"), says(broken(), "found", code="XX002"))
    (unknown,) = told.unknown
    assert "pxedoctor failed in crashing: ZeroDivisionError('oh')" in unknown.missing
    assert unknown.on_road
    assert [d.finding.name for d in told.findings] == ["found"]


def test_a_road_that_crashes_is_unknown_and_stops_nobody_else() -> None:
    """Facts that no collector makes: a bridge that is no bridge."""
    mad = Facts(host=Host(bridges=(object(),)))  # type: ignore[arg-type]
    told = report(says(Fine("well")), on=mad)
    assert told.roads[0].fate is Fate.UNKNOWN
    assert "pxedoctor failed" in told.roads[0].hops[0].why
    assert told.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("error", "because"),
    [(ValueError("oh"), "pxedoctor failed to plan it"), (KeyError("x"), "pxedoctor failed to plan it")],
)
def test_a_plan_that_crashes_is_no_plan(error: Exception, because: str) -> None:
    check = says(broken())
    check.planned = error
    (diagnosed,) = report(check).findings
    assert isinstance(diagnosed.plan, NoPlan)
    assert because in diagnosed.plan.because


def test_a_plan_that_would_not_clear_its_fault_is_not_offered() -> None:
    check = says(broken())
    check.planned = Plan(steps=(SetForwardDelay(bridge="br0", seconds=2),))
    (diagnosed,) = report(check).findings
    assert isinstance(diagnosed.plan, NoPlan)
    assert "would not clear it" in diagnosed.plan.because
    assert diagnosed.plan.instead == ("keep STP on br0, with a forward delay of 2 s",)


def test_a_plan_that_clears_its_fault_is_offered() -> None:
    slow = facts(bridges=(bridge(stp=Stp.KERNEL),), links=(link("br0", kind="bridge"),))
    told = diagnose(slow, (target(),), (), "t", (bridge_forward_delay,))
    (diagnosed,) = told.findings
    assert isinstance(diagnosed.plan, Plan)
    assert diagnosed.on_model is not None
    assert diagnosed.on_model.value == "clears"


def test_a_road_that_surely_drops_is_broken_though_no_cause_is_known() -> None:
    closed = facts(
        bridges=(bridge("virbr0"),),
        networks=(network(),),
        processes=(DNSMASQ,),
        netfilter=netfilter(saved("*filter\n:INPUT DROP [0:0]\nCOMMIT\n")),
    )
    told = report(says(Fine("well")), on=closed, targets=(target(bridge="virbr0", network="default"),))
    assert (told.verdict, told.targets[0].decisive) == (Verdict.BROKEN, PacketName.DISCOVER)


def test_the_answer_counts_as_much_as_the_question() -> None:
    """Nothing leaves this host towards the guests."""
    mute = facts(
        bridges=(bridge("virbr0"),),
        networks=(network(),),
        processes=(DNSMASQ,),
        netfilter=netfilter(saved("*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n")),
    )
    told = report(says(Fine("well")), on=mute, targets=(target(bridge="virbr0", network="default"),))
    assert (told.verdict, told.targets[0].decisive) == (Verdict.BROKEN, PacketName.OFFER_BROADCAST)


def test_what_only_some_clients_need_is_not_known() -> None:
    """A client that asks for a broadcast gets none; one that does not gets its OFFER."""
    deaf = facts(
        bridges=(bridge("virbr0"),),
        networks=(network(),),
        processes=(DNSMASQ,),
        netfilter=netfilter(saved(filter_table("-A OUTPUT -d 255.255.255.255/32 -j DROP"))),
    )
    told = report(says(Fine("well")), on=deaf, targets=(target(bridge="virbr0", network="default"),))
    assert (told.verdict, told.targets[0].decisive) == (Verdict.UNKNOWN, PacketName.OFFER_BROADCAST)


TFTP = Subnet(
    family="ipv4",
    address="192.168.122.1",
    prefix=24,
    ranges=(("192.168.122.2", "192.168.122.254"),),
    tftp_root="/srv/tftp",
    boot_file="pxelinux.0",
)


@pytest.mark.parametrize(
    ("client", "verdict"), [("ipxe", Verdict.BROKEN), ("dhclient", Verdict.HEALTHY)], ids=["boots from it", "does not"]
)
def test_the_boot_file_counts_for_a_guest_that_boots_from_it(client: str, verdict: Verdict) -> None:
    closed = facts(
        bridges=(bridge("virbr0"),),
        networks=(network(subnets=(TFTP,)),),
        processes=(DNSMASQ,),
        sockets=(
            Socket(kind="udp", port=67, address="0.0.0.0"),
            Socket(kind="udp", port=69, address="192.168.122.1"),
        ),
        netfilter=netfilter(saved(filter_table("-A INPUT -p udp -m udp --dport 69 -j DROP"))),
    )
    told = report(says(Fine("well")), on=closed, targets=(target(client, bridge="virbr0", network="default"),))
    assert told.verdict is verdict
    assert told.targets[0].decisive is (PacketName.TFTP_RRQ if verdict is Verdict.BROKEN else None)


def test_no_target_is_no_trouble() -> None:
    told = report(says(broken()), targets=())
    assert (told.verdict, told.findings, told.checks) == (Verdict.HEALTHY, (), ())


def test_the_host_is_named_where_it_is_known() -> None:
    assert report().hostname == "h"
    assert report(on=facts(system=Missing("forbidden", "no"), bridges=(bridge(),))).hostname == ""


def test_every_need_of_a_check_is_collected() -> None:
    assert {need for check in CHECKS for need in check.META.needs} <= needed_facts()
    assert needed_facts() <= set(Host.__struct_fields__)
