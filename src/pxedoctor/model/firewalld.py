"""firewalld's running state: zones, their interfaces and what they let in."""

import msgspec


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """One zone at run time. `target` is default, ACCEPT, DROP or %%REJECT%% (firewalld.zone(5))."""

    name: str
    target: str = "default"
    interfaces: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    ports: tuple[tuple[str, str], ...] = ()
    rich_rules: tuple[str, ...] = ()


class Firewalld(msgspec.Struct, frozen=True, kw_only=True):
    """`running` False means installed or not, but nobody owns its D-Bus name."""

    running: bool
    default_zone: str = ""
    zones: tuple[Zone, ...] = ()
    policies: tuple[str, ...] = ()
    flush_all_on_reload: bool | None = None
    backend: str = ""

    def zone_of(self, interface: str) -> Zone | None:
        """The zone the interface is bound to; None where it falls into the default zone."""
        return next((zone for zone in self.zones if interface in zone.interfaces), None)

    def zone(self, name: str) -> Zone | None:
        return next((zone for zone in self.zones if zone.name == name), None)
