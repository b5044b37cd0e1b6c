"""What --wake has woken, and what that mended; with a real libvirtd: tests/lab/test_wake.py."""

import msgspec

from builders import host
from pxedoctor.care.waking import as_mended, asleep, mended_by
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Daemon, Libvirt
from pxedoctor.plans.plan import NoPlan
from report_builders import broken_report

NOW = msgspec.structs.replace(broken_report(), findings=())


def test_asleep_is_who_waits_behind_a_socket_be_it_that_another_runs() -> None:
    daemons = (Daemon(name="virtqemud", pid=9), Daemon(name="virtnetworkd", asleep=True))
    assert asleep(host(libvirt=Libvirt(daemons=daemons))) == ("virtnetworkd",)
    assert asleep(host(libvirt=Missing("absent", "no libvirt"))) == ()


def test_what_was_broken_and_is_gone_was_mended_and_has_no_plan_any_more() -> None:
    before = broken_report()
    mended = mended_by(before, NOW)
    assert mended == tuple(entry for entry in before.findings if entry.finding.broken.severity == "broken")
    told = as_mended(before, mended, ("libvirtd",))
    assert [entry.finding for entry in told.findings] == [entry.finding for entry in before.findings]
    assert all(
        isinstance(entry.plan, NoPlan) for entry in told.findings if entry.finding in [m.finding for m in mended]
    )
    assert told.verdict is before.verdict


def test_what_is_still_found_was_not_mended() -> None:
    assert mended_by(broken_report(), broken_report()) == ()
    assert mended_by(NOW, NOW) == ()
