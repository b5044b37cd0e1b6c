"""Causes at the guest's port."""
