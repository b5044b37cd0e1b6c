"""Causes in the system that runs in a guest."""
