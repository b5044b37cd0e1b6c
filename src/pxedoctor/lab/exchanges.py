"""Whole conversations of real servers and real clients, each captured at the client's port of a bridge.

An exchange takes an empty site and a path in it; when it returns, the capture is there. What is in it, others judge.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from pxedoctor.lab import light_client, loader, menu_exchanges
from pxedoctor.lab.dhcp_servers import start_dhcpd, start_dnsmasq, start_kea
from pxedoctor.lab.real_clients import boot_guest, make_tap, run_dhclient, run_udhcpc
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import SERVER, SERVER6, capturing, inside, make_bridge, narrow6, plug_in

_TFTP = "/srv/tftp"
_RANGE4 = "dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\n"
_RANGE6 = "dhcp-range=fd00:d0d::10,fd00:d0d::99,64,1h\nenable-ra\n"
_BOOT = f"enable-tftp\ntftp-root={_TFTP}\n"

# Asks for what firmware and operating systems ask for, codes in the order of nobody in particular.
_ASK4 = """\
option boot-servers code 150 = array of ip-address;
option pxelinux-magic code 208 = string;
option pxelinux-config code 209 = text;
option pxelinux-prefix code 210 = text;
option pxelinux-reboot code 211 = unsigned integer 32;
option classless-routes code 121 = array of unsigned integer 8;
option pxe-128 code 128 = string;
option long-one code 224 = string;
send host-name "web01";
send vendor-class-identifier "PXEClient:Arch:00007:UNDI:003016";
send dhcp-client-identifier 1:52:54:00:0d:0d:01;
request subnet-mask, broadcast-address, time-offset, routers, domain-name, domain-name-servers, host-name,
  interface-mtu, ntp-servers, domain-search, vendor-encapsulated-options, tftp-server-name, bootfile-name, root-path,
  boot-servers, pxelinux-magic, pxelinux-config, pxelinux-prefix, pxelinux-reboot, classless-routes, pxe-128, long-one;
"""
_ASK6 = """\
option dhcp6.boot-file-url code 59 = text;
option dhcp6.boot-file-param code 60 = string;
request dhcp6.name-servers, dhcp6.domain-search, dhcp6.boot-file-url, dhcp6.boot-file-param;
"""


def dnsmasq_udhcpc(site: Site, path: str) -> None:
    """dnsmasq's answers with PXE's options, to busybox udhcpc."""
    make_bridge(site)
    port = plug_in(site, "guest")
    options = (
        "option:ntp-server,192.168.160.1",
        "option:domain-search,lab.example,pxe.lab.example,example",
        "option:classless-static-route,0.0.0.0/0,192.168.160.1,10.0.0.0/8,192.168.160.2",
        "150,192.168.160.1,192.168.160.2",
        "209,pxelinux.cfg/default",
        "210,http://192.168.160.1/",
        "vendor:PXEClient,6,2b",
    )
    forced = "".join(f"dhcp-option-force={option}\n" for option in options)
    conf = f"interface={site.bridge}\n{_RANGE4}domain=lab.example\ndhcp-boot=pxelinux.0,boot,{SERVER}\n{forced}"
    start_dnsmasq(site, conf)
    with capturing(site, port, path):
        run_udhcpc(site, "guest", "-V", "PXEClient", "-O", "119", "-O", "121", "-O", "67", "-O", "66")


def dnsmasq_dhclient6(site: Site, path: str) -> None:
    """dnsmasq's router advertisements and DHCPv6, to ISC dhclient."""
    make_bridge(site)
    port = plug_in(site, "guest")
    options = "dhcp-option=option6:bootfile-url,tftp://[fd00:d0d::1]/snponly.efi\n"
    options += "dhcp-option=option6:dns-server,[fd00:d0d::1]\ndhcp-option=option6:domain-search,lab.example\n"
    start_dnsmasq(site, f"interface={site.bridge}\n{_RANGE6}{options}")
    with capturing(site, port, path):
        site.ask(*inside("guest"), "ping", "-6", "-c", "1", "-W", "2", SERVER6)
        run_dhclient(site, "guest", 6, _ASK6, seconds=15)


def dnsmasq_narrow6(site: Site, path: str) -> None:
    """dnsmasq's DHCPv6 to ISC dhclient, and TFTP to curl, over a path of 1400 bytes: what is larger comes in pieces."""
    make_bridge(site)
    narrow6(site, 1400)
    port = plug_in(site, "guest")
    site.run(*inside("guest"), "ip", "address", "add", "fd00:d0d::5/64", "dev", "eth0", "nodad")
    site.write(f"{_TFTP}/boot.efi", "boot" * 1000)
    long = "".join(f"dhcp-option-force=option6:{code},{'x' * 250}\n" for code in range(201, 207))
    start_dnsmasq(site, f"interface={site.bridge}\n{_RANGE6}{_BOOT}{long}")
    with capturing(site, port, path):
        run_dhclient(site, "guest", 6, _ASK6, seconds=15)
        site.run(*inside("guest"), *light_client.fetch(f"tftp://[{SERVER6}]/boot.efi", "1432"))


