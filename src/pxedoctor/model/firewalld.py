"""firewalld at run time: zones, policies, and what they let in (firewalld.zone(5), firewalld.policies(5))."""

import msgspec

# A port or a range of ports, and its protocol: ("67", "udp"), ("67-69", "udp").
PortSpec = tuple[str, str]


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a zone and a policy have in common. `target` is as firewalld names it: default, ACCEPT, DROP, %%REJECT%%,
    REJECT or CONTINUE; it decides about what nothing else matched."""

    name: str
    target: str = "default"
    services: tuple[str, ...] = ()
    ports: tuple[PortSpec, ...] = ()
    protocols: tuple[str, ...] = ()
    source_ports: tuple[PortSpec, ...] = ()
    forward_ports: tuple[PortSpec, ...] = ()
    rich_rules: tuple[str, ...] = ()


class Zone(Opening, frozen=True, kw_only=True):
    """One zone. `interfaces` may end in + for "any that begins so"; `sources` are networks, MACs and ipset:NAME.

    `stored_services` are those of the permanent configuration, `stored_in` is its file and `stored_text` what is in it;
    None and "" where no file of it could be read.
    """

    interfaces: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    ingress_priority: int = 0
    stored_services: tuple[str, ...] | None = None
    stored_in: str = ""
    stored_text: str = ""

    @property
    def by_a_person(self) -> bool:
        """Whether its file is in /etc: then it is somebody's, and is left alone."""
        return self.stored_in.startswith("/etc/")

    def stores(self, service: str) -> bool:
        """Whether it comes back with the next reload. What could not be read is not written either."""
        return self.stored_services is None or service in self.stored_services


class Policy(Opening, frozen=True, kw_only=True):
    """One policy, for what comes from `ingress` zones (or ANY) and goes to `egress` zones (HOST: this host itself).

    A negative `priority` is asked before the zone, a positive one after it.
    """

    ingress: tuple[str, ...] = ()
    egress: tuple[str, ...] = ()
    priority: int = -1


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One service (firewalld.service(5)), from its XML. `destinations`: it holds for these addresses only."""

    name: str
    origin: str
    ports: tuple[PortSpec, ...] = ()
    protocols: tuple[str, ...] = ()
    source_ports: tuple[PortSpec, ...] = ()
    includes: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()


class Firewalld(msgspec.Struct, frozen=True, kw_only=True):
    """`running` False: nobody owns its D-Bus name, or there is no D-Bus. `state` is its own word, e.g. RUNNING, FAILED.

    `zone_names` are all zones there are, `zones` those whose settings were read.
    """

    running: bool
    state: str = ""
    default_zone: str = ""
    zone_names: tuple[str, ...] = ()
    zones: tuple[Zone, ...] = ()
    policies: tuple[Policy, ...] = ()
    services: tuple[Service, ...] = ()
    flush_all_on_reload: bool | None = None
    backend: str = ""

    def zone_of(self, interface: str) -> Zone | None:
        """The zone the interface is bound to; None where it falls into the default zone."""
        exact = next((zone for zone in self.zones if interface in zone.interfaces), None)
        return exact or next((zone for zone in self.zones if _by_pattern(zone, interface)), None)

    def zone(self, name: str) -> Zone | None:
        return next((zone for zone in self.zones if zone.name == name), None)

    def service(self, name: str) -> Service | None:
        return next((service for service in self.services if service.name == name), None)


def _by_pattern(zone: Zone, interface: str) -> bool:
    return any(name.endswith("+") and interface.startswith(name[:-1]) for name in zone.interfaces)
