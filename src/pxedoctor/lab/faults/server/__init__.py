"""Faults and decoys of the stage server."""
