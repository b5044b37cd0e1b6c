"""The boot file and its server: causes between the lease and the first instruction of what was fetched."""
