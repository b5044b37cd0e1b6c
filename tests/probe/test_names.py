"""A boot server that is named and not numbered: looked up at a real dnsmasq, over the probe's own port."""

from collections.abc import Iterator

import pytest

import probing
from pxedoctor.lab.dhcp_servers import start_dhcpd, start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import make_bridge
from pxedoctor.model.observation import Probed, ProbeOutcome

pytestmark = pytest.mark.lab

_RANGE = "dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\nenable-tftp\ntftp-root=/srv/tftp\n"
# dhcpd sends what is asked for alone, and not every PXE ROM asks for option 66.
_DHCPD = """\
subnet 192.168.160.0 netmask 255.255.255.0 { range 192.168.160.10 192.168.160.99; }
option domain-name-servers 192.168.160.1;
option tftp-server-name "boot.example";
option dhcp-parameter-request-list 1, 3, 6, 66, 67;
filename "boot.0";
"""
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


@pytest.mark.parametrize("profile", ["intel-pxe", "u-boot"])
def test_option_66_names_it(site: Site, profile: str) -> None:
    """ISC dhcpd leaves siaddr zero, where dnsmasq puts itself: the name is all that there is."""
    start_dnsmasq(site, f"interface={site.bridge}\nenable-tftp\ntftp-root=/srv/tftp\n{_DNS}")
    start_dhcpd(site, 4, _DHCPD)
    probed = probing.ask(site, fetch=True, quick=True, profile=profile)
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
