"""Causes in a guest's definition: what it is plugged into, and what it boots."""
