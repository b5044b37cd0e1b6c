"""Causes in the packet filter."""
