"""Conversations of firmware with boot servers, with iPXE as an EFI program, and by HTTP boot, each captured.

As those of exchanges.py, which lists them.
"""

from pxedoctor.lab import loader
from pxedoctor.lab.dhcp_servers import start_dhcpd, start_dnsmasq
from pxedoctor.lab.real_clients import boot_guest, make_tap
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import SERVER, SERVER6, capturing, inside, make_bridge, plug_in

_TFTP = "/srv/tftp"
_IPXE_EFI = "/usr/lib/ipxe/snponly.efi"
_SERVE = f"dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\nenable-tftp\ntftp-root={_TFTP}\n"
# All but what comes from a TFTP server's own port: the files are other people's programs.
_NO_FILES = "not udp or port 67 or port 68 or port 69 or port 4011 or port 546 or port 547"
_SILENT = ("192.168.160.9", "192.168.160.8")
_LEASES = "default-lease-time 3600;\nauthoritative;\nsubnet 192.168.160.0 netmask 255.255.255.0 {{\n{}}}\n"
_RANGE = "  range 192.168.160.10 192.168.160.99;\n"


def ipxe_menu(site: Site, path: str) -> None:
    """iPXE with a boot menu whose servers keep silent: first the group, then everybody, then each of the list."""
    make_bridge(site)
    tap = make_tap(site)
    _serve_menu(site, control=0)
    with capturing(site, tap, path):
        boot_guest(site, tap, "seabios", seconds=90, until="No more network devices")


def ovmf_menu(site: Site, path: str) -> None:
    """OVMF with a boot menu whose servers keep silent, where neither a group nor everybody is to be asked."""
    make_bridge(site)
    tap = make_tap(site)
    _serve_menu(site, control=3)
    with capturing(site, tap, path):
        boot_guest(site, tap, "ovmf-bare", seconds=200, until="PXE over IPv6")


def ovmf_proxy(site: Site, path: str) -> None:
    """OVMF with a lease from ISC dhcpd and its boot file from a ProxyDHCP server, dnsmasq, on port 4011."""
    make_bridge(site)
    tap = make_tap(site)
    plug_in(site, "proxy", "52:54:00:0d:0d:fd")
    site.run(*inside("proxy"), "ip", "address", "add", "192.168.160.2/24", "dev", "eth0")
    loader.serve(site, _TFTP)
    _serve_proxy(site, loader.FILE.removesuffix(".0"))
    with capturing(site, tap, path):
        boot_guest(site, tap, "ovmf-bare", seconds=200, until="PXE over IPv6")


def ipxe_efi(site: Site, path: str) -> None:
    """iPXE as an EFI program (snponly.efi), which OVMF has by TFTP; its own boot file is no EFI program."""
    make_bridge(site)
    tap = make_tap(site)
    loader.serve(site, _TFTP)
    site.run("cp", _IPXE_EFI, _TFTP)
    boot = f"dhcp-userclass=set:ipxe,iPXE\ndhcp-boot=tag:ipxe,{loader.FILE}\ndhcp-boot=tag:!ipxe,snponly.efi\n"
    start_dnsmasq(site, f"interface={site.bridge}\n{_SERVE}{boot}")
    with capturing(site, tap, path, _NO_FILES):
        boot_guest(site, tap, "ovmf-bare", seconds=150, until=f"/{loader.FILE}")


def ipxe_proxy_port(site: Site, path: str) -> None:
    """As ovmf-proxy, but the boot file is iPXE (snponly.efi), which asks port 4011 too, and is handed itself."""
    make_bridge(site)
    tap = make_tap(site)
    plug_in(site, "proxy", "52:54:00:0d:0d:fd")
    site.run(*inside("proxy"), "ip", "address", "add", "192.168.160.2/24", "dev", "eth0")
    site.run("mkdir", "-p", _TFTP)
    site.run("cp", _IPXE_EFI, _TFTP)
    _serve_proxy(site, "snponly.efi")
    with capturing(site, tap, path, _NO_FILES):
        boot_guest(site, tap, "ovmf-bare", seconds=150, until="/snponly.efi...")


def ovmf_http6(site: Site, path: str) -> None:
    """OVMF to its last resort, HTTP boot over IPv6, by way of boot files that are not there."""
    make_bridge(site)
    tap = make_tap(site)
    http = f"dhcp-match=set:http,option:client-arch,16\ndhcp-boot=tag:http,http://{SERVER}/none.efi\n"
    http += "dhcp-boot=tag:!http,none.efi\n"
    http += "dhcp-option-force=tag:http,60,HTTPClient\n"
    # Option 16 as a server for HTTPClient says it: enterprise 343, one class of 10 bytes.
    echo = "dhcp-option=option6:16,00:00:01:57:00:0a:48:54:54:50:43:6c:69:65:6e:74\n"
    url = f"dhcp-range=fd00:d0d::10,fd00:d0d::99,64,1h\nenable-ra\ndhcp-option=option6:59,http://[{SERVER6}]/none.efi\n"
    start_dnsmasq(site, f"interface={site.bridge}\n{_SERVE}{http}{url}{echo}")
    with capturing(site, tap, path):
        boot_guest(site, tap, "ovmf-bare", seconds=200, until="No bootable option")


def _serve_proxy(site: Site, file: str) -> None:
    """Leases from ISC dhcpd, and dnsmasq as a proxy for EFI clients; it puts the .0 behind a bare name itself."""
    services = "".join(f'pxe-service={kind},"Boot",{file}\n' for kind in ("X86-64_EFI", "BC_EFI"))
    proxy = f"interface=eth0\ndhcp-range=192.168.160.0,proxy,255.255.255.0\nenable-tftp\ntftp-root={_TFTP}\n{services}"
    start_dnsmasq(site, proxy, where=inside("proxy"), name="proxy")
    start_dhcpd(site, 4, _LEASES.format(_RANGE))


def _serve_menu(site: Site, control: int) -> None:
    """ISC dhcpd with a menu of one item, a group, and two boot servers, which are there and do not listen."""
    plug_in(site, "silent", "52:54:00:0d:0d:fd")
    for address in _SILENT:
        site.run(*inside("silent"), "ip", "address", "add", f"{address}/24", "dev", "eth0")
    servers = "08:0b:80:01:02:c0:a8:a0:09:c0:a8:a0:08"
    menu = "09:07:80:01:04:42:6f:6f:74:0a:06:00:50:72:65:73:73"
    inside_43 = f"06:01:{control:02x}:07:04:e0:00:01:02:{servers}:{menu}:ff"
    options = f'  option vendor-class-identifier "PXEClient";\n  option vendor-encapsulated-options {inside_43};\n'
    start_dhcpd(site, 4, _LEASES.format(_RANGE + options))
