"""How a person asks on a bridge themselves: the command, as the probe will take it there."""

from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.link import Link

_LOOPBACK = "lo"


def probing(host: Host, bridge: Bridge) -> str:
    """Where hardware is behind a port, the probe wants the word that its MAC may be new there (probe/harm.py)."""
    command = f"pxedoctor probe --bridge {bridge.name}"
    wires = [port.name for port in bridge.ports if _has_wire(host, port.name)]
    if not wires:
        return command
    return f"{command} --on-wire, if the switch behind {', '.join(wires)} may see one more MAC"


def _has_wire(host: Host, name: str) -> bool:
    """What the kernel has no kind for is hardware (ip-link(8)); a VLAN and a bond have it below them."""
    found, waiting = set[str](), [name]
    while waiting:
        link = host.link(waiting.pop())
        if link is None or link.name in found:
            continue
        if not link.kind and link.name != _LOOPBACK:
            return True
        found.add(link.name)
        waiting += _below(host, link)
    return False


def _below(host: Host, link: Link) -> list[str]:
    links = () if isinstance(host.links, Missing) else host.links
    slaves = [other.name for other in links if other.master == link.name]
    # A veth's `lower` is its other end, where it is in this namespace: no wire is below it.
    return [*slaves, *([link.lower] if link.lower and link.kind != "veth" else [])]
