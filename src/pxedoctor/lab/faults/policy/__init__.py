"""Faults and decoys of the stage policy."""
