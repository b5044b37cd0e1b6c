"""Understands network XML: definitions in /etc/libvirt/qemu/networks, status in /run/libvirt/network, or virsh's."""

import ipaddress
from xml.etree.ElementTree import Element

import msgspec

from pxedoctor.access.answer import Absent, Answers, Forbidden, Text, list_question, read_question, run_question
from pxedoctor.collect.ask.libvirt import NETWORKS_AUTOSTART, NETWORKS_DEFINED, NETWORKS_LIVE, VIRSH
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.collect.xml import attribute, children, root_of, text_at
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Backend, Network, Subnet

_BACKENDS: dict[str, Backend] = {"iptables": "iptables", "nftables": "nftables", "none": "none"}


def parse(answers: Answers) -> tuple[Network, ...] | Missing:
    listed = answers.get(list_question(NETWORKS_DEFINED))
    if isinstance(listed, Forbidden):
        return _from_virsh(answers)
    if isinstance(listed, Absent):
        return Missing(
            "absent", "libvirt's network driver is not configured here", "install libvirt, or name a --bridge"
        )
    if not isinstance(listed, Text):
        return why_missing(answers, list_question(NETWORKS_DEFINED))
    autostarted = set((text_of(answers, list_question(NETWORKS_AUTOSTART)) or "").splitlines())
    defined = {network.name: network for network in _in_folder(answers, NETWORKS_DEFINED)}
    live = {network.name: network for network in _in_folder(answers, NETWORKS_LIVE)}
    return tuple(
        msgspec.structs.replace(
            live.get(name) or defined[name],
            active=name in live,
            persistent=name in defined,
            autostart=f"{name}.xml" in autostarted,
            server_pid=_server_pid(answers, name),
        )
        for name in sorted({*defined, *live})
    )


def _server_pid(answers: Answers, name: str) -> int | None:
    text = (text_of(answers, read_question(f"{NETWORKS_LIVE}/{name}.pid")) or "").strip()
    return int(text) if text.isdecimal() else None


def _in_folder(answers: Answers, folder: str) -> list[Network]:
    names = text_of(answers, list_question(folder)) or ""
    paths = (f"{folder}/{name}" for name in names.splitlines() if name.endswith(".xml"))
    found = (_network(text_of(answers, read_question(path)) or "", path) for path in paths)
    return [network for network in found if network is not None]


def _from_virsh(answers: Answers) -> tuple[Network, ...] | Missing:
    names = text_of(answers, run_question((*VIRSH, "net-list", "--all", "--name")))
    if names is None:
        return why_missing(answers, list_question(NETWORKS_DEFINED))
    active = set((text_of(answers, run_question((*VIRSH, "net-list", "--name"))) or "").split())
    autostart = (*VIRSH, "net-list", "--all", "--autostart", "--name")
    autostarted = set((text_of(answers, run_question(autostart)) or "").split())
    networks: list[Network] = []
    for name in names.split():
        argv = (*VIRSH, "net-dumpxml", name)
        network = _network(text_of(answers, run_question(argv)) or "", " ".join(argv))
        if network is not None:
            changes = {"active": name in active, "autostart": name in autostarted}
            networks.append(msgspec.structs.replace(network, **changes))
    return tuple(networks)


def _network(text: str, origin: str) -> Network | None:
    root = root_of(text)
    if root is None:
        return None
    network = root if root.tag == "network" else root.find("network")
    if network is None or not text_at(network, "name"):
        return None
    delay = attribute(network, "bridge", "delay")
    backend = attribute(root, "firewall[@name='fwRemoval']", "backend") if root.tag == "networkstatus" else ""
    forward = network.find("forward")
    return Network(
        name=text_at(network, "name"),
        uuid=text_at(network, "uuid"),
        active=False,
        autostart=False,
        origin=origin,
        # <forward/> without a mode means nat (libvirt formatnetwork.html).
        forward=(forward.get("mode") or "nat") if forward is not None else "",
        bridge=attribute(network, "bridge", "name"),
        # Only the word "off" switches it off (network_conf.c).
        stp=attribute(network, "bridge", "stp") != "off",
        delay=float(delay) if delay.isdecimal() else 0.0,
        zone=attribute(network, "bridge", "zone"),
        dns=attribute(network, "dns", "enable") != "no",
        subnets=tuple(_subnet(ip) for ip in children(network, "ip")),
        # No <firewall> element: a libvirt before 10.4, or rules it takes for old iptables ones.
        backend=_BACKENDS.get(backend, "iptables"),
    )


def _subnet(ip: Element) -> Subnet:
    address = ip.get("address", "")
    dhcp = ip.find("dhcp")
    ranges = ((entry.get("start", ""), entry.get("end", "")) for entry in children(dhcp, "range"))
    return Subnet(
        family="ipv6" if ip.get("family") == "ipv6" else "ipv4",
        address=address,
        prefix=_prefix(ip, address),
        ranges=tuple(ranges),
        hosts=sum(1 for _ in children(dhcp, "host")),
        tftp_root=attribute(ip, "tftp", "root"),
        boot_file=attribute(dhcp, "bootp", "file"),
        boot_server=attribute(dhcp, "bootp", "server"),
    )


def _prefix(ip: Element, address: str) -> int:
    prefix = ip.get("prefix", "")
    if prefix.isdecimal():
        return int(prefix)
    try:
        return ipaddress.ip_interface(f"{address}/{ip.get('netmask') or '24'}").network.prefixlen
    except ValueError:
        return 0
