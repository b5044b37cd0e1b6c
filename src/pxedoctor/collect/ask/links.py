"""Asks for network devices, addresses and counters: one `ip`, and which devices are taps."""

from pxedoctor.access.notebook import Notebook

LINKS = ("ip", "-j", "-d", "-s", "-s", "address", "show")


def ask(host: Notebook) -> None:
    host.run(LINKS)
