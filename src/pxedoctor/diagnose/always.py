"""The facts that a diagnosis asks for, known before any check is imported."""

# What every target's road passes, whatever is checked besides.
ALWAYS = frozenset(
    {
        *("system", "links", "bridges", "domains", "networks", "netfilter", "firewalld"),
        # And whose rule it is that a packet dies of.
        *("sysctls", "sockets", "routes", "routing_rules", "traffic_control", "firewall_files", "processes"),
    }
)
# With what checks need and consult besides; a test compares it with what they say (their `needs` and `consults`).
ASKED = ALWAYS | {
    *("libvirt", "modules", "network_files", "offloads", "leases", "logs"),
    *("boot_files", "boot_roms", "firmware_images", "dnsmasq_program", "labels", "kernel_counters"),
}
