"""A trace for a person: one line for each sighting, and the end with its rule and who saw it."""

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.traced import ServerWord, Witness, WitnessName
from pxedoctor.report.style import Style
from pxedoctor.report.trace import place_words, render_opening, render_sighting, render_trace
from pxedoctor.road.life import Death
from pxedoctor.verdict.trace import Trace
from report_builders import guest
from trace_values import AT_INPUT, AT_TAP, DISCOVER, TRACE

STYLE = Style(width=100)


def test_a_line_says_when_what_where_and_who_saw_it() -> None:
    line = render_sighting(DISCOVER, AT_TAP, STYLE)
    assert line == "   0.100 s  DISCOVER 1        vnet0            comes in from the guest         frames"
    drop = render_sighting(DISCOVER, AT_INPUT, STYLE)
    assert "x br0" in drop
    assert "INPUT: a rule drops it (NETFILTER_DROP)" in drop
    assert drop.splitlines()[0].endswith("rules")


def test_the_end_names_the_rule_and_the_witness_that_is_missing() -> None:
    text = render_trace(TRACE, STYLE)
    assert text.startswith("DIED: the DISCOVER, at br0, INPUT: a rule drops it")
    assert "udp dport 67 drop  (ip filter INPUT, handle 3)" in text
    assert "kernel: absent: no tracefs; would help: mount it" in text
    assert "UdpNoPorts +1 (/proc/net/snmp)" in text


def test_a_witness_that_rested_says_so_and_one_that_has_nothing_to_say_is_no_loss() -> None:
    rested = Witness(name=WitnessName.RULES, status="ok", why="while the guest is answered it rests")
    nobody = Witness(name=WitnessName.AGENT, status="silent", why="it is in its firmware")
    text = render_trace(replace(TRACE, witnesses=(rested, nobody)), Style(width=100, colour=True))
    dim, calm = "\x1b[2m", ("while the guest is answered it rests", "silent: it is in its firmware")
    assert all(f"{dim}{words}" in text for words in calm), text
    lost = render_trace(replace(TRACE, witnesses=(replace(nobody, status="absent"),)), Style(width=100, colour=True))
    assert f"{dim}absent" not in lost


def test_every_hop_has_words() -> None:
    assert all(place_words(hop) for hop in Hop)


def test_nothing_died() -> None:
    quiet = replace(TRACE, died=None, packets=(), answered=False)
    assert render_trace(quiet, STYLE).startswith("NOT KNOWN: nothing was asked on br0 in 5 s")
    assert render_trace(replace(quiet, answered=True), STYLE).startswith("CAME THROUGH: the guest was answered")


def test_nothing_left_the_guest() -> None:
    words = "no DISCOVER left the guest in 5 s"
    end = Death(hop=Hop.NIC, device="vnet0", kind="DISCOVER", words=words, witnesses=(WitnessName.FRAMES,))
    assert words in render_trace(replace(TRACE, died=end), STYLE)


def test_the_opening_says_what_it_changes() -> None:
    text = render_opening(guest(tap="vnet0"), 60, STYLE)
    assert "watched for 60 s" in text
    assert "pxedoctor_trace" in text


def test_what_the_guest_shows_is_told_with_what_it_means() -> None:
    shown = ServerWord(text="PXE-E51: No DHCP offers", origin="its screen (virsh screenshot web01)", speaker="guest")
    text = render_trace(replace(TRACE, words=(shown,)), Style(width=200))
    assert "guest: PXE-E51: No DHCP offers: no DHCP or proxyDHCP offer came in time" in text
    assert "(its screen (virsh screenshot web01))" in text


def test_what_the_agent_told_has_its_origin() -> None:
    said = ServerWord(text="its NIC has no address", origin="virsh domifaddr web01", speaker="agent")
    text = render_trace(replace(TRACE, words=(said,)), STYLE)
    assert "agent: its NIC has no address (virsh domifaddr web01)" in text


def test_log_lines_and_reasons_come_out_harmless() -> None:
    evil = "\x1b[2J\u202eevil"
    trace = Trace(
        target="t",
        bridge="b",
        seconds=1,
        packets=(),
        witnesses=(Witness(name=WitnessName.KERNEL, status="failed", why=evil),),
        words=(ServerWord(text=evil, origin="journalctl"),),
    )
    assert not set(render_trace(trace, STYLE)) & {"\x1b", "\u202e"}
