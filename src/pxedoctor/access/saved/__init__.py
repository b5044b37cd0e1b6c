"""Hosts that somebody else saved as texts: sosreports, packed or not, and plain folders of commands' outputs."""
