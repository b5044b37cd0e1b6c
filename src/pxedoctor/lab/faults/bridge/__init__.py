"""Faults and decoys of the stage bridge."""
