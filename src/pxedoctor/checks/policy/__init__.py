"""Causes in the host's own security policy."""
