"""Hosts, bridges and targets as a test wants them: everything healthy unless said otherwise."""

import msgspec

from pxedoctor.checks.check import Check
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.outcome import Broken
from pxedoctor.model.bridge import Bridge, Port, PortState, Stp, Vlan
from pxedoctor.model.client import Client, client_named
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain, Network, Nic, Subnet
from pxedoctor.model.link import Link
from pxedoctor.model.observation import Probed, ProbeOutcome, SeenOffer, SeenSent, SeenState
from pxedoctor.model.system import System
from pxedoctor.model.target import Facts, Target

MAC = "52:54:00:0d:0d:01"
GUEST = "web01"
TARGET = f"{GUEST}/{MAC}"


def client(name: str) -> Client:
    found = client_named(name)
    assert found is not None
    return found


def bridge(name: str = "br0", **changes: object) -> Bridge:
    """STP off, forward delay 15 s: what `ip link add br0 type bridge` makes."""
    values: dict[str, object] = {
        "name": name,
        "stp": Stp.OFF,
        "forward_delay": 15.0,
        "hello_time": 2.0,
        "max_age": 20.0,
        "bridge_id": "8000.525400000001",
        "root_id": "8000.525400000001",
        "root_port": 0,
    }
    return Bridge(**(values | changes))  # type: ignore[arg-type]


def port(
    name: str = "vnet0",
    state: PortState = PortState.FORWARDING,
    bpdus: int | None = 0,
    vlans: tuple[Vlan, ...] | None = (),
) -> Port:
    return Port(name=name, state=state, bpdus_received=bpdus, vlans=vlans)


def link(name: str, kind: str = "tun", **changes: object) -> Link:
    values: dict[str, object] = {
        "index": 7,
        "name": name,
        "mac": "fe:54:00:0d:0d:01",
        "mtu": 1500,
        "up": True,
        "carrier": True,
        "kind": kind,
    }
    return Link(**(values | changes))  # type: ignore[arg-type]


def network(name: str = "default", **changes: object) -> Network:
    """An active nat network with a DHCP range on virbr0."""
    subnet = Subnet(family="ipv4", address="192.168.122.1", prefix=24, ranges=(("192.168.122.2", "192.168.122.254"),))
    values: dict[str, object] = {
        "name": name,
        "uuid": "u",
        "active": True,
        "autostart": True,
        "origin": f"/run/libvirt/network/{name}.xml",
        "forward": "nat",
        "bridge": "virbr0",
        "subnets": (subnet,),
        "server_pid": 100,
    }
    return Network(**(values | changes))  # type: ignore[arg-type]


def domain(*nics: Nic, **changes: object) -> Domain:
    values: dict[str, object] = {
        "name": GUEST,
        "uuid": "u",
        "running": False,
        "origin": f"/etc/libvirt/qemu/{GUEST}.xml",
        "boot": ("network",),
        "nics": nics or (nic(),),
    }
    return Domain(**(values | changes))  # type: ignore[arg-type]


def nic(**changes: object) -> Nic:
    values: dict[str, object] = {"mac": MAC, "kind": "bridge", "position": 1, "source": "br0", "model": "virtio"}
    return Nic(**(values | changes))  # type: ignore[arg-type]


def host(**facts: object) -> Host:
    """A host on which everything was asked for and little is there."""
    values: dict[str, object] = {
        "system": System(hostname="h", kernel="6.18"),
        "links": (),
        "bridges": (),
        "domains": (),
        "networks": (),
    }
    return Host(**(values | facts))  # type: ignore[arg-type]


def facts(**values: object) -> Facts:
    return Facts(host=host(**values))


def target(client_name: str | None = "ipxe", **changes: object) -> Target:
    """web01's NIC on br0, shut off, about to boot through iPXE."""
    values: dict[str, object] = {
        "id": TARGET,
        "kind": "nic",
        "guest": GUEST,
        "mac": MAC,
        "bridge": "br0",
        "client": client(client_name) if client_name else None,
        "client_why": "test" if client_name else "",
    }
    return Target(**(values | changes))  # type: ignore[arg-type]


def finding(check: Check, outcome: object, first: Target | None = None) -> Finding:
    """The finding the engine would make of one Broken outcome, for `first` if for nobody else."""
    assert isinstance(outcome, Broken), outcome
    return Finding(meta=check.META, broken=outcome, targets=(TARGET,), first=first or target())


def sent(*times: float, state: str = "forwarding", what: str = "DISCOVER") -> tuple[SeenSent, ...]:
    return tuple(SeenSent(at=at, what=what, port_state=state) for at in times)


def offer(at: float = 0.3, **changes: object) -> SeenOffer:
    """What a good server of this host answers from br0's own address: its sum is filled, it comes from port 67."""
    values: dict[str, object] = {
        "at": at,
        "server": "192.168.122.1",
        "source": "192.168.122.1",
        "source_port": 67,
        "mac": "52:54:00:00:00:01",
        "address": "192.168.122.57",
        "file": "boot.ipxe",
        "next_server": "192.168.122.1",
        "vendor_class": "",
        "proxy": False,
        "refused": "",
        "checksum": "valid",
        "marked": False,
    }
    return SeenOffer(**(values | changes))  # type: ignore[arg-type]


def probed(**changes: object) -> Probed:
    """A whole probe of web01's place on br0 as iPXE, whose port forwarded at once, and that got an offer."""
    values: dict[str, object] = {
        "target": TARGET,
        "bridge": "br0",
        "profile": "ipxe",
        "outcome": ProbeOutcome.OFFERED,
        "why": "",
        "mac": "52:54:00:0d:0d:ff",
        "asked_for": MAC,
        "offload": False,
        "fetch": False,
        "whole": True,
        "states": (SeenState(0.0, "forwarding"),),
        "sent": sent(0.1),
        "offers": (offer(),),
    }
    return Probed(**(values | changes))  # type: ignore[arg-type]


def silent(**changes: object) -> Probed:
    """The same, and nobody answers."""
    values: dict[str, object] = {"outcome": ProbeOutcome.SILENT, "offers": (), "sent": sent(0.1, 1.1, 3.1, 7.1)}
    return probed(**(values | changes))


def with_probes(known: Facts, *probes: Probed) -> Facts:
    return msgspec.structs.replace(known, observations=probes)
