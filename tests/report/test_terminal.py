"""The terminal report, word for word: each file under golden/ is what a person sees.

To change a drawing on purpose: PXEDOCTOR_WRITE_GOLDEN=1 pytest tests/report, look at the difference, commit it.
"""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from golden import same_as_golden
from pxedoctor.findings.outcome import Broken, Evidence, Hop
from pxedoctor.model.source import Source
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.service import ControlService
from pxedoctor.report.style import Style
from pxedoctor.report.terminal import render
from pxedoctor.road.packet_name import PacketName
from pxedoctor.verdict.report import NotKnown, Report, Verdict
from report_builders import (
    BR001,
    broken_report,
    checksum_risk,
    dying_road,
    exchange_roads,
    filtered_road,
    guest,
    likely_report,
    report,
    risky_report,
    rules_missing,
    slow_bridge,
    slow_host,
    unknown_road,
)

MAC2 = "52:54:00:0d:0d:02"
HOSTILE = "evil\x1b[2J\x9b31m\u202e<script>alert(1)</script>\nweb"


def risk_report() -> Report:
    """Healthy, with a risk."""
    web = guest(tap="vnet3", running=True)
    return report((web, Verdict.HEALTHY), findings=(checksum_risk("br0", web),))


def unknown_report() -> Report:
    web = guest(tap="vnet3", running=True)
    stp = NotKnown(
        meta=BR001,
        targets=(web.id,),
        on_road=True,
        missing="how long a program in user space keeps a new port of br0 silent",
        would_help="ask that program, e.g. mstpctl showbridge",
    )
    aside = msgspec.structs.replace(stp, on_road=False, missing="what firewalld does", would_help="run as root")
    sources = (
        Source(name="links", status="ok"),
        Source(name="netfilter", status="forbidden", why="nft may not be run by this user"),
        Source(name="domains", status="asleep", why="only the socket of virtqemud waits"),
    )
    return report((web, Verdict.UNKNOWN), unknown=(stp, aside), roads=(unknown_road(web),), sources=sources)


def two_findings_report() -> Report:
    """Three guests; two ill of the same cause, told once; a second cause and a risk in short."""
    web, db, idle = guest(), guest("db01", MAC2), guest("idle", "52:54:00:0d:0d:03", bridge="br1", tap="vnet7")
    restart = ControlService(name="libvirtd", action="restart", afterwards="it writes the rules of its networks again")
    return report(
        (idle, Verdict.HEALTHY),
        (web, Verdict.BROKEN),
        (db, Verdict.BROKEN),
        findings=(
            slow_bridge(slow_host(), web, db),
            rules_missing(Plan(steps=(restart,)), web, db),
            checksum_risk("br1", idle),
        ),
        roads=(dying_road(web), dying_road(db)),
    )


def two_causes_report() -> Report:
    """Two guests, each with a first cause of its own: both told in full, and each command shows its own."""
    web, db = guest(), guest("db01", MAC2, bridge="virbr0", tap="vnet7", running=True)
    restart = ControlService(name="libvirtd", action="restart", afterwards="it writes the rules of its networks again")
    found = (slow_bridge(slow_host(), web), rules_missing(Plan(steps=(restart,)), db))
    return report((web, Verdict.BROKEN), (db, Verdict.BROKEN), findings=found, roads=(dying_road(web),))


def option_name_report() -> Report:
    """A guest called like an option is selected by its uuid, never by a word that pxedoctor would obey."""
    evil = guest("--apply", uuid="6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d02")
    return report((evil, Verdict.BROKEN), findings=(slow_bridge(slow_host(), evil),), roads=(dying_road(evil),))


def network_report() -> Report:
    """A network without guests: no repair for what is broken; the risk's command must not show the first."""
    lab = guest("net", kind="network", network="lab", bridge="br0", mac=None, tap=None, client_name=None)
    found = (rules_missing(NoPlan("libvirt does not run", ("start libvirtd",)), lab), slow_bridge(slow_host(), lab))
    return report((lab, Verdict.BROKEN), findings=found)


