"""A probe of a real bridge, answered by a real dnsmasq: what it saw, and that it left nothing behind."""

import json
from collections.abc import Iterator

import pytest

import probing
from probing import ask, words
from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import make_bridge, plug_in
from pxedoctor.model.observation import ProbeOutcome

pytestmark = pytest.mark.lab

_RANGE = "dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\n"
_BOOT = f"{_RANGE}dhcp-boot=nothing.efi\ndhcp-host={MAC},192.168.160.5\n"
# What moves by itself on a bridge.
_TIMERS = (
    *("hello_timer", "tcn_timer", "topology_change_timer", "gc_timer"),
    *("forward_delay_timer", "message_age_timer", "hold_timer"),
)


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site)
        yield site


def serve(site: Site, conf: str = _BOOT) -> None:
    start_dnsmasq(site, f"interface={site.bridge}\n{conf}")


def picture(site: Site) -> dict[str, str]:
    """Links, ports, neighbours of the bridge, rules and modules, in the words of the host's own tools."""
    links = json.loads(site.run("ip", "-d", "-j", "address", "show"), object_hook=_without_timers)
    looks = {"links": json.dumps(links, indent=1), "nft": site.run("nft", "list", "ruleset")}
    assert "tentative" not in looks["links"]
    looks["ports"] = site.run("bridge", "-d", "link")
    # A kernel without modules has no such file.
    looks["modules"] = site.ask("cut", "-d ", "-f1", "/proc/modules").stdout
    return looks


def _without_timers(record: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in record.items() if key not in _TIMERS}


def test_an_offer_is_seen_with_all_that_it_says(site: Site) -> None:
    serve(site)
    probed = ask(site, quick=True)
    offer = probed.offers[0]
    assert probed.outcome is ProbeOutcome.OFFERED
    assert (offer.address, offer.file, offer.server, offer.source_port) == (
        "192.168.160.5",
        "nothing.efi",
        "192.168.160.1",
        67,
    )
    assert (offer.checksum, offer.marked, offer.refused) == ("valid", False, "")
    assert probed.sent[0].port_state == "forwarding"
    assert [state.state for state in probed.states] == ["forwarding"]
    assert (probed.mac, probed.asked_for) == (probing.PROBE_MAC, MAC)


def test_the_host_is_the_same_afterwards(site: Site) -> None:
    # Another station: the first port of all gives a bridge its carrier, and with it an IPv6 address.
    plug_in(site, "other", "52:54:00:0d:0d:02")
    serve(site)
    site.run("timeout", "20", "sh", "-c", "while ip address show tentative | grep -q .; do sleep 0.1; done")
    before = picture(site)
    ask(site, quick=True)
    assert picture(site) == before


def test_a_driver_that_takes_open_sums_sees_the_mark(site: Site) -> None:
    serve(site)
    probed = ask(site, quick=True, offload=True)
    assert probed.outcome is ProbeOutcome.OFFERED
    assert (probed.offers[0].checksum, probed.offers[0].marked) == ("partial", True)


def test_silence_is_told_after_as_long_as_a_server_may_need(site: Site) -> None:
    probed = ask(site, quick=True)
    assert probed.outcome is ProbeOutcome.SILENT
    assert not probed.whole
    assert 4 <= probed.stages[-1].at < 8
    assert len(probed.sent) == 4


def test_the_bridge_is_missing(site: Site) -> None:
    answer = probing.answers(site, {**words(site), "bridge": "nosuch"})
    assert answer.error == "there is no bridge nosuch"
