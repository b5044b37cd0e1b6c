"""A host with many of libvirt's own networks, started by its libvirtd: each a bridge, a dnsmasq, twelve rules."""

import time

from pxedoctor.lab.parts import start_libvirt
from pxedoctor.lab.site import Site

# In one virsh; more would let the last of them wait long before anybody looks at the time.
_AT_ONCE = 10


def bridge(site: Site, number: int) -> str:
    return site.device(f"n{number}x")


def name(number: int) -> str:
    return f"net{number}"


def networks(site: Site, count: int, seconds: float) -> int:
    """Starts libvirt, and `count` networks; how many run in the end, or when `seconds` are over or memory is short."""
    start_libvirt(site)
    started, done = time.monotonic(), 0
    while done < count and time.monotonic() - started < seconds and _memory_left() > 0.25:
        some = range(done, min(count, done + _AT_ONCE))
        for number in some:
            site.write(f"/tmp/{name(number)}.xml", _definition(site, number))
        _virsh(site, "".join(f"net-define /tmp/{name(number)}.xml\n" for number in some), seconds)
        _start(site, seconds)
        done = some.stop
    # On a busy machine a daemon's answer may have come too late for libvirt: it is asked once more.
    _start(site, seconds)
    return len(_listed(site))


def _start(site: Site, seconds: float) -> None:
    """All that do not run."""
    _virsh(site, "".join(f"net-start {one}\n" for one in _listed(site, "--inactive")), seconds)


def _listed(site: Site, *words: str) -> list[str]:
    return site.run("virsh", "-q", "net-list", "--name", *words).split()


def _virsh(site: Site, commands: str, seconds: float) -> None:
    site.write("/tmp/networks", commands)
    site.ask("sh", "-c", "virsh -q < /tmp/networks", seconds=seconds)


def _definition(site: Site, number: int) -> str:
    subnet = f"10.{number // 250 + 50}.{number % 250}"
    return f"""\
<network>
  <name>{name(number)}</name>
  <forward mode='nat'/>
  <bridge name='{bridge(site, number)}' stp='off'/>
  <ip address='{subnet}.1' netmask='255.255.255.0'>
    <dhcp><range start='{subnet}.10' end='{subnet}.99'/></dhcp>
  </ip>
</network>
"""


def _memory_left() -> float:
    """The part of the machine's memory that is available (proc_meminfo(5))."""
    with open("/proc/meminfo", encoding="ascii") as file:
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in file}
    return sizes["MemAvailable"] / sizes["MemTotal"]
