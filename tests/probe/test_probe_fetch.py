"""The whole boot in the probe's own name, served by a real dnsmasq: what it fetched, and what it gave back."""

from collections.abc import Iterator

import pytest

import probing
from probing import PROBE_MAC, answers, words
from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import inside, make_bridge, plug_in
from pxedoctor.model.observation import Probed, ProbeOutcome
from pxedoctor.wire import dhcp4, frame
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType, Op
from pxedoctor.wire.error import WireError

pytestmark = pytest.mark.lab

_RANGE = "dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\n"
_TFTP = "enable-tftp\ntftp-root=/srv/tftp\n"
_LEASES = "/var/lib/misc/dnsmasq.leases"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site)
        site.write("/srv/tftp/boot.0", "boot" * 20000)
        yield site


def serve(site: Site, conf: str) -> None:
    start_dnsmasq(site, f"interface={site.bridge}\n{conf}")


def fetched(site: Site, **said: object) -> Probed:
    return probing.ask(site, fetch=True, quick=True, **said)


def test_a_file_is_fetched_and_the_lease_given_back(site: Site) -> None:
    serve(site, f"{_RANGE}{_TFTP}dhcp-boot=boot.0\n")
    answer = answers(site, words(site, fetch=True, profile="ovmf", quick=True))
    probed = answer.probed[0]
    assert (probed.outcome, probed.fetches[0].outcome) == (ProbeOutcome.FETCHED, "fetched")
    assert (probed.fetches[0].received, probed.fetches[0].size) == (80000, 80000)
    assert probed.fetches[0].first == (b"boot" * 1024)
    assert [arp.mac for arp in probed.arps] == ["", "52:54:00:0d:0d:fe"]
    assert site.path(_LEASES).read_text() == ""
    said = [message for message in messages(answer) if message.op is Op.REQUEST]
    ending = [message for message in said if message.kind in (MessageType.RELEASE, MessageType.DECLINE)]
    assert [message.mac for message in ending] == [PROBE_MAC]
    assert {message.mac for message in said if message.kind is MessageType.REQUEST} == {PROBE_MAC}


def messages(answer: probing.Answer) -> Iterator[Dhcp4]:
    for seen in answer.frames:
        try:
            yield dhcp4.parse(frame.parse(seen.content).datagram.payload)
        except WireError:
            continue


def test_a_file_that_is_not_there_is_told_with_the_servers_words(site: Site) -> None:
    serve(site, f"{_RANGE}{_TFTP}dhcp-boot=missing.0\n")
    probed = fetched(site)
    assert (probed.outcome, probed.fetches[0].outcome) == (ProbeOutcome.FETCH_FAILED, "refused")
    assert probed.fetches[0].status == 1
    assert probed.fetches[0].why.startswith("error 1: file /srv/tftp/missing.0 not found")


def test_a_server_without_tftp_says_so_by_icmp(site: Site) -> None:
    serve(site, f"{_RANGE}dhcp-boot=boot.0\n")
    probed = fetched(site)
    assert probed.fetches[0].outcome == "refused"
    assert probed.fetches[0].why == "192.168.160.1 says by ICMP: nobody listens on that port"


def test_a_boot_server_that_is_not_there_is_told_at_once(site: Site) -> None:
    serve(site, f"{_RANGE}dhcp-boot=boot.0,nowhere,192.168.160.200\n")
    probed = fetched(site)
    assert probed.fetches[0].why == "nobody answers ARP for the boot server, 192.168.160.200"
    assert (probed.arps[-1].asked, probed.arps[-1].mac) == ("boot-server", "")
    assert probed.stages[-1].at < 8


def test_a_lease_that_names_no_file(site: Site) -> None:
    serve(site, _RANGE)
    probed = fetched(site)
    assert (probed.outcome, probed.fetches) == (ProbeOutcome.LEASED, ())
    assert site.path(_LEASES).read_text() == ""


