"""Ports that keep a probe waiting, and several probes of one bridge."""

from collections.abc import Iterator

import pytest

import probing
from probing import answers, ask, words
from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import make_bridge
from pxedoctor.model.observation import ProbeOutcome

pytestmark = pytest.mark.lab

_RANGE = "dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\ndhcp-boot=nothing.efi\n"
_SECOND = "52:54:00:0d:0d:03"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site, stp=1)
        start_dnsmasq(site, f"interface={site.bridge}\n{_RANGE}")
        yield site


def delay(site: Site, seconds: int) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", "forward_delay", str(seconds * 100))


def test_a_client_that_gives_up_before_its_port_forwards(site: Site) -> None:
    """The client is lost; the probe waits for the port all the same, asks again, and is answered at once."""
    delay(site, 7)
    probed = ask(site, profile="udhcpc-n")
    assert (probed.outcome, probed.whole) == (ProbeOutcome.SILENT, True)
    assert [state.state for state in probed.states] == ["listening", "learning", "forwarding"]
    lost = [sent for sent in probed.sent if not sent.afterwards]
    assert [round(sent.at) for sent in lost] == [3, 6, 9]
    assert {sent.port_state for sent in lost} <= {"listening", "learning"}
    forwards = probed.states[-1].at
    assert forwards - 0.1 <= probed.offers[0].at <= forwards + 1
    assert "an offer came as soon as it did" in probed.why


def test_a_client_that_outlasts_the_silence(site: Site) -> None:
    delay(site, 2)
    probed = ask(site, profile="udhcpc-n")
    assert probed.outcome is ProbeOutcome.OFFERED
    assert not any(sent.afterwards for sent in probed.sent)


def test_in_a_hurry_a_silent_port_is_told_and_not_waited_for(site: Site) -> None:
    delay(site, 15)
    probed = ask(site, quick=True)
    assert (probed.outcome, probed.whole, probed.sent) == (ProbeOutcome.SILENT, False, ())
    assert "--quick does not wait 30 s for it" in probed.why
    assert probed.stages[-1].at < 8


def test_in_a_hurry_the_delay_of_a_libvirt_network_is_waited_for(site: Site) -> None:
    delay(site, 2)
    assert ask(site, quick=True).outcome is ProbeOutcome.OFFERED


def test_a_bridge_that_is_down_is_told_at_once(site: Site) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "down")
    probed = ask(site, profile="ovmf")
    assert probed.why == f"the port is disabled: {site.bridge} is down"
    assert probed.stages[-1].at < 3


def test_on_a_bridge_with_stp_all_share_one_port(site: Site) -> None:
    """A second port would be a second topology change."""
    delay(site, 2)
    first, second = words(site, quick=True), words(site, quick=True, chaddr=_SECOND, tap=site.device("ps"))
    answer = answers(site, first, second)
    assert [probed.asked_for for probed in answer.probed] == [MAC, _SECOND]
    assert {probed.outcome for probed in answer.probed} == {ProbeOutcome.OFFERED}
    assert answer.probed[0].states == answer.probed[1].states
    links = {told.detail for told in answer.told if told.stage == "link"}
    assert links == {f"{site.device('pr')} is a port of {site.bridge}, MTU 1500"}


def test_silence_is_told_long_before_a_patient_client_gives_up(site: Site) -> None:
    """Nobody serves any more: it is said within eight seconds, though OVMF goes on for a minute."""
    site.run("sh", "-c", "kill $(cat /run/dnsmasq.pid)")
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", "stp_state", "0")
    program = probing.start(site, words(site, profile="ovmf"))
    assert program.stderr is not None
    told = next(line for line in program.stderr if "by when a server that hears it has answered" in line)
    assert "OVMF PXE still asks" in told
    assert float(told.split()[0]) < 8
    site.run("pkill", "-INT", "-f", "probing.py")
    program.communicate(timeout=20)


def test_in_another_network_namespace() -> None:
    with open_site() as site:
        site.run("ip", "netns", "add", "lan")
        inside = ("ip", "netns", "exec", "lan")
        site.run(*inside, "ip", "link", "add", site.bridge, "address", "52:54:00:0d:0d:fe", "type", "bridge")
        site.run(*inside, "ip", "link", "set", "dev", site.bridge, "up")
        site.run(*inside, "ip", "address", "add", "192.168.160.1/24", "dev", site.bridge)
        start_dnsmasq(site, f"interface={site.bridge}\n{_RANGE}", where=inside)
        mounts = site.run("cat", "/proc/mounts")
        probed = ask(site, quick=True, netns="/run/netns/lan")
        assert probed.outcome is ProbeOutcome.OFFERED
        assert [state.state for state in probed.states] == ["forwarding"]
        assert site.device("pr") not in site.run(*inside, "ip", "-br", "link")
        assert site.run("cat", "/proc/mounts") == mounts
        missing = probing.answers(site, words(site, quick=True, netns="/run/netns/nosuch"))
        assert missing.error.startswith("there is no network namespace at /run/netns/nosuch")
