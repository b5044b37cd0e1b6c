"""Cases of http-boot-not-echoed: a URL is named, and the offer is not marked for HTTP boot."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import restart_network, start_libvirt
from pxedoctor.lab.parts_boot import ROOT, boot_xml, boots_by_http, names, with_options
from pxedoctor.lab.site import Site
from pxedoctor.lab.uefi_guest import FILE, IPXE, define_uefi_guest

_SERVER = "192.168.150.1"
_URL = f"http://{_SERVER}/{FILE}"
_CLASS = "dhcp-vendorclass=set:http,HTTPClient"
_MARK = "dhcp-option-force=tag:http,60,HTTPClient"
_NAME = f"dhcp-boot=tag:http,{_URL}"


def _http_site(site: Site) -> None:
    """A network that names a URL to HTTP boot and marks it, a web server on the host, and a guest with UEFI."""
    start_libvirt(site)
    site.run("mkdir", "-p", ROOT)
    site.run("cp", IPXE, f"{ROOT}/{FILE}")
    site.run("sh", "-c", f"cd {ROOT}; setsid -f python3 -m http.server 80 >/var/log/http.out 2>&1")
    site.run("timeout", "10", "sh", "-c", "until curl -s -o /dev/null http://127.0.0.1/; do sleep 0.05; done")
    _marked(site)
    define_uefi_guest(site)


def _marked(site: Site) -> None:
    restart_network(site, with_options(boot_xml(site, "", root=""), _CLASS, _MARK, _NAME))


def _by_bootp(site: Site) -> None:
    """The URL in <bootp>, as it is right for iPXE."""
    restart_network(site, boot_xml(site, names(_URL), root=""))


def _no_url(site: Site) -> None:
    """The offer is marked, and what it names is a file's name alone."""
    restart_network(site, with_options(boot_xml(site, "", root=""), _CLASS, _MARK, f"dhcp-boot=tag:http,{FILE}"))


def _mark_for_all(site: Site) -> None:
    """One URL for everybody, and option 60 for everybody too."""
    restart_network(site, with_options(boot_xml(site, names(_URL), root=""), "dhcp-option-force=60,HTTPClient"))


CASES: tuple[Case, ...] = (
    Case(
        name="http-boot-not-echoed",
        expect=Breaks("http-boot-not-echoed"),
        story="<bootp file='http://...'> for a guest with UEFI: no offer says HTTPClient back (corpus DS24).",
        build=_http_site,
        inject=_by_bootp,
        heal=_marked,
        attempt=boots_by_http,
        mended=False,
    ),
    Case(
        name="http-boot-without-a-url",
        expect=Breaks("http-boot-not-echoed"),
        story="The offers are marked for HTTP boot and name a file without its URL; a probe drops them (corpus DS24).",
        build=_http_site,
        inject=_no_url,
        heal=_marked,
        attempt=boots_by_http,
        words=("--client", "ovmf-http"),
        mended=False,
        probe=True,
    ),
    Case(
        name="http-boot-echoed-to-everybody",
        expect=Passes(),
        story="<bootp> names the URL, and option 60 is forced on every offer: HTTP boot takes it, as a probe sees.",
        build=_http_site,
        inject=_mark_for_all,
        attempt=boots_by_http,
        words=("--client", "ovmf-http"),
        probe=True,
        fetch=True,
    ),
)
