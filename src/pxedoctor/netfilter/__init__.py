"""Rulesets as syntax, and what they do to one packet. What is not modelled is Unknown, never a guess."""
