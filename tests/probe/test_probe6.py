"""A probe over IPv6, answered by a real dnsmasq: what is advertised, and the file fetched from a leased address."""

from collections.abc import Iterator

import pytest

from probing import answers, ask, words
from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import SERVER6, make_bridge, narrow6
from pxedoctor.model.observation import ProbeOutcome

pytestmark = pytest.mark.lab

IPV6, FRAGMENT = b"\x86\xdd", 44
_RANGE = "dhcp-range=fd00:d0d::10,fd00:d0d::99,64,1h\nenable-ra\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site)
        site.write("/srv/tftp/boot.efi", "boot" * 20000)
        yield site


def serve(site: Site, conf: str) -> None:
    start_dnsmasq(site, f"interface={site.bridge}\n{_RANGE}{conf}")


@pytest.mark.parametrize("profile", ["ipxe6", "ovmf6"])
def test_an_advertised_address_is_seen(site: Site, profile: str) -> None:
    serve(site, f"dhcp-option=option6:bootfile-url,tftp://[{SERVER6}]/boot.efi\n")
    probed = ask(site, profile=profile, quick=True)
    offer = probed.offers[0]
    assert probed.outcome is ProbeOutcome.OFFERED
    assert offer.address.startswith("fd00:d0d::")
    assert (offer.file, offer.source_port, offer.checksum) == (f"tftp://[{SERVER6}]/boot.efi", 547, "valid")
    assert offer.asked_for == MAC
    assert any("advertises addresses by DHCPv6" in stage.detail for stage in probed.stages)


def test_the_file_is_fetched_by_tftp_and_the_lease_given_back(site: Site) -> None:
    serve(site, f"dhcp-option=option6:bootfile-url,tftp://[{SERVER6}]/boot.efi\nenable-tftp\ntftp-root=/srv/tftp\n")
    probed = ask(site, profile="ovmf6", quick=True, fetch=True)
    assert (probed.outcome, probed.fetches[0].received) == (ProbeOutcome.FETCHED, 80000)
    assert "fd00:d0d::" not in site.path("/var/lib/misc/dnsmasq.leases").read_text()


def test_the_file_is_fetched_by_http(site: Site) -> None:
    serve(site, f"dhcp-option=option6:bootfile-url,http://[{SERVER6}]/boot.efi\n")
    site.run("sh", "-c", "cd /srv/tftp; setsid -f python3 -m http.server --bind :: 80 >/dev/null 2>&1")
    site.run("timeout", "60", "sh", "-c", "until curl -g -s -o /dev/null http://[::1]/; do sleep 0.05; done")
    probed = ask(site, profile="ovmf6", quick=True, fetch=True)
    assert (probed.outcome, probed.why) == (ProbeOutcome.FETCHED, f"http://[{SERVER6}]/boot.efi: 80000 bytes")


def test_answers_and_blocks_that_come_in_pieces_are_taken_in(site: Site) -> None:
    """The way to the guest carries 1400 bytes: its kernel cuts what is larger, as before a tunnel."""
    narrow6(site, 1400)
    long = "".join(f"dhcp-option-force=option6:{code},{'x' * 250}\n" for code in range(201, 207))
    url = f"tftp://[{SERVER6}]/boot.efi"
    serve(site, f"{long}dhcp-option=option6:bootfile-url,{url}\nenable-tftp\ntftp-root=/srv/tftp\n")
    answer = answers(site, words(site, profile="ipxe6", quick=True, fetch=True))
    assert not answer.error
    probed = answer.probed[0]
    assert (probed.outcome, probed.fetches[0].received) == (ProbeOutcome.FETCHED, 80000)
    assert (probed.fetches[0].block_size, probed.offers[0].file) == (1432, url)
    assert {offer.checksum for offer in probed.offers} == {"valid"}
    pieces = [frame for frame in answer.frames if frame.content[12:14] == IPV6 and frame.content[20] == FRAGMENT]
    # Two advertisements, a reply, and each whole block, of which the last, of 1240 bytes, is none.
    assert len(pieces) == 2 * (3 + 80000 // 1432)


@pytest.mark.parametrize(("profile", "name", "block"), [("ovmf6", "boot.example", 1228), ("ipxe6", "boot", 1432)])
def test_a_named_server_is_looked_up_over_ipv6(site: Site, profile: str, name: str, block: int) -> None:
    """A name without dots is in the first domain of the lease's list, for which OVMF does not ask."""
    dns = f"port=53\nno-resolv\nhost-record=boot.example,{SERVER6}\nlocal=/example/\n"
    url = f"dhcp-option=option6:bootfile-url,tftp://{name}/boot.efi\ndhcp-option=option6:domain-search,example\n"
    serve(site, f"{dns}{url}dhcp-option=option6:dns-server,[{SERVER6}]\nenable-tftp\ntftp-root=/srv/tftp\n")
    probed = ask(site, profile=profile, quick=True, fetch=True)
    assert probed.outcome is ProbeOutcome.FETCHED, probed.why
    assert (probed.fetches[0].url, probed.fetches[0].block_size) == (f"tftp://{name}/boot.efi", block)


def test_nobody_advertises(site: Site) -> None:
    probed = ask(site, profile="ovmf6", quick=True)
    assert probed.outcome is ProbeOutcome.SILENT
    assert probed.stages[-1].detail.startswith("no router advertised itself")
