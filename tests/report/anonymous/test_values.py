"""Every text within a value is renamed, however deep, and nothing else of it changes."""

import msgspec

from builders import MAC, domain, facts, host, link, offer, probed
from pxedoctor.model.system import System
from pxedoctor.report.anonymous.of_host import anonymous_of
from pxedoctor.report.anonymous.values import renamed
from pxedoctor.verdict.probe import Probes
from pxedoctor.verdict.report import Verdict
from report_builders import broken_report, guest, report, slow_host

TOLD = anonymous_of(host(domains=(domain(),)), {}, b"key")


def test_a_report_names_nobody_and_says_the_same() -> None:
    old, new = broken_report(), renamed(broken_report(), TOLD)
    text = msgspec.json.encode(msgspec.to_builtins(new, enc_hook=str)).decode()
    assert "web01" not in text
    assert MAC not in text
    assert new.verdict is old.verdict
    assert [found.finding.meta for found in new.findings] == [found.finding.meta for found in old.findings]
    (target,) = new.targets
    assert target.target.id == f"{target.target.guest}/{target.target.mac}"
    assert new.findings[0].finding.targets == (target.target.id,)
    assert [step.argv() for step in new.findings[0].plan.steps]  # type: ignore[union-attr]


def test_a_step_can_still_be_taken_back_on_the_renamed_host() -> None:
    new, known = renamed(broken_report(), TOLD), renamed(slow_host(), TOLD)
    step = new.findings[0].plan.steps[0]  # type: ignore[union-attr]
    assert "forward_delay" in " ".join(step.undo(known.host).argv)


def test_bytes_that_a_network_sent_are_left_out() -> None:
    seen = probed(offers=(offer(options=((12, b"payroll"),)),))
    new = renamed(Probes(seen=(seen,), not_probed=(), texts={"read /x/web01.xml": "web01"}), TOLD)
    assert new.seen[0].offers[0].options == ((12, b""),)
    assert "web01" not in str(new.texts)


def test_what_names_nobody_is_the_same_value() -> None:
    known = facts(system=System(hostname="localhost", kernel="6.18"), links=(link("virbr0", mac="00:00:00:00:00:00"),))
    assert renamed(known, TOLD) is known


def test_a_guest_called_by_a_word_of_the_texts_is_renamed_where_it_is_named() -> None:
    made = anonymous_of(host(domains=(domain(name="network"),)), {}, b"key")
    new = renamed(report((guest("network"), Verdict.HEALTHY)), made)
    assert new.targets[0].target.guest == made.name("network")
    assert new.targets[0].target.kind == "nic"
