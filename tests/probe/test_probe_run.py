"""A probe of a real bridge, answered by a real dnsmasq: what it saw, and that it left nothing behind."""

from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

import probing
from probing import ask
from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import make_bridge
from pxedoctor.model.observation import ProbeOutcome
from pxedoctor.wire import frame

pytestmark = pytest.mark.lab

_RANGE = "dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\n"
_BOOT = f"{_RANGE}dhcp-boot=nothing.efi\ndhcp-host={MAC},192.168.160.5\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site)
        yield site


def serve(site: Site, conf: str = _BOOT) -> None:
    start_dnsmasq(site, f"interface={site.bridge}\n{conf}")


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


def test_a_driver_that_takes_open_sums_sees_the_mark(site: Site) -> None:
    serve(site)
    probed = ask(site, quick=True, offload=True)
    assert probed.outcome is ProbeOutcome.OFFERED
    assert (probed.offers[0].checksum, probed.offers[0].marked) == ("partial", True)


def test_frames_that_are_padded_for_a_trace_are_answered_as_well(site: Site) -> None:
    serve(site)
    answer = probing.answers(site, probing.words(site, quick=True, length=901))
    sent = [seen.content for seen in answer.frames if seen.direction == "out" and seen.comment.startswith("DISCOVER")]
    assert answer.probed[0].outcome is ProbeOutcome.OFFERED
    assert {len(content) for content in sent} == {901}
    assert frame.datagram_in(frame.untagged(sent[0])).packet.source == IPv4Address(0)


def test_silence_is_told_after_as_long_as_a_server_may_need(site: Site) -> None:
    probed = ask(site, quick=True)
    assert probed.outcome is ProbeOutcome.SILENT
    assert not probed.whole
    assert 4 <= probed.stages[-1].at < 8
    assert len(probed.sent) == 4


def test_a_server_that_pings_an_address_first_is_waited_for(site: Site) -> None:
    """dnsmasq as libvirt starts it: its first offer comes after three seconds (dhcp-protocol.h PING_WAIT)."""
    options = ("--conf-file=/dev/null", "--port=0", "--user=root", "--bind-dynamic", f"--interface={site.bridge}")
    files = ("--dhcp-leasefile=/tmp/leases", "--pid-file=/tmp/dnsmasq.pid")
    site.run("dnsmasq", *options, *files, "--dhcp-range=192.168.160.10,192.168.160.99,1h")
    probed = ask(site, quick=True)
    assert probed.outcome is ProbeOutcome.OFFERED
    assert probed.offers[0].at > 2


def test_in_a_vlan_only_tagged_frames_are_sent_and_heard(site: Site) -> None:
    """The server is not in the VLAN: it answers nobody there, and its own frames are not heard."""
    serve(site)
    answer = probing.answers(site, probing.words(site, quick=True, vlan=7))
    assert answer.probed[0].outcome is ProbeOutcome.SILENT
    sent = [frame.untagged(seen.content) for seen in answer.frames if seen.direction == "out"]
    assert {addressed.vlans for addressed in sent} == {(7,)}
    assert {addressed.source for addressed in sent} == {probing.PROBE_MAC}
