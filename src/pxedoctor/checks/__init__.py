"""Causes, one file each. This list is the only registry: no decorators, no globbing."""

from pxedoctor.checks.bridge import bridge_forward_delay
from pxedoctor.checks.check import Check

CHECKS: tuple[Check, ...] = (bridge_forward_delay,)
