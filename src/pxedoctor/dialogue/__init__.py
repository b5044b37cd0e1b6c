"""Conversations of a network boot, sans-IO: events in, wishes out, time as an argument."""
