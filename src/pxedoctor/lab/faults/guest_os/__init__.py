"""Faults and decoys of the stage guest-os."""