def test_a_network_for_known_guests_alone(site: Site) -> None:
    """The guest has its reservation; the probe's own MAC is a stranger, and that is no fault of the guest's road."""
    serve(site, f"dhcp-range=192.168.160.0,static\ndhcp-host={MAC},192.168.160.5\n{_TFTP}dhcp-boot=boot.0\n")
    probed = fetched(site)
    assert probed.outcome is ProbeOutcome.OFFERED
    assert "the probe's own MAC is not" in probed.why
    assert {offer.asked_for for offer in probed.offers} == {MAC}


def test_a_file_by_http(site: Site) -> None:
    serve(site, f"{_RANGE}dhcp-boot=http://192.168.160.1/boot.0\n")
    site.run("sh", "-c", "cd /srv/tftp; setsid -f python3 -m http.server 80 >/dev/null 2>&1")
    site.run("timeout", "10", "sh", "-c", "until curl -s -o /dev/null http://127.0.0.1/; do sleep 0.05; done")
    probed = fetched(site)
    assert probed.outcome is ProbeOutcome.FETCHED, probed.why
    assert (probed.fetches[0].received, probed.fetches[0].status) == (80000, 200)


@pytest.fixture
def proxied(site: Site) -> Site:
    """Addresses from one server, the boot file from a ProxyDHCP server beside it, which must be asked on port 4011."""
    plug_in(site, "proxy", "52:54:00:0d:0d:55")
    site.run(*inside("proxy"), "ip", "address", "add", "192.168.160.2/24", "dev", "eth0")
    serve(site, _RANGE)
    menu = 'pxe-service=X86-64_EFI,"boot",boot.0\n'
    conf = f"interface=eth0\ndhcp-range=192.168.160.0,proxy\n{menu}{_TFTP}"
    start_dnsmasq(site, conf, inside("proxy"), "proxy")
    return site


def test_a_proxy_is_asked_on_its_own_port(proxied: Site) -> None:
    probed = probing.ask(proxied, fetch=True, profile="ovmf")
    asked = probed.boot_servers[0]
    assert (probed.outcome, asked.port, asked.answered) == (ProbeOutcome.FETCHED, 4011, True)
    assert (asked.file, probed.fetches[0].url) == ("boot.0", "tftp://192.168.160.2/boot.0")


def test_a_proxy_that_keeps_silent_fails_the_boot_and_the_lease_is_given_back(proxied: Site) -> None:
    rule = ("iptables", "-A", "INPUT", "-p", "udp", "--dport", "4011", "-j", "DROP")
    proxied.run(*inside("proxy"), *rule)
    probed = probing.ask(proxied, fetch=True, profile="ovmf")
    assert (probed.outcome, probed.boot_servers[0].answered) == (ProbeOutcome.FETCH_FAILED, False)
    assert "no answer from port 4011" in probed.why
    assert proxied.path(_LEASES).read_text() == ""


def test_what_the_file_is_and_whether_it_fits_is_told(site: Site) -> None:
    """iPXE for EFI, to a BIOS client, to OVMF, and to OVMF with Secure Boot on: nothing of it is booted."""
    site.run("cp", "/usr/lib/ipxe/snponly.efi", "/srv/tftp/boot.0")
    serve(site, f"{_RANGE}{_TFTP}dhcp-boot=boot.0\n")
    said = {
        name: fetched(site, profile=profile, **more).stages[-2]
        for name, profile, more in (
            ("bios", "ipxe", {}),
            ("efi", "ovmf", {"secure_boot": False}),
            ("secure", "ovmf", {"secure_boot": True}),
        )
    }
    assert {name: stage.ok for name, stage in said.items()} == {"bios": False, "efi": True, "secure": False}
    assert said["efi"].detail.startswith("the file, unsigned EFI program for x86-64 (iPXE): ")
    assert said["secure"].detail.endswith("Secure Boot is on, and the program is not signed")
