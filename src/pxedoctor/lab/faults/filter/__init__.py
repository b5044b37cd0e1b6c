"""Faults and decoys of the stage filter."""
