"""A boot server that is named and not numbered: looked up at a real dnsmasq, over the probe's own port."""

from collections.abc import Iterator

import pytest

import probing
from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import make_bridge
from pxedoctor.model.observation import Probed, ProbeOutcome

pytestmark = pytest.mark.lab

_RANGE = "dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\nenable-tftp\ntftp-root=/srv/tftp\n"
# The DNS server of the lease is the host itself, where dnsmasq leaves DNS alone (port=0) unless it is told.
_DNS = "port=53\nno-resolv\naddress=/boot.example/192.168.160.1\nlocal=/example/\ncname=pxe.example,boot.example\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site)
        site.write("/srv/tftp/boot.0", "boot" * 20)
        yield site


def fetched(site: Site, conf: str, name: str = "boot.example") -> Probed:
    start_dnsmasq(site, f"interface={site.bridge}\n{_RANGE}dhcp-boot=tftp://{name}/boot.0\n{conf}")
    return probing.ask(site, fetch=True, quick=True, profile="ipxe")


def test_the_leases_dns_server_knows_it(site: Site) -> None:
    probed = fetched(site, f"{_DNS}dhcp-option=6,192.168.160.1\n")
    assert probed.outcome is ProbeOutcome.FETCHED, probed.why
    assert (probed.fetches[0].url, probed.fetches[0].received) == ("tftp://boot.example/boot.0", 80)


def test_a_name_without_dots_is_in_the_leases_domain(site: Site) -> None:
    probed = fetched(site, f"{_DNS}dhcp-option=6,192.168.160.1\ndhcp-option=15,example\n", name="boot")
    assert probed.outcome is ProbeOutcome.FETCHED, probed.why


def test_nobody_knows_it(site: Site) -> None:
    probed = fetched(site, f"{_DNS}dhcp-option=6,192.168.160.1\n", name="other.example")
    assert (probed.outcome, probed.why) == (
        ProbeOutcome.FETCH_FAILED,
        "the DNS server 192.168.160.1 says of other.example: NXDOMAIN",
    )


def test_there_is_no_dns_server(site: Site) -> None:
    probed = fetched(site, "dhcp-option=6\n")
    assert probed.why == "the boot server is named boot.example, and the lease names no DNS server"


def test_the_dns_server_is_silent(site: Site) -> None:
    probed = fetched(site, "dhcp-option=6,192.168.160.200\n")
    assert probed.why == "the DNS server 192.168.160.200 does not answer for boot.example"