def many_taps_report() -> Report:
    """Eight taps that nobody's libvirt owns, with one cause: counted, and selected by their bridge."""
    taps = tuple(guest(f"tap{number}", kind="tap", tap=f"tap{number}", guest=None, mac=None) for number in range(8))
    restart = ControlService(name="libvirtd", action="restart", afterwards="it writes the rules of its networks again")
    found = (slow_bridge(slow_host(), *taps), rules_missing(Plan(steps=(restart,)), *taps))
    return report(*((tap, Verdict.BROKEN) for tap in taps), findings=found, roads=(dying_road(taps[0]),))


def answer_report(hop: Hop) -> Report:
    """The DISCOVER arrives; what dies is the answer, on its way back."""
    web = guest(tap="vnet3", running=True)
    found = rules_missing(NoPlan("no client here is known to refuse such replies"), web)
    broken = msgspec.structs.replace(found.finding.broken, hop=hop, headline="The OFFER dies on its way back.")
    found = msgspec.structs.replace(found, finding=msgspec.structs.replace(found.finding, broken=broken))
    return report((web, Verdict.BROKEN), findings=(found,))


def hostile_report() -> Report:
    """Every text that comes from the host tries to steer the terminal."""
    evil = guest(HOSTILE, tap="vnet\x1b]0;x\x07", bridge="br\t0", running=True)
    broken = Broken(
        headline=f"{HOSTILE} is dropped.",
        subject=HOSTILE,
        hop=Hop.INPUT,
        evidence=(Evidence(f"a log line: {HOSTILE}", "journalctl\x07", HOSTILE),),
    )
    found = rules_missing(NoPlan(f"because {HOSTILE}", (f"look at {HOSTILE}",)), evil)
    found = msgspec.structs.replace(found, finding=msgspec.structs.replace(found.finding, broken=broken))
    restart = ControlService(name=HOSTILE, action="restart", afterwards=HOSTILE)
    second = rules_missing(Plan(steps=(restart,), other_ways=(HOSTILE,)), evil)
    unknown = NotKnown(meta=BR001, targets=(evil.id,), on_road=True, missing=HOSTILE, would_help=HOSTILE)
    sources = (Source(name="logs", status="failed", why=HOSTILE),)
    return report((evil, Verdict.BROKEN), findings=(found, second), unknown=(unknown,), sources=sources)


def healthy_report() -> Report:
    nobody = guest("net", bridge="virbr0", kind="network", network="default", running=False, mac=None)
    off_bridge = guest("mv01", MAC2, bridge=None, running=True)
    return report(
        (guest(tap="vnet3", running=True), Verdict.HEALTHY),
        (nobody, Verdict.HEALTHY),
        (guest("x", kind="tap", tap="tap7"), Verdict.HEALTHY),
        (guest("y", kind="bridge"), Verdict.HEALTHY),
        (off_bridge, Verdict.HEALTHY),
    )


def exchange_report() -> Report:
    """The question arrives, and the answer to everybody does not: no cause is known, the rule is."""
    web = guest(tap="vnet3", running=True)
    exchange = report((web, Verdict.BROKEN), roads=exchange_roads(web))
    entry = msgspec.structs.replace(exchange.targets[0], decisive=PacketName.OFFER_BROADCAST)
    return msgspec.structs.replace(exchange, targets=(entry,))


def show_only_report() -> Report:
    """A rule of somebody else's drops it; the repair is only shown."""
    web = guest(tap="vnet3", running=True)
    step = ControlService(
        name="ufw",
        action="reload",
        afterwards="its rules let DHCP in",
        safety=Safety.SHOW_ONLY,
        may_lose="Open sessions.",
    )
    return report(
        (web, Verdict.BROKEN), findings=(rules_missing(Plan(steps=(step,)), web),), roads=(filtered_road(web),)
    )


