"""What firmware, servers and libvirt say when a boot fails, and what it means."""
