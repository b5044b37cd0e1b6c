"""When a guest's agent is asked, and what a trace says where it is not: without a libvirt that answers."""

from pathlib import Path

import pytest

from builders import MAC, domain, host, target
from pxedoctor.care.agent_said import AgentSaid
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Daemon, Libvirt
from pxedoctor.model.traced import Traced, Witness, WitnessName

TRACED = Traced(target="t", bridge="br0", seconds=1.0, witnesses=())


def said(facts: Host, without: frozenset[WitnessName] = frozenset(), **changes: object) -> Traced:
    with AgentSaid(facts, target(**changes), without) as agent:
        pass
    return agent.added(TRACED)


def witness(facts: Host, without: frozenset[WitnessName] = frozenset()) -> Witness:
    traced = said(facts, without)
    assert traced.words == ()
    (only,) = traced.witnesses
    assert only.name is WitnessName.AGENT
    return only


def a_client(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """In virsh's place; it notes each time that it is asked."""
    asked = folder / "asked"
    (folder / "virsh").write_text(f"#!/bin/sh\necho >>{asked}\n{script}\n")
    (folder / "virsh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return asked


@pytest.fixture
def unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return a_client(tmp_path, monkeypatch, "exit 1")


def test_a_guest_without_a_channel_is_not_asked_and_no_witness_is_lost(unasked: Path) -> None:
    found = witness(host(domains=(domain(),)))
    assert (found.status, "no channel org.qemu.guest_agent.0" in found.why, found.would_help) == ("silent", True, "")
    assert "firmware speaks by its screen" in found.why
    assert not unasked.exists()


def test_a_libvirt_that_sleeps_is_not_woken(unasked: Path) -> None:
    asleep = Libvirt(daemons=(Daemon(name="virtqemud", asleep=True),))
    found = witness(host(domains=(domain(agent="connected"),), libvirt=asleep))
    assert (found.status, found.why) == ("absent", "libvirt sleeps, and is not woken for it")
    assert not unasked.exists()


def test_it_is_left_out_where_a_person_wants_it(unasked: Path) -> None:
    assert witness(host(domains=(domain(agent="connected"),)), frozenset({WitnessName.AGENT})).why == "it was not asked"
    assert not unasked.exists()


def test_a_bridge_has_no_agent(unasked: Path) -> None:
    assert said(host(), guest=None, kind="bridge") == TRACED
    assert not unasked.exists()


def test_a_guest_that_was_off_is_asked_at_the_end_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = a_client(tmp_path, monkeypatch, "echo 'error: QEMU guest agent is not connected' >&2; exit 1")
    found = witness(host(domains=(domain(agent=""),)))
    assert found.status == "silent", found
    assert "in its firmware, or its operating system runs no qemu-guest-agent" in found.why
    assert asked.read_text() == "\n"


def test_one_that_hung_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pxedoctor.trace.guest_agent._SECONDS", 0.2)
    asked = a_client(tmp_path, monkeypatch, "exec sleep 60")
    found = witness(host(domains=(domain(agent="connected"),)))
    assert (found.status, found.why) == ("absent", "its agent is not heard: no answer within 0.2 s")
    assert asked.read_text() == "\n"


def test_before_and_after_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = f" eth0 {MAC} ipv4 10.0.0.7/8"
    asked = a_client(tmp_path, monkeypatch, f"echo '{row}'")
    traced = said(host(domains=(domain(agent="connected"),)))
    (word,), (seen,) = traced.words, traced.witnesses
    assert (word.speaker, word.text) == ("agent", f"its NIC {MAC} has 10.0.0.7/8, as when the trace began")
    assert (seen.status, seen.heard, asked.read_text()) == ("ok", 1, "\n\n")


def test_an_agent_that_goes_leaves_what_it_said_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    once = f"[ $(wc -l <{tmp_path}/asked) = 1 ] || exit 1; echo ' eth0 {MAC} N/A N/A'"
    a_client(tmp_path, monkeypatch, once)
    traced = said(host(domains=(domain(agent="connected"),)))
    assert traced.words[0].text == f"when the trace began: its NIC {MAC} has no address"
    assert (traced.witnesses[0].status, traced.witnesses[0].heard) == ("partial", 1)
