"""Asks for the host's name, kernel and distribution."""

from pxedoctor.access.notebook import Notebook

HOSTNAME = "/proc/sys/kernel/hostname"
KERNEL = "/proc/sys/kernel/osrelease"
OS_RELEASE = "/etc/os-release"


def ask(host: Notebook) -> None:
    for path in (HOSTNAME, KERNEL, OS_RELEASE):
        host.read(path)
