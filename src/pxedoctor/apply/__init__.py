"""Granting what plans request: the only place that changes a host."""
