"""Faults and decoys of the stage port."""
