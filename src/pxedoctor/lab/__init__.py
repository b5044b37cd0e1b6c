"""Sandboxed hosts in which real programs are broken on purpose, and the runner that judges the result."""
