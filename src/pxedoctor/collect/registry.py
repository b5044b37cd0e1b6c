"""Every source of facts, once. The name is the field of Host and of the file beside it (asked: ask/registry.py)."""

from collections.abc import Callable

import msgspec

from pxedoctor.access.answer import Answers
from pxedoctor.collect import (
    boot_files,
    boot_roms,
    bridges,
    dnsmasq_program,
    domains,
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
    neighbours,
    netfilter,
    network_files,
    networks,
    offloads,
    processes,
    routes,
    routing_rules,
    sockets,
    sysctls,
    system,
    traffic_control,
    versions,
)


class Collector(msgspec.Struct, frozen=True):
    """`parse` makes a fact, or a Missing, of the answers to what is asked under this name."""

    name: str
    parse: Callable[[Answers], object]


COLLECTORS: tuple[Collector, ...] = (
    Collector("system", system.parse),
    Collector("links", links.parse),
    Collector("bridges", bridges.parse),
    Collector("libvirt", libvirt.parse),
    Collector("domains", domains.parse),
    Collector("networks", networks.parse),
    Collector("netfilter", netfilter.parse),
    Collector("firewalld", firewalld.parse),
    Collector("firewall_files", firewall_files.parse),
    Collector("network_files", network_files.parse),
    Collector("offloads", offloads.parse),
    Collector("traffic_control", traffic_control.parse),
    Collector("logs", logs.parse),
    Collector("processes", processes.parse),
    Collector("leases", leases.parse),
    Collector("sockets", sockets.parse),
    Collector("sysctls", sysctls.parse),
    Collector("routes", routes.parse),
    Collector("routing_rules", routing_rules.parse),
    Collector("neighbours", neighbours.parse),
    Collector("kernel_counters", kernel_counters.parse),
    Collector("modules", modules.parse),
    Collector("versions", versions.parse),
    Collector("boot_files", boot_files.parse),
    Collector("dnsmasq_program", dnsmasq_program.parse),
    Collector("boot_roms", boot_roms.parse),
    Collector("firmware_images", firmware_images.parse),
    Collector("labels", labels.parse),
)