CASES: tuple[tuple[str, Report, Style], ...] = (
    ("broken", broken_report(), Style()),
    ("broken-wide", broken_report(), Style(width=120)),
    ("broken-narrow", broken_report(), Style(width=44)),
    ("broken-verbose", broken_report(), Style(verbose=True)),
    ("broken-colour", broken_report(), Style(colour=True)),
    ("risky", risky_report(), Style()),
    ("risk", risk_report(), Style()),
    ("risk-verbose", risk_report(), Style(verbose=True)),
    ("unknown", unknown_report(), Style()),
    ("unknown-verbose", unknown_report(), Style(verbose=True)),
    ("healthy", healthy_report(), Style()),
    ("healthy-verbose", healthy_report(), Style(verbose=True)),
    ("two-findings", two_findings_report(), Style()),
    ("two-causes", two_causes_report(), Style()),
    ("option-name", option_name_report(), Style()),
    ("network", network_report(), Style()),
    ("many-taps", many_taps_report(), Style()),
    ("answer", answer_report(Hop.OUTPUT), Style()),
    ("answer-refused", answer_report(Hop.CLIENT), Style()),
    ("server", answer_report(Hop.SERVER), Style()),
    ("hostile", hostile_report(), Style()),
    ("likely", likely_report(), Style()),
    ("show-only", show_only_report(), Style()),
    ("exchange", exchange_report(), Style()),
    ("exchange-verbose", exchange_report(), Style(verbose=True)),
    ("exchange-narrow", exchange_report(), Style(width=44, verbose=True)),
    ("nothing-to-judge", report(), Style()),
)


@pytest.mark.parametrize(("name", "drawn", "style"), CASES, ids=[name for name, _, _ in CASES])
def test_golden(name: str, drawn: Report, style: Style) -> None:
    same_as_golden(name, render(drawn, style))


@pytest.mark.parametrize("width", [40, 44, 60, 80, 100, 120])
@pytest.mark.parametrize(
    ("drawn"), [broken_report(), risky_report(), two_findings_report()], ids=["one", "risky", "two"]
)
def test_only_commands_may_be_wider_than_the_terminal(drawn: Report, width: int) -> None:
    for text in render(drawn, Style(width=width)).splitlines():
        one_word = " " not in text.strip()
        command = "pxedoctor fix" in text or text.strip().startswith(("ip link", "virsh"))
        assert len(text) <= width or one_word or command, text


@pytest.mark.parametrize("width", [40, 80, 120])
def test_commands_stay_whole(width: int) -> None:
    text = render(broken_report(), Style(width=width))
    assert "ip link set dev br0 type bridge forward_delay 200\n" in text
    assert "pxedoctor fix web01 --apply\n" in text


@given(st.text(), st.sampled_from([Style(), Style(verbose=True), Style(width=44), Style(colour=True)]))
def test_whatever_the_host_is_called_the_terminal_is_not_steered(words: str, style: Style) -> None:
    """Nothing but printable characters and our own line ends and colours leaves render()."""
    named = guest(words, tap=words, bridge=words, running=True)
    broken = Broken(headline=words, subject=words, hop=Hop.TAP, evidence=(Evidence(words, words, words),))
    found = rules_missing(NoPlan(words, (words,)), named)
    found = msgspec.structs.replace(found, finding=msgspec.structs.replace(found.finding, broken=broken))
    text = render(report((named, Verdict.BROKEN), findings=(found,)), style)
    plain = re.sub(r"\x1b\[[\d;]+m", "", text) if style.colour else text
    assert plain.replace("\n", "").isprintable()


def test_colour_adds_nothing_but_colour() -> None:
    coloured = render(two_findings_report(), Style(colour=True))
    assert re.sub(r"\x1b\[[\d;]+m", "", coloured) == render(two_findings_report(), Style())
