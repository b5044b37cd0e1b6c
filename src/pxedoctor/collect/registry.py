"""Every source of facts, once. The name is the field of Host, the file in `ask` and the file beside it."""

from collections.abc import Callable

import msgspec

from pxedoctor.access.answer import Answers
from pxedoctor.access.notebook import Notebook
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
    sockets,
    sysctls,
    system,
    traffic_control,
    versions,
)
from pxedoctor.collect.ask import boot_files as ask_boot_files
from pxedoctor.collect.ask import boot_roms as ask_boot_roms
from pxedoctor.collect.ask import bridges as ask_bridges
from pxedoctor.collect.ask import dnsmasq_program as ask_dnsmasq_program
from pxedoctor.collect.ask import firewall_files as ask_firewall_files
from pxedoctor.collect.ask import firewalld as ask_firewalld
from pxedoctor.collect.ask import firmware_images as ask_firmware_images
from pxedoctor.collect.ask import kernel_counters as ask_kernel_counters
from pxedoctor.collect.ask import labels as ask_labels
from pxedoctor.collect.ask import leases as ask_leases
from pxedoctor.collect.ask import libvirt as ask_libvirt
from pxedoctor.collect.ask import links as ask_links
from pxedoctor.collect.ask import logs as ask_logs
from pxedoctor.collect.ask import modules as ask_modules
from pxedoctor.collect.ask import netfilter as ask_netfilter
from pxedoctor.collect.ask import network_files as ask_network_files
from pxedoctor.collect.ask import offloads as ask_offloads
from pxedoctor.collect.ask import processes as ask_processes
from pxedoctor.collect.ask import routes as ask_routes
from pxedoctor.collect.ask import sockets as ask_sockets
from pxedoctor.collect.ask import sysctls as ask_sysctls
from pxedoctor.collect.ask import system as ask_system
from pxedoctor.collect.ask import traffic_control as ask_traffic_control
from pxedoctor.collect.ask import versions as ask_versions


class Collector(msgspec.Struct, frozen=True):
    """`ask` puts its questions to the notebook; `parse` makes a fact, or a Missing, of the answers."""

    name: str
    ask: Callable[[Notebook], None]
    parse: Callable[[Answers], object]


COLLECTORS: tuple[Collector, ...] = (
    Collector("system", ask_system.ask, system.parse),
    Collector("links", ask_links.ask, links.parse),
    Collector("bridges", ask_bridges.ask, bridges.parse),
    Collector("libvirt", ask_libvirt.ask_daemons, libvirt.parse),
    Collector("domains", ask_libvirt.ask_domains, domains.parse),
    Collector("networks", ask_libvirt.ask_networks, networks.parse),
    Collector("netfilter", ask_netfilter.ask, netfilter.parse),
    Collector("firewalld", ask_firewalld.ask, firewalld.parse),
    Collector("firewall_files", ask_firewall_files.ask, firewall_files.parse),
    Collector("network_files", ask_network_files.ask, network_files.parse),
    Collector("offloads", ask_offloads.ask, offloads.parse),
    Collector("traffic_control", ask_traffic_control.ask, traffic_control.parse),
    Collector("logs", ask_logs.ask, logs.parse),
    Collector("processes", ask_processes.ask, processes.parse),
    Collector("leases", ask_leases.ask, leases.parse),
    Collector("sockets", ask_sockets.ask, sockets.parse),
    Collector("sysctls", ask_sysctls.ask, sysctls.parse),
    Collector("routes", ask_routes.ask_routes, routes.parse),
    Collector("neighbours", ask_routes.ask_neighbours, neighbours.parse),
    Collector("kernel_counters", ask_kernel_counters.ask, kernel_counters.parse),
    Collector("modules", ask_modules.ask, modules.parse),
    Collector("versions", ask_versions.ask, versions.parse),
    Collector("boot_files", ask_boot_files.ask, boot_files.parse),
    Collector("dnsmasq_program", ask_dnsmasq_program.ask, dnsmasq_program.parse),
    Collector("boot_roms", ask_boot_roms.ask, boot_roms.parse),
    Collector("firmware_images", ask_firmware_images.ask, firmware_images.parse),
    Collector("labels", ask_labels.ask, labels.parse),
)
