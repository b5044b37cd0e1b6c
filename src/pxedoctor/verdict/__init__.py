"""The result of a diagnosis as a value; `diagnose` makes it, `report` draws it (docs/adr/0002)."""
