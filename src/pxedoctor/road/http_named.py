"""The ports of HTTP that this host's own DHCP servers name in the URLs of boot files, as far as their settings tell."""

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.road.boot_named import network_settings
from pxedoctor.road.dnsmasq import Settings, settings_of
from pxedoctor.wire.http_port import ports_named


def http_named(host: Host, bridge: str | None) -> tuple[int, ...]:
    """For whomever: which of them a guest is told depends on what it says of itself."""
    return ports_named(value.encode() for settings in _settings(host, bridge) for _, value in settings.options)


def _settings(host: Host, bridge: str | None) -> list[Settings]:
    networks = () if isinstance(host.networks, Missing) else host.networks
    processes = () if isinstance(host.processes, Missing) else host.processes
    own = [settings_of(process) for process in processes if "dnsmasq" in process.name]
    return [
        *(network_settings(network) for network in networks if network.bridge == bridge),
        *(settings for settings in own if settings is not None),
    ]
