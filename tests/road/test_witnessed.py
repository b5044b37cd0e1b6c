"""A drop that rules foretell, weighed with what a probe saw, in the checks that foretell one."""

import pytest

from boots import ON_BR0, on_own_bridge
from builders import bridge, facts, link, offer, probed, silent, with_probes
from pxedoctor.checks.check import Check
from pxedoctor.checks.filter import dhcp_reply_dropped, host_firewall_drops_dhcp
from pxedoctor.findings.outcome import Broken, Evidence, Hop
from pxedoctor.model.observation import Probed
from pxedoctor.model.target import Facts
from pxedoctor.road.witnessed import weighed
from rulesets import filter_table, saved

BROKEN = Broken(headline="It is broken.", subject="br0", hop=Hop.INPUT, evidence=(Evidence("e", "o"),))
HERE, ELSEWHERE = "52:54:00:00:00:01", "52:54:00:00:00:99"
NO_INPUT = filter_table("-A INPUT -i lo -j ACCEPT", policy="DROP")
NO_OUTPUT = NO_INPUT.replace(":INPUT DROP", ":INPUT ACCEPT").replace(":OUTPUT ACCEPT", ":OUTPUT DROP")


def seen(*probes: Probed) -> Facts:
    return with_probes(facts(bridges=(bridge(),), links=(link("br0", kind="bridge", mac=HERE),)), *probes)


def test_silence_is_one_more_witness() -> None:
    outcome = weighed(BROKEN, seen(silent()), ON_BR0)
    assert outcome.certainty == "proven"
    assert outcome.evidence[-1].text == "a probe asked 4 times through a port that forwards, and nobody answered"


def test_an_answer_of_this_host_casts_doubt() -> None:
    outcome = weighed(BROKEN, seen(probed()), ON_BR0)
    assert outcome.certainty == "likely"
    assert outcome.evidence[-1].text == (
        "this host answered a probe all the same (192.168.122.57): the rule may mean this guest alone"
    )


@pytest.mark.parametrize(
    "probe",
    [
        probed(offers=(offer(mac=ELSEWHERE),)),
        silent(whole=False),
        silent(sent=()),
        probed(target="bridge/br9"),
    ],
    ids=["another server's answer", "cut short", "nothing got out", "another target"],
)
def test_what_says_nothing(probe: Probed) -> None:
    assert weighed(BROKEN, seen(probe), ON_BR0) == BROKEN


@pytest.mark.parametrize(
    ("check", "rules"),
    [(host_firewall_drops_dhcp, NO_INPUT), (dhcp_reply_dropped, NO_OUTPUT)],
    ids=["the way in", "the way back"],
)
def test_the_checks_weigh(check: Check, rules: str) -> None:
    on = on_own_bridge(saved(rules))
    alone = check.check(on, ON_BR0)
    beside = check.check(with_probes(on, silent()), ON_BR0)
    assert isinstance(alone, Broken)
    assert isinstance(beside, Broken)
    assert len(beside.evidence) == len(alone.evidence) + 1
