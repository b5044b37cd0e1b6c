"""The host's way out: causes behind the bridge, on the road to servers that are not on this host."""
