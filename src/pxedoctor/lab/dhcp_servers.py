"""Real DHCP servers in a site: dnsmasq, Kea and ISC dhcpd. Each gets its whole configuration from the caller."""

import json
from typing import Any

from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import await_server, await_word

_FOLDERS = ("/run/kea", "/var/lib/kea", "/var/log/kea", "/var/lib/misc", "/var/lib/dhcp")


def start_dnsmasq(site: Site, conf: str, where: tuple[str, ...] = (), name: str = "dnsmasq") -> None:
    """It returns when dnsmasq serves. Kept to its interface, with no ping before an offer, as root.

    It serves DNS only where `conf` names a port for it.
    """
    _folders(site)
    path = f"/etc/{name}.conf"
    dns = "" if any(line.startswith("port=") for line in conf.splitlines()) else "port=0\n"
    own = f"{dns}bind-interfaces\nno-ping\nuser=root\nlog-facility=/var/log/{name}.log\n"
    own += f"dhcp-leasefile=/var/lib/misc/{name}.leases\npid-file=/run/{name}.pid\n"
    site.write(path, own + conf)
    site.run(*where, "dnsmasq", f"--conf-file={path}")


def start_kea(site: Site, family: int, config: dict[str, Any]) -> None:
    """`config` is what stands under Dhcp4 or Dhcp6; the interface and where leases are kept are set here."""
    _folders(site)
    path = f"/etc/kea-dhcp{family}.conf"
    leases = {"type": "memfile", "persist": False}
    whole = {"interfaces-config": {"interfaces": [site.bridge]}, "lease-database": leases} | config
    site.write(path, json.dumps({f"Dhcp{family}": whole}))
    tool = site.start(f"kea-dhcp{family}", "-c", path)
    await_word(tool, f"DHCP{family}_STARTED")


def start_dhcpd(site: Site, family: int, conf: str) -> None:
    """ISC dhcpd, which reads and writes raw frames for IPv4."""
    _folders(site)
    path, leases = f"/etc/dhcpd{family}.conf", f"/var/lib/dhcp/dhcpd{family}.leases"
    site.write(path, conf)
    site.write(leases, "")
    site.run("dhcpd", f"-{family}", "-q", "-cf", path, "-lf", leases, "-pf", f"/run/dhcpd{family}.pid", site.bridge)
    await_server(site, 67 if family == 4 else 547)


def _folders(site: Site) -> None:
    site.run("mkdir", "-p", *_FOLDERS)
