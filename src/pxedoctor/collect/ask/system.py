"""Asks for the host's name, kernel and distribution, and whether it is itself a virtual machine."""

from pxedoctor.access.notebook import Notebook

HOSTNAME = "/proc/sys/kernel/hostname"
KERNEL = "/proc/sys/kernel/osrelease"
OS_RELEASE = "/etc/os-release"
# What the firmware says of the machine (SMBIOS), for everybody to read; x86 only has it, mostly.
VENDOR = "/sys/class/dmi/id/sys_vendor"
PRODUCT = "/sys/class/dmi/id/product_name"
# The same line for each CPU: one is enough, and the file is long.
CPU_FLAGS = ("grep", "-m", "1", "^flags", "/proc/cpuinfo")


def ask(host: Notebook) -> None:
    for path in (HOSTNAME, KERNEL, OS_RELEASE, VENDOR, PRODUCT):
        host.read(path)
    host.run(CPU_FLAGS)
