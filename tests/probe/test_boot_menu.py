"""Menus of a real ProxyDHCP server, followed to the file, and to nobody."""

from collections.abc import Iterator

import pytest

import probing
from pxedoctor.lab.dhcp_servers import start_dhcpd, start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import inside, make_bridge, plug_in
from pxedoctor.model.observation import Probed, ProbeOutcome, ProbeStage

pytestmark = pytest.mark.lab

_PROXY = "192.168.160.2"
_LEASES = "default-lease-time 3600;\nauthoritative;\nsubnet 192.168.160.0 netmask 255.255.255.0 {\n"
_LEASES += "  range 192.168.160.10 192.168.160.99;\n}\n"
_SERVE = "interface=eth0\ndhcp-range=192.168.160.0,proxy,255.255.255.0\nenable-tftp\ntftp-root=/srv/tftp\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site)
        site.write("/srv/tftp/boot.0", "boot" * 2000)
        plug_in(site, "proxy", "52:54:00:0d:0d:fd")
        for address in (_PROXY, "192.168.160.9"):
            site.run(*inside("proxy"), "ip", "address", "add", f"{address}/24", "dev", "eth0")
        start_dhcpd(site, 4, _LEASES)
        yield site


def fetched(site: Site, menu: str, **said: object) -> Probed:
    start_dnsmasq(site, _SERVE + menu, where=inside("proxy"), name="proxy")
    return probing.ask(site, fetch=True, **said)


def test_ipxe_follows_a_menu_to_its_file(site: Site) -> None:
    probed = fetched(site, 'pxe-prompt="Press F8",1\npxe-service=x86PC,"Boot",boot\n', profile="ipxe")
    assert probed.outcome is ProbeOutcome.FETCHED, probed.why
    assert [(asked.server, asked.answered, asked.file) for asked in probed.boot_servers] == [(_PROXY, True, "boot.0")]
    assert probed.fetches[0].received == 8000


def test_a_menu_that_leads_to_nobody_is_told(site: Site) -> None:
    probed = fetched(site, 'pxe-prompt="Press F8",1\npxe-service=x86PC,"Nobody",32769,192.168.160.9\n', profile="ipxe")
    assert probed.outcome is ProbeOutcome.FETCH_FAILED
    assert probed.why == "no boot server of type 0x8001 answered: asked 192.168.160.9:4011"
    assert [(asked.server, asked.answered) for asked in probed.boot_servers] == [("192.168.160.9", False)]
    assert not probed.fetches
    told = [stage for stage in probed.stages if stage.stage is ProbeStage.BOOT_SERVER and stage.ok is False]
    assert told


def test_ovmf_asks_the_proxy_on_port_4011_from_port_4011(site: Site) -> None:
    services = "".join(f'pxe-service={kind},"Boot",boot.0\n' for kind in ("X86-64_EFI", "BC_EFI"))
    probed = fetched(site, services, profile="ovmf")
    assert [(asked.server, asked.answered) for asked in probed.boot_servers] == [(_PROXY, True)], probed.why
    assert probed.outcome is ProbeOutcome.FETCHED, probed.why