def kea_dhclient(site: Site, path: str) -> None:
    """Kea with options of more than 255 bytes, sub-options and routes, to ISC dhclient."""
    make_bridge(site)
    port = plug_in(site, "guest")
    start_kea(site, 4, _kea4())
    with capturing(site, port, path):
        run_dhclient(site, "guest", 4, _ASK4, seconds=15)


def kea_dhclient6(site: Site, path: str) -> None:
    """Kea's DHCPv6 with the options of RFC 5970, to ISC dhclient."""
    make_bridge(site)
    port = plug_in(site, "guest")
    start_kea(site, 6, _kea6(site))
    with capturing(site, port, path):
        run_dhclient(site, "guest", 6, _ASK6, seconds=15)


def dhcpd_dhclient(site: Site, path: str) -> None:
    """ISC dhcpd with more options than fit beside the fields file and sname, so that it overloads both."""
    make_bridge(site)
    port = plug_in(site, "guest")
    start_dhcpd(site, 4, _DHCPD4)
    with capturing(site, port, path):
        run_dhclient(site, "guest", 4, _ASK4 + "send dhcp-max-message-size 576;\n", seconds=15)


def dhcpd_dhclient6(site: Site, path: str) -> None:
    """ISC dhcpd's DHCPv6, to ISC dhclient."""
    make_bridge(site)
    port = plug_in(site, "guest")
    start_dhcpd(site, 6, _DHCPD6)
    with capturing(site, port, path):
        run_dhclient(site, "guest", 6, _ASK6, seconds=15)


def ipxe(site: Site, path: str) -> None:
    """SeaBIOS and the iPXE ROM of QEMU's virtio NIC, which boots a file from dnsmasq by TFTP."""
    make_bridge(site)
    tap = make_tap(site)
    loader.serve(site, _TFTP)
    start_dnsmasq(site, f"interface={site.bridge}\n{_RANGE4}{_RANGE6}{_BOOT}dhcp-boot={loader.FILE}\n")
    with capturing(site, tap, path):
        boot_guest(site, tap, "seabios", seconds=40, until=loader.WORD)


def ipxe_proxy(site: Site, path: str) -> None:
    """iPXE with a lease from ISC dhcpd and a boot menu from a ProxyDHCP server, dnsmasq, in a place of its own."""
    make_bridge(site)
    tap = make_tap(site)
    plug_in(site, "proxy", "52:54:00:0d:0d:fd")
    site.run(*inside("proxy"), "ip", "address", "add", "192.168.160.2/24", "dev", "eth0")
    loader.serve(site, _TFTP)
    menu = f'pxe-prompt="Press F8",1\npxe-service=x86PC,"Boot",{loader.FILE.removesuffix(".0")}\n'
    proxy = f"interface=eth0\ndhcp-range=192.168.160.0,proxy,255.255.255.0\n{_BOOT}{menu}"
    start_dnsmasq(site, proxy, where=inside("proxy"), name="proxy")
    start_dhcpd(site, 4, _PLAIN_DHCPD4)
    with capturing(site, tap, path):
        boot_guest(site, tap, "seabios", seconds=45, until=loader.WORD)


def ovmf(site: Site, path: str) -> None:
    """OVMF for x86-64: iPXE from the NIC's ROM, then OVMF's own PXE over IPv4 and IPv6; the file is no EFI program."""
    make_bridge(site)
    tap = make_tap(site)
    loader.serve(site, _TFTP)
    url = f"dhcp-option=option6:bootfile-url,tftp://[{SERVER6}]/{loader.FILE}\n"
    start_dnsmasq(site, f"interface={site.bridge}\n{_RANGE4}{_RANGE6}{_BOOT}dhcp-boot={loader.FILE}\n{url}")
    with capturing(site, tap, path):
        # What it says before its last attempt is that one's end.
        boot_guest(site, tap, "ovmf", seconds=90, until="HTTP Boot over IPv4")


def spanning_tree(site: Site, path: str) -> None:
    """What the kernel's bridge says in every hello."""
    make_bridge(site, stp=1)
    port = plug_in(site, "guest")
    with capturing(site, port, path):
        site.run("sleep", "5")


class Exchange(msgspec.Struct, frozen=True):
    """`story` is what a stranger needs to know of the capture."""

    name: str
    run: Callable[[Site, str], None]

    @property
    def story(self) -> str:
        return (self.run.__doc__ or "").strip()


