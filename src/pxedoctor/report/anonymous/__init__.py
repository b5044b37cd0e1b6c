"""Pseudonyms for what names a person's hosts, guests and networks, the same in every output of one machine."""
