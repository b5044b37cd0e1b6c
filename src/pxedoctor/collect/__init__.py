"""Texts to facts. `ask/<source>.py` asks and decides nothing; `<source>.py` understands and asks nothing."""
