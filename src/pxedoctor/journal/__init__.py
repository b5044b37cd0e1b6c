"""What was done to a host: written down before it is done, so that it can be undone at any time."""