EXCHANGES = (
    Exchange("dnsmasq-udhcpc", dnsmasq_udhcpc),
    Exchange("dnsmasq-dhclient6", dnsmasq_dhclient6),
    Exchange("dnsmasq-narrow6", dnsmasq_narrow6),
    Exchange("kea-dhclient", kea_dhclient),
    Exchange("kea-dhclient6", kea_dhclient6),
    Exchange("dhcpd-dhclient", dhcpd_dhclient),
    Exchange("dhcpd-dhclient6", dhcpd_dhclient6),
    Exchange("ipxe", ipxe),
    Exchange("ipxe-proxy", ipxe_proxy),
    Exchange("ovmf", ovmf),
    Exchange("spanning-tree", spanning_tree),
    Exchange("ipxe-menu", menu_exchanges.ipxe_menu),
    Exchange("ovmf-menu", menu_exchanges.ovmf_menu),
    Exchange("ovmf-proxy", menu_exchanges.ovmf_proxy),
    Exchange("ipxe-efi", menu_exchanges.ipxe_efi),
    Exchange("ipxe-proxy-port", menu_exchanges.ipxe_proxy_port),
    Exchange("ovmf-http6", menu_exchanges.ovmf_http6),
)


def _kea4() -> dict[str, Any]:
    options: list[dict[str, Any]] = [
        {"name": "routers", "data": SERVER},
        {"name": "domain-name-servers", "data": f"{SERVER}, 192.168.160.2"},
        {"name": "domain-name", "data": "lab.example"},
        {"name": "domain-search", "data": "lab.example, pxe.lab.example"},
        {"name": "tftp-server-name", "data": SERVER},
        {"name": "boot-file-name", "data": "snponly.efi"},
        {"name": "root-path", "data": "nfs:192.168.160.1:/srv"},
        {"code": 43, "csv-format": False, "data": "06010b09078000044c696e75780a060050726573733f"},
        {"code": 121, "space": "dhcp4", "csv-format": False, "data": "00c0a8a001080ac0a8a002"},
        {"code": 150, "space": "dhcp4", "csv-format": False, "data": "c0a8a001c0a8a002"},
        {"code": 208, "space": "dhcp4", "csv-format": False, "data": "f100747e"},
        {"code": 224, "space": "dhcp4", "csv-format": False, "data": "ab" * 300},
    ]
    for option in options:
        option["always-send"] = True
    pool = [{"pool": "192.168.160.10 - 192.168.160.99"}]
    subnet = {"id": 1, "subnet": "192.168.160.0/24", "pools": pool, "option-data": options, "next-server": SERVER}
    return {"valid-lifetime": 3600, "subnet4": [subnet]}


def _kea6(site: Site) -> dict[str, Any]:
    options = [
        {"name": "dns-servers", "data": SERVER6},
        {"name": "domain-search", "data": "lab.example"},
        {"name": "bootfile-url", "data": "tftp://[fd00:d0d::1]/snponly.efi"},
        {"name": "bootfile-param", "data": "root=/dev/vda, quiet"},
    ]
    pool = [{"pool": "fd00:d0d::10 - fd00:d0d::99"}]
    subnet = {"id": 1, "subnet": "fd00:d0d::/64", "pools": pool, "interface": site.bridge, "option-data": options}
    return {"valid-lifetime": 3600, "preferred-lifetime": 1800, "subnet6": [subnet]}


_PLAIN_DHCPD4 = f"""\
default-lease-time 3600;
authoritative;
subnet 192.168.160.0 netmask 255.255.255.0 {{
  range 192.168.160.10 192.168.160.99;
  option routers {SERVER};
}}
"""
_DHCPD4 = f"""\
option boot-servers code 150 = array of ip-address;
option pxelinux-magic code 208 = string;
option pxelinux-config code 209 = text;
option pxelinux-prefix code 210 = text;
option pxelinux-reboot code 211 = unsigned integer 32;
option pxe-128 code 128 = string;
default-lease-time 3600;
authoritative;
subnet 192.168.160.0 netmask 255.255.255.0 {{
  range 192.168.160.10 192.168.160.99;
  option routers {SERVER}, 192.168.160.2;
  option domain-name "lab.example";
  option domain-name-servers {SERVER};
  option domain-search "lab.example", "pxe.lab.example";
  option root-path "nfs:192.168.160.1:/srv/{"r" * 60}";
  option tftp-server-name "{SERVER}";
  option vendor-encapsulated-options 06:01:0b:ff;
  option boot-servers {SERVER};
  option pxelinux-magic f1:00:74:7e;
  option pxelinux-config "pxelinux.cfg/{"c" * 60}";
  option pxelinux-prefix "http://192.168.160.1/{"p" * 60}/";
  option pxelinux-reboot 30;
  option pxe-128 "{"x" * 60}";
  next-server {SERVER};
  option bootfile-name "snponly.efi";
}}
"""
_DHCPD6 = """\
option dhcp6.boot-file-url code 59 = text;
default-lease-time 3600;
subnet6 fd00:d0d::/64 {
  range6 fd00:d0d::10 fd00:d0d::99;
  option dhcp6.name-servers fd00:d0d::1;
  option dhcp6.domain-search "lab.example";
  option dhcp6.boot-file-url "tftp://[fd00:d0d::1]/snponly.efi";
}
"""
