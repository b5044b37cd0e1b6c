"""Causes at the DHCP, TFTP or HTTP server."""
