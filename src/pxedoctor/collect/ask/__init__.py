"""The asking halves: standard library and `access` only, so that a host of a fleet needs nothing but Python."""
