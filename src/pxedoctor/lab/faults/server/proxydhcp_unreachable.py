"""Cases of proxydhcp-unreachable: addresses come from one server, the boot file from a ProxyDHCP server beside it."""

from pxedoctor.lab import loader
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import bridge_interface, cold_start, define_guest, guest_xml
from pxedoctor.lab.parts_lan import attach, serve_lan, switched_lan_site
from pxedoctor.lab.qemu_guest import SERIAL, boot
from pxedoctor.lab.site import Site
from pxedoctor.lab.uefi_guest import FILE, IPXE, define_uefi_guest
from pxedoctor.lab.uefi_guest import boot as boot_uefi
from pxedoctor.lab.wiring import inside

_PROXY = "proxy"
_ROOT = "/srv/proxy-tftp"
_CONF = f"""\
port=0
interface=eth0
bind-interfaces
user=root
pid-file=/run/proxy.pid
dhcp-range=192.168.160.0,proxy,255.255.255.0
enable-tftp
tftp-root={_ROOT}
"""
_MENU = f'pxe-prompt="Press F8",1\npxe-service=x86PC,"Boot",{loader.FILE.removesuffix(".0")}\n'


def _proxied_site(site: Site) -> None:
    """The LAN's DHCP server names no boot file; a dnsmasq of somebody else's, in proxy mode, has a menu of one entry.

    A router's advertisements spare iPXE 15 s (lab.qemu_guest).
    """
    switched_lan_site(site, "--dhcp-range=fd00:160::,ra-only", "--enable-ra")
    attach(site, _PROXY, "192.168.160.2")
    loader.put(site, f"{_ROOT}/{loader.FILE}")
    _serve(site, _MENU)
    serial = f"<serial type='file'><source path='{SERIAL}'/></serial>"
    nic = bridge_interface(site.bridge) + serial
    define_guest(site, guest_xml(nic, boot="network", extra="<bios useserial='yes'/>"))


def _serve(site: Site, what: str) -> None:
    site.ask("sh", "-c", "kill $(cat /run/proxy.pid) && sleep 0.2")
    site.write("/etc/proxy.conf", _CONF + what)
    site.run(*inside(_PROXY), "dnsmasq", "--conf-file=/etc/proxy.conf")


def _close_4011(site: Site) -> None:
    rule = "nft add table ip fw; nft add chain ip fw in '{ type filter hook input priority 0; }'; "
    site.run(*inside(_PROXY), "sh", "-ec", rule + "nft add rule ip fw in udp dport 4011 drop")


def _open_4011(site: Site) -> None:
    site.run(*inside(_PROXY), "nft", "delete", "table", "ip", "fw")


def _uefi_site(site: Site) -> None:
    """For UEFI dnsmasq's proxy names server and file in its offer, and OVMF asks it further all the same."""
    _proxied_site(site)
    site.run("cp", IPXE, f"{_ROOT}/{FILE}")
    _serve(site, f'pxe-service=BC_EFI,"Boot",{FILE}\ndhcp-boot={FILE}\n')
    define_uefi_guest(site, site.bridge)


def _proxy_for_others(site: Site) -> None:
    """The DHCP server names the file for a BIOS itself; the proxy, whose port is closed, has one for UEFI alone."""
    site.run("cp", IPXE, f"{_ROOT}/{FILE}")
    # The light guest takes the first offer, also one without an address; firmware waits for both.
    _serve(site, f'pxe-service=BC_EFI,"Boot",{FILE}\ndhcp-reply-delay=2\n')
    _close_4011(site)
    serve_lan(site)


def _boots_in_lan(site: Site) -> Attempt:
    return cold_start(site, None, "udhcpc", "--boot", "ipxe")


CASES: tuple[Case, ...] = (
    Case(
        name="proxydhcp-unreachable",
        expect=Breaks("proxydhcp-unreachable"),
        story="The proxy's firewall knows ports 67 and 69, and its boot menu is asked for on 4011 (corpus DS26).",
        build=_proxied_site,
        inject=_close_4011,
        heal=_open_4011,
        attempt=boot,
        mended=False,
        firmware=True,
        probe=True,
        fetch=True,
    ),
    Case(
        name="proxydhcp-unreachable-for-uefi",
        expect=Breaks("proxydhcp-unreachable"),
        story="The same firewall, and OVMF, which asks on 4011 though the proxy's offer names the file (edk2#8149).",
        build=_uefi_site,
        inject=_close_4011,
        heal=_open_4011,
        attempt=boot_uefi,
        mended=False,
        firmware=True,
        probe=True,
        fetch=True,
    ),
    Case(
        name="proxydhcp-for-others",
        expect=Passes(),
        story="Port 4011 of a proxy is closed, and this guest's boot file comes from the DHCP server itself.",
        build=_proxied_site,
        inject=_proxy_for_others,
        attempt=_boots_in_lan,
        probe=True,
        fetch=True,
    ),
)
