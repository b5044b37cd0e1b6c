"""Repairs as values: steps that can be described, tried on the model, requested of a host, and undone."""
