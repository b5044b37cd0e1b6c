"""The keeper: it hears what changes on the host, tells who changed it, and what that means for the guests."""
