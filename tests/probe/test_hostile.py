"""Servers that mean harm: whatever they send, a probe ends in time, says in words what it met, and leaves nothing."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import probing
from probing import answers, words
from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.normalise import differences
from pxedoctor.lab.picture import take
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import inside, make_bridge, plug_in
from pxedoctor.model.observation import Probed, ProbeOutcome

pytestmark = pytest.mark.lab

_HERE = Path(__file__).parent
# A Python that holds nothing of what it hears has some 60 MB.
_MOST_KIB = 160_000


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site)
        plug_in(site, "foe", "02:f0:e0:00:00:66")
        site.run("timeout", "20", "sh", "-c", "while ip address show tentative | grep -q .; do sleep 0.1; done")
        yield site


@contextlib.contextmanager
def attacking(site: Site, program: str, behaviour: str) -> Iterator[None]:
    attacker = site.start(*inside("foe"), sys.executable, str(_HERE / program), behaviour)
    try:
        assert attacker.stdout is not None
        assert attacker.stdout.readline() == "ready\n"
        yield
    finally:
        # What entered the site's namespaces is not what would be ended from here.
        site.run("pkill", "-f", program)
        attacker.wait(10)


def met(site: Site, behaviour: str, seconds: float, **said: object) -> Probed:
    """What a probe saw of the attacker: within `seconds`, and with the host as it was before."""
    before = take(site)
    with attacking(site, "hostile_server.py", behaviour):
        answer = answers(site, words(site, keeps_frames=False, **said))
    assert not answer.error
    probed = answer.probed[0]
    assert probed.stages[-1].at < seconds
    assert answer.peak_kib < _MOST_KIB
    assert differences(before, take(site)) == []
    return probed


def details(probed: Probed) -> str:
    return "\n".join(stage.detail for stage in probed.stages)


def test_malformed_options_are_told_and_none_is_taken(site: Site) -> None:
    probed = met(site, "malformed", 15, quick=True)
    assert probed.outcome in {ProbeOutcome.SILENT, ProbeOutcome.OFFERED, ProbeOutcome.REFUSED}
    assert "malformed" in details(probed)


def test_options_that_send_on_to_options_for_ever(site: Site) -> None:
    probed = met(site, "overloaded", 15, quick=True)
    assert "malformed" in details(probed) or probed.outcome is ProbeOutcome.OFFERED


def test_more_options_than_anybody_needs(site: Site) -> None:
    probed = met(site, "oversize", 15, quick=True)
    assert probed.outcome in {ProbeOutcome.OFFERED, ProbeOutcome.SILENT}


def test_answers_to_somebody_else_are_silence(site: Site) -> None:
    probed = met(site, "not-ours", 10, quick=True)
    assert (probed.outcome, probed.offers) == (ProbeOutcome.SILENT, ())


def test_a_thousand_offers_a_second(site: Site) -> None:
    probed = met(site, "flood", 20)
    assert probed.outcome is ProbeOutcome.OFFERED
    assert len(probed.offers) <= 32


def test_a_storm_of_naks(site: Site) -> None:
    probed = met(site, "naks", 40, fetch=True, quick=True)
    assert probed.outcome is ProbeOutcome.REFUSED
    assert len(probed.naks) <= 16


def test_names_that_speak_to_the_terminal_are_written_out(site: Site) -> None:
    """Kept as they came, and harmless where a person reads them."""
    with attacking(site, "hostile_server.py", "escapes"):
        told = site.ask(sys.executable, "-m", "pxedoctor", "probe", "--bridge", site.bridge, "--fetch")
    said = told.stdout + told.stderr
    assert "boot" in said
    assert not [char for char in said if not (char.isprintable() or char == "\n")]


@pytest.mark.parametrize(
    ("behaviour", "seconds", "outcome"),
    [
        ("wrong-block", 45, {"silent"}),
        ("repeated", 45, {"fetched"}),
        ("never-ending", 90, {"stopped", "too-large"}),
        ("unasked", 20, {"malformed", "refused"}),
        ("garbage", 45, {"malformed", "refused", "silent"}),
    ],
)
def test_tricks_with_tftp(site: Site, behaviour: str, seconds: float, outcome: set[str]) -> None:
    probed = met(site, behaviour, seconds, fetch=True, quick=True)
    assert probed.fetches[0].outcome in outcome
    assert probed.fetches[0].why
    assert len(probed.fetches[0].first) <= 4096


@pytest.mark.parametrize(
    ("behaviour", "outcome", "why"),
    [
        ("endless", {"too-large", "stopped"}, "bytes"),
        ("drip", {"stopped"}, "no end of it"),
        ("head", {"malformed"}, ""),
        ("redirects", {"refused"}, "redirect"),
    ],
)
def test_tricks_with_http(site: Site, behaviour: str, outcome: set[str], why: str) -> None:
    site.run(*inside("foe"), "ip", "address", "add", "192.168.160.66/24", "dev", "eth0")
    url = "dhcp-option=67,http://192.168.160.66/boot.efi\ndhcp-option-force=60,HTTPClient\n"
    conf = "dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\nno-ping\n"
    start_dnsmasq(site, f"interface={site.bridge}\n{conf}{url}")
    before = take(site)
    with attacking(site, "hostile_web.py", behaviour):
        answer = answers(site, words(site, fetch=True, quick=True, profile="ovmf-http", keeps_frames=False))
    assert not answer.error
    fetch = answer.probed[0].fetches[0]
    assert fetch.outcome in outcome, fetch
    assert why in fetch.why
    assert answer.probed[0].stages[-1].at < 60
    assert answer.peak_kib < _MOST_KIB
    assert differences(before, take(site)) == []


def test_the_words_of_the_probe_are_bounded(site: Site) -> None:
    with attacking(site, "hostile_server.py", "naks"):
        answer = answers(site, words(site, fetch=True, quick=True))
    assert len(answer.told) <= 200
    assert len(probing.msgspec.json.encode(answer.probed)) < 200_000
