"""One host, seen once: every fact is a value or a Missing. Field names are the collectors' names."""

from functools import cached_property

from pxedoctor.model.boot_file import BootFile
from pxedoctor.model.boot_rom import BootRoms
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.dnsmasq_program import DnsmasqProgram
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.firewalld import Firewalld
from pxedoctor.model.firmware_image import FirmwareImages
from pxedoctor.model.keeping import Keeping
from pxedoctor.model.label import Label
from pxedoctor.model.lease import Leases
from pxedoctor.model.libvirt import Domain, Libvirt, Network, Nic
from pxedoctor.model.link import Link
from pxedoctor.model.log import LogLine
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.network_files import NetworkFiles
from pxedoctor.model.process import Process, Socket
from pxedoctor.model.route import Neighbour, Route, RoutingRule
from pxedoctor.model.system import System
from pxedoctor.model.traffic_control import Offload, TcText

_NOT_ASKED = Missing("absent", "not asked for", "")


class Host(Keeping, frozen=True, kw_only=True, dict=True):
    """Facts about one host, gathered once and then reasoned about.

    Things are looked up by their names for each guest, packet and check: in a list, a host's guests would cost the
    square of their number.
    """

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
    routing_rules: tuple[RoutingRule, ...] | Missing = _NOT_ASKED
    neighbours: tuple[Neighbour, ...] | Missing = _NOT_ASKED
    kernel_counters: dict[str, int] | Missing = _NOT_ASKED
    logs: tuple[LogLine, ...] | Missing = _NOT_ASKED
    modules: tuple[str, ...] | Missing = _NOT_ASKED
    versions: dict[str, str] | Missing = _NOT_ASKED
    boot_files: tuple[BootFile, ...] | Missing = _NOT_ASKED
    dnsmasq_program: DnsmasqProgram | Missing = _NOT_ASKED
    boot_roms: BootRoms | Missing = _NOT_ASKED
    firmware_images: FirmwareImages | Missing = _NOT_ASKED
    labels: tuple[Label, ...] | Missing = _NOT_ASKED
    unmodelled: tuple[Unmodelled, ...] = ()

    def link(self, name: str) -> Link | None:
        return self._links.get(name)

    def bridge(self, name: str) -> Bridge | None:
        return self._bridges.get(name)

    def network(self, name: str) -> Network | None:
        return self._networks.get(name)

    def domain(self, name: str) -> Domain | None:
        return self._domains.get(name)

    @property
    def libvirt_sleeps(self) -> bool:
        """A daemon of libvirt's waits behind its socket: whoever asks it would wake it."""
        return not isinstance(self.libvirt, Missing) and bool(self.libvirt.sleeping)

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
        return self._networks_on.get(bridge)

    # Of several with one name the first counts, as it does to who reads the list.

    @cached_property
    def _links(self) -> dict[str, Link]:
        return {} if isinstance(self.links, Missing) else {link.name: link for link in reversed(self.links)}

    @cached_property
    def _bridges(self) -> dict[str, Bridge]:
        return {} if isinstance(self.bridges, Missing) else {bridge.name: bridge for bridge in reversed(self.bridges)}

    @cached_property
    def _domains(self) -> dict[str, Domain]:
        return {} if isinstance(self.domains, Missing) else {domain.name: domain for domain in reversed(self.domains)}

    @cached_property
    def _networks(self) -> dict[str, Network]:
        networks = () if isinstance(self.networks, Missing) else self.networks
        return {network.name: network for network in reversed(networks)}

    @cached_property
    def _networks_on(self) -> dict[str, Network]:
        networks = () if isinstance(self.networks, Missing) else self.networks
        return {network.bridge: network for network in reversed(networks)}
