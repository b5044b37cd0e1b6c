"""The facts that every diagnosis needs, whatever its checks ask for besides; known before any check is imported."""

ALWAYS = frozenset(
    {
        *("system", "links", "bridges", "domains", "networks", "netfilter", "firewalld"),
        # What a road passes besides; and whose rule it is that a packet dies of.
        *("sysctls", "sockets", "routes", "traffic_control", "firewall_files", "processes"),
    }
)
