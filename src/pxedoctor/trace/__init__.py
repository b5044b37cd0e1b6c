"""The tracer: it watches packets of a guest on their way through this host, and tells what each witness saw."""
