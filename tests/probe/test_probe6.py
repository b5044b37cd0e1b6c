"""A probe over IPv6, answered by a real dnsmasq: what is advertised, and the file fetched from a leased address."""

from collections.abc import Iterator

import pytest

from probing import ask
from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import SERVER6, make_bridge
from pxedoctor.model.observation import ProbeOutcome

pytestmark = pytest.mark.lab

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


def test_nobody_advertises(site: Site) -> None:
    probed = ask(site, profile="ovmf6", quick=True)
    assert probed.outcome is ProbeOutcome.SILENT
    assert probed.stages[-1].detail.startswith("no router advertised itself")
