"""What fix would do: to a person word for word (golden/), and as JSON; and why it would do nothing."""

import msgspec
import pytest

from builders import link
from golden import same_as_golden
from pxedoctor.model.libvirt import Definition
from pxedoctor.model.source import Source
from pxedoctor.plans.bridge_file import ConfigureBridge
from pxedoctor.plans.leave_room import LeaveRoom
from pxedoctor.plans.owners.owner import FileChange
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.show_only import ShowOnly
from pxedoctor.report.planned import (
    nothing_because,
    planned_document,
    render_how_to,
    render_nothing,
    render_planned,
    verdict_of_nothing,
)
from pxedoctor.report.style import Style
from pxedoctor.verdict.report import Diagnosed, NotKnown, Report, Verdict
from pxedoctor.verdict.treatment import Refusal
from report_builders import (
    BR001,
    LAB,
    broken_report,
    checksum_risk,
    guest,
    likely_report,
    report,
    risky_report,
    slow_bridge,
    slow_host,
)

FACTS = slow_host()
REFUSAL = Refusal("BR001:br0", "the repair is RISKY, and --allow-risky was not given: the LAN's tree.")


def diagnosed() -> Diagnosed:
    return broken_report().findings[0]


def with_plan(**changes: object) -> tuple[Diagnosed, ...]:
    found = diagnosed()
    assert isinstance(found.plan, Plan)
    return (msgspec.structs.replace(found, plan=msgspec.structs.replace(found.plan, **changes)),)


def test_planned() -> None:
    shown = broken_report()
    text = render_planned(shown.findings, shown, FACTS, Style())
    same_as_golden("fix-planned", text + "\n" + render_how_to(shown.findings, shown, Style()))


def lasting_step() -> ConfigureBridge:
    text = "iface br0 inet manual\n  bridge_ports \x1b[2Jeno1\n  bridge_stp on\n  bridge_fd 15\n  bridge_maxwait 0\n"
    change = FileChange(
        path="/etc/network/interfaces", before=text, after=text.replace("15", "2"), then=(("ifquery", "br0"),)
    )
    return ConfigureBridge(owner="ifupdown", bridge="br0", words="a forward delay of 2 s", change=change)


def test_planned_with_a_file_that_is_changed() -> None:
    """The diff is as it is, but for what a terminal would obey."""
    shown = broken_report()
    found = shown.findings[0]
    assert isinstance(found.plan, Plan)
    plan = msgspec.structs.replace(found.plan, steps=(*found.plan.steps[:1], lasting_step()))
    wanted = (msgspec.structs.replace(found, plan=plan),)
    same_as_golden("fix-planned-file", render_planned(wanted, shown, FACTS, Style()))
    document = planned_document(wanted, (), FACTS)
    assert "-  bridge_fd 15\n+  bridge_fd 2\n" in document.plans[0].steps[1].diff


def test_planned_with_whatever_stands_in_a_definition() -> None:
    """What a terminal would obey is told, not sent; and a separator that ends no line of XML begins none here."""
    shown = broken_report()
    theirs = "<description>\x9b2J\x85+  <bridge delay='9'/>\u2028- all</description>"
    where = slow_host(definition=Definition(LAB.path, LAB.text.replace("<forward", f"{theirs}<forward")))
    lines = render_planned(shown.findings, shown, where, Style()).splitlines()
    assert "       +  <bridge name='br0' stp='on' delay='2'/>" in lines
    assert f"          {theirs.encode('unicode_escape').decode()}<forward mode='nat'/>" in lines
    document = planned_document(shown.findings, (), where)
    assert "\n+  <bridge name='br0' stp='on' delay='2'/>\n" in document.plans[0].steps[1].diff


def test_planned_risky() -> None:
    shown = risky_report()
    same_as_golden("fix-planned-risky", render_planned(shown.findings, shown, FACTS, Style()))


def test_planned_without_inverse_and_pending() -> None:
    shown = likely_report()
    same_as_golden("fix-planned-pending", render_planned(shown.findings, shown, FACTS, Style()))


def test_no_plan_says_why_and_offers_nothing() -> None:
    found = checksum_risk("br0", guest())
    text = render_planned((found,), report(findings=(found,)), FACTS, Style())
    assert "no repair by pxedoctor: no client here is known to refuse such replies" in text
    assert render_how_to((found,), report(findings=(found,)), Style()) == ""


def test_planned_as_json() -> None:
    document = planned_document((diagnosed(),), (), FACTS)
    assert (document.id, document.outcome) == (None, "planned")
    steps = document.plans[0].steps
    assert [step.state for step in steps] == ["planned", "planned"]
    assert steps[0].command == "ip link set dev br0 type bridge forward_delay 200"


