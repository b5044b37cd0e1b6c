"""One host, seen once: every fact is a value or a Missing. Field names are the collectors' names."""

import msgspec

from pxedoctor.model.boot_file import BootFile
from pxedoctor.model.boot_rom import BootRoms
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.dnsmasq_program import DnsmasqProgram
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.firewalld import Firewalld
from pxedoctor.model.firmware_image import FirmwareImages
from pxedoctor.model.lease import Leases
from pxedoctor.model.libvirt import Domain, Libvirt, Network, Nic
from pxedoctor.model.link import Link
from pxedoctor.model.log import LogLine
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.network_files import NetworkFiles
from pxedoctor.model.process import Process, Socket
from pxedoctor.model.route import Neighbour, Route
from pxedoctor.model.system import System
from pxedoctor.model.traffic_control import Offload, TcText

_NOT_ASKED = Missing("absent", "not asked for", "")


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """Facts about one host, gathered once and then reasoned about."""

    system: System | Missing = _NOT_ASKED
    links: tuple[Link, ...] | Missing = _NOT_ASKED
    bridges: tuple[Bridge, ...] | Missing = _NOT_ASKED
    offloads: tuple[Offload, ...] | Missing = _NOT_ASKED
    domains: tuple[Domain, ...] | Missing = _NOT_ASKED
    networks: tuple[Network, ...] | Missing = _NOT_ASKED
    libvirt: Libvirt | Missing = _NOT_ASKED
    netfilter: Netfilter | Missing = _NOT_ASKED
    firewalld: Firewalld | Missing = _NOT_ASKED
    firewall_files: tuple[FirewallFile, ...] | Missing = _NOT_ASKED
    network_files: NetworkFiles | Missing = _NOT_ASKED
    traffic_control: tuple[TcText, ...] | Missing = _NOT_ASKED
    processes: tuple[Process, ...] | Missing = _NOT_ASKED
    leases: Leases | Missing = _NOT_ASKED
    sockets: tuple[Socket, ...] | Missing = _NOT_ASKED
    sysctls: dict[str, str] | Missing = _NOT_ASKED
    routes: tuple[Route, ...] | Missing = _NOT_ASKED
    neighbours: tuple[Neighbour, ...] | Missing = _NOT_ASKED
    kernel_counters: dict[str, int] | Missing = _NOT_ASKED
    logs: tuple[LogLine, ...] | Missing = _NOT_ASKED
    modules: tuple[str, ...] | Missing = _NOT_ASKED
    versions: dict[str, str] | Missing = _NOT_ASKED
    boot_files: tuple[BootFile, ...] | Missing = _NOT_ASKED
    dnsmasq_program: DnsmasqProgram | Missing = _NOT_ASKED
    boot_roms: BootRoms | Missing = _NOT_ASKED
    firmware_images: FirmwareImages | Missing = _NOT_ASKED
    unmodelled: tuple[Unmodelled, ...] = ()

    def link(self, name: str) -> Link | None:
        if isinstance(self.links, Missing):
            return None
        return next((link for link in self.links if link.name == name), None)

    def bridge(self, name: str) -> Bridge | None:
        if isinstance(self.bridges, Missing):
            return None
        return next((bridge for bridge in self.bridges if bridge.name == name), None)

    def network(self, name: str) -> Network | None:
        if isinstance(self.networks, Missing):
            return None
        return next((network for network in self.networks if network.name == name), None)

    def not_understood(self, kind: str, name: str) -> Unmodelled | None:
        """Why the bridge, domain or network of this name is not among the facts although the host has it."""
        return next((entry for entry in self.unmodelled if (entry.kind, entry.name) == (kind, name)), None)

    def bridge_of(self, nic: Nic) -> str | None:
        """The bridge that libvirt plugs this NIC into; None for one that by design is in no bridge."""
        if nic.kind == "bridge":
            return nic.source or None
        if nic.kind == "network":
            network = self.network(nic.source)
            return nic.bridge or (network.bridge if network else None) or None
        return None

    def network_on(self, bridge: str) -> Network | None:
        """The virtual network whose bridge this is."""
        if isinstance(self.networks, Missing):
            return None
        return next((network for network in self.networks if network.bridge == bridge), None)
