"""Cases of boot-name-unresolvable: the boot file comes by HTTP, from a server with a name."""

from pxedoctor.lab import loader
from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import define_guest, guest_xml, network_interface, restart_network, start_libvirt
from pxedoctor.lab.parts_boot import NETBOOT_ONLY, ROOT, boot_xml, boots, names
from pxedoctor.lab.site import Site

_SERVER = "192.168.150.1"
_NAME = "deploy.lab"
_BY_NAME, _BY_ADDRESS = f"http://{_NAME}/{loader.FILE}", f"http://{_SERVER}/{loader.FILE}"
_KNOWS_IT = f"<dns><host ip='{_SERVER}'><hostname>{_NAME}</hostname></host></dns>"
_SILENT = "<dns enable='no'/>"


def _network(site: Site, url: str, dns: str) -> None:
    xml = boot_xml(site, names(url), root="").replace("<ip ", f"{dns}<ip ", 1)
    restart_network(site, xml)


def _served_by_name(site: Site) -> None:
    """A web server on the host, a network that names a URL by its name and answers for it, and a guest."""
    start_libvirt(site)
    loader.put(site, f"{ROOT}/{loader.FILE}")
    site.run("sh", "-c", f"cd {ROOT}; setsid -f python3 -m http.server 80 >/var/log/http.out 2>&1")
    site.run("timeout", "10", "sh", "-c", "until curl -s -o /dev/null http://127.0.0.1/; do sleep 0.05; done")
    _with_dns(site)
    define_guest(site, guest_xml(network_interface(), boot=NETBOOT_ONLY))


def _with_dns(site: Site) -> None:
    _network(site, _BY_NAME, _KNOWS_IT)


def _without_dns(site: Site) -> None:
    _network(site, _BY_NAME, _SILENT)


def _by_address(site: Site) -> None:
    _network(site, _BY_ADDRESS, _SILENT)


CASES: tuple[Case, ...] = (
    Case(
        name="boot-name-unresolvable",
        expect=Breaks("boot-name-unresolvable"),
        story="A URL with a name in it, on a network whose DNS was switched off: nobody can look it up.",
        build=_served_by_name,
        inject=_without_dns,
        heal=_with_dns,
        attempt=boots,
        mended=False,
    ),
    Case(
        name="boot-by-address-without-dns",
        expect=Passes(),
        story="The DNS of the network is switched off, and the URL has an address in it.",
        build=_served_by_name,
        inject=_by_address,
        attempt=boots,
    ),
)
