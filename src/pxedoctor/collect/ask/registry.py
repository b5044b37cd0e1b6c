"""Every source of facts by its name in collect/registry.py, and who asks it.

In the order in which they begin: first those that wait longest for the host, or ask one thing after another.
"""

from collections.abc import Callable

from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask import (
    boot_files,
    boot_roms,
    bridges,
    dnsmasq_program,
    firewall_files,
    firewalld,
    firmware_images,
    kernel_counters,
    labels,
    leases,
    libvirt,
    links,
    logs,
    modules,
    netfilter,
    network_files,
    offloads,
    processes,
    routes,
    sockets,
    sysctls,
    system,
    traffic_control,
    versions,
)

Ask = Callable[[Notebook], None]

ASKS: dict[str, Ask] = {
    "netfilter": netfilter.ask,
    "boot_roms": boot_roms.ask,
    "firmware_images": firmware_images.ask,
    "logs": logs.ask,
    "processes": processes.ask,
    "firewall_files": firewall_files.ask,
    "system": system.ask,
    "links": links.ask,
    "bridges": bridges.ask,
    "libvirt": libvirt.ask_daemons,
    "domains": libvirt.ask_domains,
    "networks": libvirt.ask_networks,
    "firewalld": firewalld.ask,
    "network_files": network_files.ask,
    "offloads": offloads.ask,
    "traffic_control": traffic_control.ask,
    "leases": leases.ask,
    "sockets": sockets.ask,
    "sysctls": sysctls.ask,
    "routes": routes.ask_routes,
    "routing_rules": routes.ask_rules,
    "neighbours": routes.ask_neighbours,
    "kernel_counters": kernel_counters.ask,
    "modules": modules.ask,
    "versions": versions.ask,
    "boot_files": boot_files.ask,
    "dnsmasq_program": dnsmasq_program.ask,
    "labels": labels.ask,
}
