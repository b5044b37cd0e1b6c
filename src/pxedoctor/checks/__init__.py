"""Causes, one file each. This list is the only registry: no decorators, no globbing."""

from pxedoctor.checks.bridge import bridge_down, bridge_forward_delay, stp_root_elsewhere, vlan_filtering_drops_port
from pxedoctor.checks.check import Check
from pxedoctor.checks.fetch import (
    boot_file_unreadable,
)
from pxedoctor.checks.filter import (
    bridged_frames_hit_forward,
    conntrack_table_full,
    dhcp_reply_checksum_unfilled,
    dhcp_reply_dropped,
    dhcp_reply_masqueraded,
    firewalld_zone_lost,
    foreign_rule_breaks_iptables,
    forwarded_boot_traffic_dropped,
    host_firewall_drops_dhcp,
    host_firewall_drops_dhcpv6,
    host_firewall_drops_http_boot,
    host_firewall_drops_tftp,
    libvirt_rules_missing,
    libvirt_rules_stale_ifindex,
    rpfilter_drops_replies,
    tftp_through_nat_without_helper,
)
from pxedoctor.checks.port import port_not_forwarding, tap_without_bridge
from pxedoctor.checks.server import (
    boot_file_not_offered,
    dhcp_not_configured,
    dhcp_pool_exhausted,
    dhcp_port_taken,
    dhcp_server_dead,
    network_inactive,
    subnet_overlap,
)

CHECKS: tuple[Check, ...] = (
    network_inactive,
    dhcp_server_dead,
    dhcp_port_taken,
    dhcp_not_configured,
    dhcp_pool_exhausted,
    subnet_overlap,
    bridge_down,
    bridge_forward_delay,
    stp_root_elsewhere,
    foreign_rule_breaks_iptables,
    vlan_filtering_drops_port,
    libvirt_rules_missing,
    firewalld_zone_lost,
    bridged_frames_hit_forward,
    libvirt_rules_stale_ifindex,
    rpfilter_drops_replies,
    host_firewall_drops_dhcp,
    forwarded_boot_traffic_dropped,
    tftp_through_nat_without_helper,
    host_firewall_drops_dhcpv6,
    host_firewall_drops_tftp,
    host_firewall_drops_http_boot,
    tap_without_bridge,
    dhcp_reply_dropped,
    dhcp_reply_masqueraded,
    port_not_forwarding,
    dhcp_reply_checksum_unfilled,
    conntrack_table_full,
    boot_file_not_offered,
    boot_file_unreadable,
)
