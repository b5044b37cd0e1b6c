"""A Report as text: for a terminal, as JSON, and one day as HTML."""
