"""Bytes to frozen packets and back."""
