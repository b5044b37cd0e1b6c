"""Understands network XML: definitions in /etc/libvirt/qemu/networks, status in /run/libvirt/network, or virsh's."""

import ipaddress
import shlex
from xml.etree.ElementTree import Element

import msgspec

from pxedoctor.access.answer import Absent, Answers, Text, list_question, read_question, run_question
from pxedoctor.collect.ask.connection import connected
from pxedoctor.collect.ask.libvirt import (
    ALL,
    AUTOSTARTED,
    NETWORKS_AUTOSTART,
    NETWORKS_DEFINED,
    NETWORKS_LIVE,
    VIRSH,
    Virsh,
    dump_network,
    is_pid,
    network_names,
)
from pxedoctor.collect.definition import closed_to_us, understood, understood_in, why_closed, why_not_told
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.collect.xml import attribute, children, text_at, tree_of
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.libvirt import Backend, Definition, Network, Reservation, Subnet

_BACKENDS: dict[str, Backend] = {"iptables": "iptables", "nftables": "nftables", "none": "none"}


def parse(answers: Answers) -> tuple[Network | Unmodelled, ...] | Missing:
    there = connected(answers)
    if there is None:
        return _of_the_system(answers)
    found = _from_virsh(answers, there.virsh)
    if found is None:
        return why_not_told(answers, there)
    # Of which libvirt a dnsmasq is whose pid file is not known, its arguments tell.
    unknown = Missing("failed", f"where {there.uri} keeps the pid of a network's dnsmasq is not known")
    theirs = [msgspec.structs.replace(one, server_pid=unknown) if isinstance(one, Network) else one for one in found]
    return _both(theirs, _of_the_system(answers), there.uri)


def _both(
    theirs: list[Network | Unmodelled], own: tuple[Network | Unmodelled, ...] | Missing, uri: str
) -> tuple[Network | Unmodelled, ...]:
    """A guest's network is its own libvirt's; its bridge may be one of the system's.

    lxc:/// and qemu:///system share their networks, of which the files tell more.
    """
    known = {one.name: one for one in theirs}
    for one in () if isinstance(own, Missing) else own:
        other = known.get(one.name)
        if other is None or _same(one, other):
            known[one.name] = one
        else:
            why = f"{uri} has another network of this name, which its guests mean"
            known[f"{one.name} of {one.origin}"] = Unmodelled(kind="network", name=one.name, origin=one.origin, why=why)
    return tuple(known.values())


def _same(one: Network | Unmodelled, other: Network | Unmodelled) -> bool:
    return isinstance(one, Network) and isinstance(other, Network) and one.uuid == other.uuid


def _of_the_system(answers: Answers) -> tuple[Network | Unmodelled, ...] | Missing:
    listed = answers.get(list_question(NETWORKS_DEFINED))
    closed = closed_to_us(answers, NETWORKS_DEFINED, NETWORKS_LIVE)
    if closed is not None:
        told = _from_virsh(answers, VIRSH)
        return why_closed(answers, closed) if told is None else told
    if isinstance(listed, Absent):
        return Missing(
            "absent", "libvirt's network driver is not configured here", "install libvirt, or name a --bridge"
        )
    if not isinstance(listed, Text):
        return why_missing(answers, list_question(NETWORKS_DEFINED))
    autostarted = set((text_of(answers, list_question(NETWORKS_AUTOSTART)) or "").splitlines())
    defined = {network.name: network for network in understood_in("network", answers, NETWORKS_DEFINED, _network)}
    live = {network.name: network for network in understood_in("network", answers, NETWORKS_LIVE, _network)}
    networks: list[Network | Unmodelled] = []
    for name in sorted({*defined, *live}):
        network, of_start = live.get(name) or defined[name], defined.get(name)
        if isinstance(network, Network):
            changes = {
                "active": name in live,
                "persistent": name in defined,
                "autostart": f"{name}.xml" in autostarted,
                "definition": of_start.definition if isinstance(of_start, Network) else None,
            }
            network = msgspec.structs.replace(network, **changes, server_pid=_server_pid(answers, name))
        networks.append(network)
    return tuple(networks)


def _server_pid(answers: Answers, name: str) -> int | Missing:
    path = f"{NETWORKS_LIVE}/{name}.pid"
    text = text_of(answers, read_question(path))
    if text is not None:
        pid = text.strip()
        return int(pid) if is_pid(pid) else Missing("failed", f"{path} holds no pid: {pid!r}")
    if read_question(path) in answers:
        return why_missing(answers, read_question(path))
    listed = answers.get(list_question(NETWORKS_LIVE))
    if isinstance(listed, Text | Absent):
        return Missing("absent", f"{path} does not exist")
    return why_missing(answers, list_question(NETWORKS_LIVE))


def _from_virsh(answers: Answers, virsh: Virsh) -> tuple[Network | Unmodelled, ...] | None:
    names = text_of(answers, run_question(network_names(virsh, ALL)))
    if names is None:
        return None
    active = set((text_of(answers, run_question(network_names(virsh))) or "").splitlines())
    autostarted = set((text_of(answers, run_question(network_names(virsh, ALL, AUTOSTARTED))) or "").splitlines())
    networks: list[Network | Unmodelled] = []
    for name in (name for name in names.splitlines() if name):
        argv = dump_network(name, virsh)
        network = understood("network", answers, run_question(argv), shlex.join(argv), _network)
        if isinstance(network, Network):
            changes = {"active": name in active, "autostart": name in autostarted}
            if name in active:  # what is printed then is what runs
                network = msgspec.structs.replace(network, definition=None)
            network = msgspec.structs.replace(network, **changes, server_pid=_server_pid(answers, name))
        networks.append(network)
    return tuple(networks)


def _network(text: str, origin: str) -> Network:
    """Raises ValueError where the text is no network."""
    root = tree_of(text)
    network = root if root.tag == "network" else root.find("network")
    if network is None or not text_at(network, "name"):
        raise ValueError("it holds no <network> with a name")
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
        delay=float(delay or 0),
        zone=attribute(network, "bridge", "zone"),
        dns=attribute(network, "dns", "enable") != "no",
        subnets=tuple(_subnet(ip) for ip in children(network, "ip")),
        # No <firewall> element: a libvirt before 10.4, or rules it takes for old iptables ones.
        backend=_BACKENDS.get(backend, "iptables"),
        # <dnsmasq:options>, whose namespace is set aside (libvirt formatnetwork.html).
        server_options=tuple(option.get("value", "") for option in children(network, "options/option")),
        # Of one that runs it is the caller's to say what its definition is.
        definition=Definition(origin, text),
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
        reserved=tuple(_reservation(host) for host in children(dhcp, "host")),
        tftp_root=attribute(ip, "tftp", "root"),
        boot_file=attribute(dhcp, "bootp", "file"),
        boot_server=attribute(dhcp, "bootp", "server"),
    )


def _reservation(host: Element) -> Reservation:
    return Reservation(mac=host.get("mac", "").lower(), name=host.get("name", ""), address=host.get("ip", ""))


def _prefix(ip: Element, address: str) -> int:
    prefix = ip.get("prefix", "")
    if prefix:
        return int(prefix)
    try:
        return ipaddress.ip_interface(f"{address}/{ip.get('netmask') or '24'}").network.prefixlen
    except ValueError:
        return 0
