"""Which rules decide for a finding: those at whose hop its packets end."""

import msgspec

from pxedoctor.findings.outcome import Hop
from pxedoctor.plans.plan import NoPlan
from pxedoctor.report.deciding import deciding_rules, roads_that_end
from pxedoctor.road.packet_name import PacketName
from pxedoctor.verdict.report import Verdict
from report_builders import exchange_roads, guest, passing_road, report, rules_missing

WEB = guest(tap="vnet3", running=True)
TOLD = report((WEB, Verdict.BROKEN), roads=exchange_roads(WEB))


def finding_at(hop: Hop) -> object:
    found = rules_missing(NoPlan("none"), WEB).finding
    return msgspec.structs.replace(found, broken=msgspec.structs.replace(found.broken, hop=hop))


def test_the_roads_that_end_at_its_hop() -> None:
    roads = roads_that_end(finding_at(Hop.OUTPUT), TOLD)  # type: ignore[arg-type]
    assert [road.packet for road in roads] == [PacketName.OFFER_BROADCAST, PacketName.ACK_BROADCAST]


def test_a_rule_that_stops_several_packets_is_told_once() -> None:
    (rule,) = deciding_rules(finding_at(Hop.OUTPUT), TOLD)  # type: ignore[arg-type]
    assert (rule.chain, rule.handle) == ("out", 9)


def test_where_no_road_ends_at_its_hop_all_that_do_not_pass() -> None:
    roads = roads_that_end(finding_at(Hop.INPUT), TOLD)  # type: ignore[arg-type]
    assert [road.packet for road in roads][-1] is PacketName.TFTP_RRQ


def test_a_road_that_passes_ends_nowhere() -> None:
    healthy = report((WEB, Verdict.HEALTHY), roads=(passing_road(WEB),))
    assert deciding_rules(finding_at(Hop.INPUT), healthy) == ()  # type: ignore[arg-type]
