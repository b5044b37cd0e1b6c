"""Asking a host. Four calls, four kinds of answer, and nothing here changes anything."""