@pytest.mark.parametrize(("refused", "outcome"), [((REFUSAL,), "refused"), ((), "nothing-to-do")])
def test_nothing_planned_as_json(refused: tuple[Refusal, ...], outcome: str) -> None:
    found = diagnosed()
    without = Diagnosed(finding=found.finding, plan=NoPlan("because"))
    document = planned_document((without,), refused, FACTS)
    assert (document.outcome, document.plans) == (outcome, [])


def room(path: str, new: bool) -> LeaveRoom:
    return LeaveRoom(
        server="dnsmasq (pid 9)",
        device="virbr0",
        path=path,
        new=new,
        lines=("bind-dynamic", "except-interface=virbr0"),
        checked_by=("dnsmasq", "--test"),
        service="dnsmasq",
        may_lose="Nobody whom dnsmasq (pid 9) serves gets an answer while dnsmasq restarts.",
    )


def test_planned_with_who_reads_the_file_and_with_the_old_way() -> None:
    """Everything that is run is shown; what manuals say is shown, with why it is not done."""
    old = ShowOnly("ifdown br0; ifup br0", "It deletes the bridge, and plugs no guest in again.")
    wanted = with_plan(steps=(room("/etc/dnsmasq.conf", new=False),), other_ways=("For good: nothing.",), shown=(old,))
    same_as_golden("fix-planned-old-way", render_planned(wanted, broken_report(), FACTS, Style()))
    (plan,) = planned_document(wanted, (), FACTS).plans
    assert plan.steps[0].then == ["dnsmasq --test", "systemctl restart dnsmasq"]
    assert [(entry.command, entry.safety) for entry in plan.shown] == [("ifdown br0; ifup br0", "show-only")]
    assert plan.headline == diagnosed().finding.broken.headline
    assert "must not find BR001:br0 any more" in plan.verified_by


def test_what_is_only_shown_does_not_make_the_plan_less_safe() -> None:
    (found,) = with_plan(shown=(ShowOnly("reboot", "Everything."),))
    assert isinstance(found.plan, Plan)
    assert found.plan.safety.word == "safe"


def test_several_findings_one_after_the_other() -> None:
    web, db = guest(), guest("db01", "52:54:00:0d:0d:02")
    risky = slow_bridge(slow_host(link("eno1", kind=""), heard=12), web)
    unplanned = checksum_risk("br0", db)
    shown = report((web, Verdict.BROKEN), (db, Verdict.HEALTHY), findings=(risky, unplanned))
    text = render_planned(shown.findings, shown, FACTS, Style())
    same_as_golden("fix-planned-several", f"{text}\n{render_how_to(shown.findings, shown, Style())}")


CLOSED = Source(name="networks", status="forbidden", why="it may not be read by this user")
OPEN = NotKnown(meta=BR001, targets=("t",), on_road=True, missing="the bridge's delay", would_help="run it as root")


@pytest.mark.parametrize(
    ("of", "only", "words", "verdict"),
    [
        (report(), False, "there is no guest and no bridge for guests on this host", Verdict.HEALTHY),
        (
            report(sources=(CLOSED, Source(name="links", status="ok"))),
            False,
            "on this host; could not look at networks: pxedoctor diagnose says why",
            Verdict.HEALTHY,
        ),
        (report((guest(), Verdict.HEALTHY)), False, "1 cause looked for at 1 target, and none found", Verdict.HEALTHY),
        (
            report((guest(), Verdict.UNKNOWN), unknown=(OPEN,)),
            False,
            "nothing was found, but not all could be told: the bridge's delay (would help: run it as root)",
            Verdict.UNKNOWN,
        ),
        (report((guest(), Verdict.HEALTHY)), True, "bridge-forward-delay was not found", Verdict.HEALTHY),
        (
            report((guest(), Verdict.BROKEN), findings=(checksum_risk("br0", guest()),)),
            True,
            "bridge-forward-delay was not found; found were: dhcp-reply-checksum-unfilled",
            Verdict.HEALTHY,
        ),
        (report((guest(), Verdict.UNKNOWN), unknown=(OPEN,)), True, "the bridge's delay", Verdict.UNKNOWN),
        (report((guest(), Verdict.BROKEN)), False, "no cause that pxedoctor knows", Verdict.BROKEN),
    ],
    ids=[
        "nothing here",
        "nothing seen",
        "healthy",
        "not known",
        "another cause",
        "only others",
        "that one is not known",
        "no cause",
    ],
)
def test_an_empty_plan_says_why(of: Report, only: bool, words: str, verdict: Verdict) -> None:
    because = nothing_because(of, BR001 if only else None)
    assert words in because
    assert verdict_of_nothing(of, BR001 if only else None) is verdict
    document = planned_document((), (), FACTS, because)
    assert (document.outcome, document.why, document.plans) == ("nothing-to-do", because, [])
    assert render_nothing(because, Style()).startswith("Nothing to repair: ")
