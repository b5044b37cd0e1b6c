"""Pictures as values, and their drawing: in SVG for a page, in box characters for a terminal."""
