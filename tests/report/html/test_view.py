"""What the page shows, in which order, before any markup."""

from builders import facts
from pxedoctor.findings.outcome import Hop
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.service import ControlService
from pxedoctor.report.drawing.mark import Mark
from pxedoctor.report.html import view
from pxedoctor.road.hop import Fate, Road, RoadHop
from pxedoctor.road.packet_name import PacketName
from pxedoctor.verdict.report import Verdict
from report_builders import (
    broken_report,
    checksum_risk,
    exchange_roads,
    guest,
    likely_report,
    report,
    risky_report,
    rules_missing,
    slow_bridge,
    slow_host,
    unknown_road,
)


def test_a_cause_with_its_evidence_its_road_and_its_plan() -> None:
    (cause,) = view.causes(broken_report(), slow_host())
    assert (cause.number, cause.name, cause.certainty, cause.whom) == (1, "bridge-forward-delay", "proven", "")
    assert cause.evidence[0][1] == "/sys/class/net/br0/bridge/stp_state"
    assert [(stop.word, stop.mark, stop.behind) for stop in cause.strip] == [
        ("NIC", Mark.GOOD, False),
        ("new port", Mark.BAD, False),
        ("br0", Mark.NONE, True),
        ("DHCP server", Mark.NONE, True),
    ]
    plan = cause.repair
    assert plan.safety == "SAFE"
    assert plan.commands.splitlines() == [step.command for step in plan.steps]
    assert plan.steps[0].back_command == "ip link set dev br0 type bridge forward_delay 1500"
    assert plan.do_it == "pxedoctor fix web01 --apply"


def test_a_risk_has_no_number_and_the_next_break_is_not_skipped() -> None:
    web, db = guest(), guest("db01", "52:54:00:0d:0d:02")
    found = (slow_bridge(slow_host(), web), checksum_risk("br0", web), rules_missing(NoPlan("why not", ("ask",)), db))
    told = view.causes(report((web, Verdict.BROKEN), (db, Verdict.BROKEN), findings=found), slow_host())
    assert [cause.number for cause in told] == [1, 0, 2]
    assert told[1].strip == ()
    assert (told[2].repair.because, told[2].repair.other_ways) == ("why not", ("ask",))
    assert told[2].whom == "db01/52:54:00:0d:0d:02"


def test_plans_that_are_risky_or_rest_on_something() -> None:
    (risky,) = view.causes(risky_report(), slow_host())
    assert risky.repair.do_it.endswith("--allow-risky")
    assert risky.repair.may_lose
    (likely,) = view.causes(likely_report(), facts())
    assert likely.repair.on_model == "rests on this coming true: INPUT jumps to LIBVIRT_INP"
    assert likely.repair.steps[0].back.startswith("cannot be taken back: ")


def test_a_plan_that_pxedoctor_only_shows() -> None:
    web = guest()
    stop = ControlService(name="docker", action="stop", afterwards="it is stopped")
    plan = Plan(steps=(stop,))
    (cause,) = view.causes(report((web, Verdict.BROKEN), findings=(rules_missing(plan, web),)), facts())
    assert bool(cause.repair.do_it) is (cause.repair.safety != "SHOW-ONLY")


def test_targets_stand_the_most_broken_first() -> None:
    idle, web = guest("idle", "52:54:00:0d:0d:03", tap="vnet7", client_name=None), guest()
    rows = view.target_rows(report((idle, Verdict.HEALTHY), (web, Verdict.BROKEN)))
    assert [(row.verdict, row.mark) for row in rows] == [("broken", Mark.BAD), ("healthy", Mark.GOOD)]
    assert (rows[0].client, rows[1].client) == ("asks as ipxe (test)", "")


def test_roads_that_end_come_first_and_equal_ones_are_told_once() -> None:
    web, db = guest(), guest("db01", "52:54:00:0d:0d:02")
    roads = (*exchange_roads(web), *exchange_roads(db))
    tables = view.road_tables(report((web, Verdict.BROKEN), (db, Verdict.BROKEN), roads=roads))
    assert len(tables) == len(exchange_roads(web))
    assert [table.mark for table in tables] == sorted(
        (table.mark for table in tables), key=(Mark.BAD, Mark.DOUBT, Mark.GOOD).index
    )
    assert tables[0].whom == f"{web.id}, {db.id}"
    assert tables[0].rows[-1].rule == "inet site out: ip daddr 255.255.255.255 drop (written by nftables.service)"
    assert {row.observed for table in tables for row in table.rows} == {"nobody looked"}


def test_what_was_seen_stands_beside_what_was_foretold() -> None:
    web = guest()
    hop = RoadHop(
        hop=Hop.PORT, device="vnet3", predicted=Fate.PASS, why="up", observed=Fate.DROP, witness="4 DISCOVER sent"
    )
    road = Road(target=web.id, packet=PacketName.DISCOVER, hops=(hop,))
    (table,) = view.road_tables(report((web, Verdict.BROKEN), roads=(road,)))
    (row,) = table.rows
    assert (row.predicted, row.observed, row.observed_mark) == (Mark.GOOD, "seen to die: 4 DISCOVER sent", Mark.BAD)


def test_a_target_that_no_finding_explains_has_its_own_strip() -> None:
    web = guest(tap="vnet3", running=True)
    told = report((web, Verdict.UNKNOWN), roads=(unknown_road(web),))
    title, strip = view.doubtful_strip(told.targets[0], told)
    assert title == "road of the DISCOVER"
    assert [stop.mark for stop in strip if stop.mark is not Mark.GOOD] == [Mark.DOUBT]
