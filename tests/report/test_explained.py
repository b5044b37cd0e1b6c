"""One finding explained, word for word, and as JSON: the rule as it stands, where, and whose it is."""

import json

import jsonschema
import msgspec
import pytest

from golden import same_as_golden
from pxedoctor.checks.check import Check
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta
from pxedoctor.findings.outcome import Hop, Outcome
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.service import ControlService
from pxedoctor.report.explained import explained_document, render_explained
from pxedoctor.report.json import encode
from pxedoctor.report.json_schema import schema
from pxedoctor.report.style import Style
from pxedoctor.verdict.report import Diagnosed, Report, Verdict
from report_builders import NF001, exchange_roads, filtered_road, guest, report, rules_missing, slow_host


class Cause:
    """A rule stops what this host should hear.

    What it does
        Walks the packet.

    Why the guest fails
        Its DISCOVER reaches nobody, so it asks until its patience ends.

    What you see
        Nothing in the server's log.

    Fix
        Let it in.

    Fix safety
        SAFE: nothing else is let in.

    References
        RFC 2131
    """

    META: Meta = NF001

    def check(self, facts: Facts, target: Target) -> Outcome:
        raise AssertionError("it is only explained")

    def plan(self, finding: Finding, facts: Facts) -> Plan | NoPlan:
        raise AssertionError("it is only explained")


CAUSE: Check = Cause()
WEB = guest(tap="vnet3", running=True)


def by_a_rule() -> tuple[Diagnosed, Report]:
    restart = ControlService(name="libvirtd", action="restart", afterwards="it writes the rules of its networks again")
    found = rules_missing(Plan(steps=(restart,)), WEB)
    return found, report((WEB, Verdict.BROKEN), findings=(found,), roads=(filtered_road(WEB),))


def of_an_answer() -> tuple[Diagnosed, Report]:
    found = rules_missing(NoPlan("whose rule it is decides what is to be done"), WEB)
    broken = msgspec.structs.replace(
        found.finding.broken, hop=Hop.OUTPUT, headline="The OFFER to everybody is dropped."
    )
    found = msgspec.structs.replace(found, finding=msgspec.structs.replace(found.finding, broken=broken))
    return found, report((WEB, Verdict.BROKEN), findings=(found,), roads=exchange_roads(WEB))


def without_a_rule() -> tuple[Diagnosed, Report]:
    found = rules_missing(NoPlan("libvirt does not run"), WEB)
    return found, report((WEB, Verdict.BROKEN), findings=(found,))


@pytest.mark.parametrize(
    ("name", "case", "style"),
    [
        ("explain-finding", by_a_rule(), Style()),
        ("explain-finding-narrow", by_a_rule(), Style(width=44)),
        ("explain-finding-answer", of_an_answer(), Style()),
        ("explain-finding-without-rule", without_a_rule(), Style()),
    ],
)
def test_golden(name: str, case: tuple[Diagnosed, Report], style: Style) -> None:
    found, told = case
    same_as_golden(name, render_explained(found, CAUSE, told, style))


def test_the_rule_is_cited_word_for_word_on_a_line_of_its_own() -> None:
    found, told = by_a_rule()
    lines = render_explained(found, CAUSE, told, Style(width=40)).splitlines()
    assert "    -A INPUT -p udp --dport 67 -j DROP" in lines


def test_json() -> None:
    found, told = of_an_answer()
    document = json.loads(encode(explained_document(found, CAUSE, told, slow_host())))
    jsonschema.validate(document, json.loads(schema()))
    assert (document["type"], document["finding"]["id"]) == ("finding-explanation", "NF001:lab")
    (rule,) = document["rules"]
    assert (rule["table"], rule["chain"], rule["handle"], rule["owner"]) == ("site", "out", 9, "nftables.service")
    assert rule["text"] == "ip daddr 255.255.255.255 drop"
    assert [road["packet"] for road in document["roads"]] == ["OFFER-BROADCAST", "ACK-BROADCAST"]
