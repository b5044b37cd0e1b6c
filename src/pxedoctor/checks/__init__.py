"""Causes, one file each. This list is the only registry: no decorators, no globbing."""

from pxedoctor.checks.bridge import bridge_down, bridge_forward_delay, stp_root_elsewhere, vlan_filtering_drops_port
from pxedoctor.checks.check import Check
from pxedoctor.checks.filter import dhcp_reply_checksum_unfilled, firewalld_zone_lost, libvirt_rules_missing
from pxedoctor.checks.port import port_not_forwarding, tap_without_bridge
from pxedoctor.checks.server import dhcp_server_dead, network_inactive

CHECKS: tuple[Check, ...] = (
    network_inactive,
    dhcp_server_dead,
    bridge_down,
    bridge_forward_delay,
    stp_root_elsewhere,
    vlan_filtering_drops_port,
    libvirt_rules_missing,
    firewalld_zone_lost,
    tap_without_bridge,
    port_not_forwarding,
    dhcp_reply_checksum_unfilled,
)
