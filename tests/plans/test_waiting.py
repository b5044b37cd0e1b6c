"""A pending treatment, looked at later: still waiting, in force, or not to be told; never guessed."""

import msgspec
import pytest

from builders import GUEST, MAC, domain, host, nic
from pxedoctor.model.fact import Missing
from pxedoctor.plans.guest import SetNicDriver, SetNicMtu
from pxedoctor.plans.guest_rng import AddRng
from pxedoctor.plans.record import JOURNAL_VERSION, Entry, Recorded
from pxedoctor.plans.step import Nothing, Step
from pxedoctor.plans.waiting import waits_for

DRIVER = SetNicDriver(domain=GUEST, mac=MAC)


def entry(step: Step = DRIVER, **changes: object) -> Entry:
    recorded = Recorded(
        describe="x", argv=("virsh",), request=step.request(), undo=Nothing("not looked at"), state="done"
    )
    values: dict[str, object] = {"steps": (recorded,), "outcome": "pending", "pending": "a full start"}
    return Entry(version=JOURNAL_VERSION, id="1", started="", finding="f", headline="h", **(values | changes))


@pytest.mark.parametrize(
    ("domains", "words"),
    [
        ((domain(nic(), running=True),), f"still waits for a full shutdown and start of {GUEST}"),
        ((domain(nic(driver="qemu"), running=True),), f"in force: {GUEST} was started anew since"),
        ((domain(nic(driver="qemu")),), "is off: it is in force from its next start"),
        ((domain(nic(mac="52:54:00:00:00:99"), running=True),), "is not told by libvirt"),
        ((), "is not defined any more"),
        (Missing("forbidden", "not root"), "not root"),
    ],
    ids=["runs as before", "started anew", "off", "another NIC", "gone", "unreadable"],
)
def test_what_it_waits_for(domains: object, words: str) -> None:
    (told,) = waits_for(host(domains=domains), entry())
    assert words in told


def test_a_size_is_compared_as_a_size() -> None:
    sized = entry(SetNicMtu(domain=GUEST, mac=MAC, mtu=9000))
    assert "in force" in waits_for(host(domains=(domain(nic(mtu=9000), running=True),)), sized)[0]
    assert "still waits" in waits_for(host(domains=(domain(nic(mtu=1500), running=True),)), sized)[0]


def test_what_is_not_pending_or_was_taken_back_waits_for_nothing() -> None:
    before = host(domains=(domain(nic(), running=True),))
    assert waits_for(before, entry(outcome="verified")) == ()
    undone = msgspec.structs.replace(entry().steps[0], state="undone")
    assert waits_for(before, entry(steps=(undone,))) == ()


def test_a_device_is_there_with_the_start() -> None:
    given = entry(AddRng(domain=GUEST))
    assert "in force" in waits_for(host(domains=(domain(nic(), running=True, rng=True),)), given)[0]
    assert "still waits" in waits_for(host(domains=(domain(nic(), running=True),)), given)[0]
