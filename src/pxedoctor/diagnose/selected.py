"""What the person asked about, resolved to targets; or the one sentence that says why it cannot be."""

import re
from typing import TYPE_CHECKING

from pxedoctor.diagnose.client import client_of
from pxedoctor.diagnose.selection import LONGEST, Selection, SelectionError, short
from pxedoctor.model.fact import Missing
from pxedoctor.model.target import Direct, Target
from pxedoctor.road.secure_boot import secure_boot_of

if TYPE_CHECKING:
    from pxedoctor.model.host import Host
    from pxedoctor.model.libvirt import Domain, Network, Nic
    from pxedoctor.model.link import Link

# Bridges that container engines make for themselves: no virtual machine is ever plugged in there.
_CONTAINER_BRIDGE = r"docker\d+|docker_gwbridge|br-[0-9a-f]{12}|podman\d+|cni\d+|cni-podman\d+|lxcbr\d+|kube-bridge"
# Of the names an error message offers.
_MOST_NAMES = 8


def select(host: "Host", selection: Selection) -> tuple[Target, ...]:
    if selection.guests:
        # A guest named twice, or by its name and its UUID, is one guest.
        return tuple(dict.fromkeys(t for name in selection.guests for t in _guest(host, selection, name)))
    if selection.network is not None:
        return _network(host, selection, selection.network)
    if selection.bridge is not None:
        return _bridge(host, selection, selection.bridge)
    return _everything(host, selection)


def _guest(host: "Host", selection: Selection, name: str) -> tuple[Target, ...]:
    if isinstance(host.domains, Missing):
        if host.domains.status != "absent":
            return (Target(id=name or "guests", kind="guests", guest=name),)
        raise SelectionError(f"guest {short(name)} cannot be looked up: {host.domains.why}", host.domains.would_help)
    domain = next((domain for domain in host.domains if name in {domain.name, domain.uuid}), None)
    if domain is None:
        raise _no_such(host, "domain", "guest", name, [domain.name for domain in host.domains])
    if not domain.nics:
        raise SelectionError(
            f"guest {short(name)} has no network interface", "give it one: virsh attach-interface, or edit its XML"
        )
    return tuple(_nic_target(host, selection, domain, nic) for nic in domain.nics)


def _no_such(host: "Host", kind: str, noun: str, name: str, known: list[str]) -> SelectionError:
    """The error for a name that is not among the known ones: it was not understood, or there is one like it."""
    strange = host.not_understood(kind, name)
    if strange is not None:
        return SelectionError(
            f"{noun} {short(name)} is here and was not understood: {strange.why}", f"look at {strange.origin}"
        )
    import difflib

    near = difflib.get_close_matches(name[:LONGEST], known, n=_MOST_NAMES)
    others = sorted({*known} - {*near})[: _MOST_NAMES - len(near)]
    names = ", ".join(short(entry) for entry in (*near, *others)) or "none at all"
    left = len(known) - len(near) - len(others)
    more = f" and {left} more" if left else ""
    return SelectionError(f"there is no {noun} {short(name)} on this host", f"{noun}s here: {names}{more}")


def _network(host: "Host", selection: Selection, name: str) -> tuple[Target, ...]:
    if isinstance(host.networks, Missing):
        if host.networks.status != "absent":
            return (Target(id=f"network/{name}", kind="network", network=name),)
        raise SelectionError(
            f"network {short(name)} cannot be looked up: {host.networks.why}", host.networks.would_help
        )
    network = host.network(name)
    if network is None:
        raise _no_such(host, "network", "network", name, [network.name for network in host.networks])
    guests = tuple(target for target in _guest_targets(host, selection) if target.network == name)
    if selection.alone:
        return (_network_target(selection, network),)
    return guests or (_network_target(selection, network),)


def _bridge(host: "Host", selection: Selection, name: str) -> tuple[Target, ...]:
    network = host.network_on(name)
    if isinstance(host.bridges, Missing) and network is None and name not in _unseen_bridges(host):
        raise SelectionError(f"bridge {short(name)} cannot be looked up: {host.bridges.why}", host.bridges.would_help)
    strange = host.not_understood("bridge", name)
    if host.bridge(name) is None and network is None and strange is None and name not in _unseen_bridges(host):
        raise _no_such(host, "bridge", "bridge", name, _names_of_bridges(host))
    found = (*_guest_targets(host, selection), *_tap_targets(host, selection))
    plugged = () if selection.alone else tuple(target for target in found if target.bridge == name)
    return plugged or (_bridge_target(selection, name, network),)


def _unseen_bridges(host: "Host") -> tuple[str, ...]:
    """Devices that are bridges, of which no more could be learned."""
    if not isinstance(host.bridges, Missing) or isinstance(host.links, Missing):
        return ()
    return tuple(link.name for link in host.links if link.kind == "bridge")


def _names_of_bridges(host: "Host") -> list[str]:
    return [] if isinstance(host.bridges, Missing) else [bridge.name for bridge in host.bridges]


def _everything(host: "Host", selection: Selection) -> tuple[Target, ...]:
    found = [] if selection.alone else [*_guest_targets(host, selection), *_tap_targets(host, selection)]
    covered = {target.bridge for target in found}
    for network in () if isinstance(host.networks, Missing) else host.networks:
        if (network.active or network.autostart) and network.bridge and network.bridge not in covered:
            found.append(_network_target(selection, network))
            covered.add(network.bridge)
    for name in _names_of_bridges(host) or _unseen_bridges(host):
        if name not in covered and not re.fullmatch(_CONTAINER_BRIDGE, name):
            found.append(_bridge_target(selection, name, None))
    strange = (entry.name for entry in host.unmodelled if entry.kind == "bridge" and entry.name not in covered)
    found += [_bridge_target(selection, name, host.network_on(name)) for name in strange]
    if isinstance(host.domains, Missing) and host.domains.status != "absent" and not selection.alone:
        found.append(Target(id="guests", kind="guests"))
    return tuple(found)


def _guest_targets(host: "Host", selection: Selection) -> tuple[Target, ...]:
    domains = () if isinstance(host.domains, Missing) else host.domains
    return tuple(_nic_target(host, selection, domain, nic) for domain in domains for nic in domain.nics)


def _nic_target(host: "Host", selection: Selection, domain: "Domain", nic: "Nic") -> Target:
    client, why = client_of(host, domain, nic, selection.client)
    return Target(
        id=f"{domain.name}/{nic.mac or nic.position}",
        kind="nic",
        guest=domain.name,
        uuid=domain.uuid or None,
        mac=nic.mac or None,
        tap=nic.tap if domain.running else None,
        bridge=host.bridge_of(nic),
        network=nic.source if nic.kind == "network" else None,
        client=client,
        client_why=why,
        running=domain.running,
        direct=Direct(nic.lower, nic.mode) if nic.kind == "direct" and nic.lower else None,
        arch=domain.arch,
        secure_boot=secure_boot_of(host, domain).on,
    )


def _tap_targets(host: "Host", selection: Selection) -> tuple[Target, ...]:
    """Taps on a bridge that no domain claims: QEMU started by hand, Proxmox, Firecracker."""
    domains = () if isinstance(host.domains, Missing) else host.domains
    claimed = {nic.tap for domain in domains if domain.running for nic in domain.nics}
    links = () if isinstance(host.links, Missing) else host.links
    return tuple(_tap_target(host, selection, link) for link in links if _is_guest_tap(host, link, claimed))


def _is_guest_tap(host: "Host", link: "Link", claimed: set[str | None]) -> bool:
    # libvirt before 9 parks a tap `virbr0-nic` on its bridges; nobody is behind a tap that is down, or that no program
    # holds open.
    plugged = link.master is not None and host.bridge(link.master) is not None
    held = link.up and link.carrier
    return link.is_tap and plugged and held and link.name not in claimed and not link.name.endswith("-nic")


def _tap_target(host: "Host", selection: Selection, link: "Link") -> Target:
    network = host.network_on(link.master or "")
    return Target(
        id=f"tap/{link.name}",
        kind="tap",
        tap=link.name,
        bridge=link.master,
        network=network.name if network else None,
        client=selection.client,
        client_why="--client" if selection.client else "",
        running=True,
    )


def _network_target(selection: Selection, network: "Network") -> Target:
    return Target(
        id=f"network/{network.name}",
        kind="network",
        bridge=network.bridge or None,
        network=network.name,
        client=selection.client,
        client_why="--client" if selection.client else "",
    )


def _bridge_target(selection: Selection, name: str, network: "Network | None") -> Target:
    return Target(
        id=f"bridge/{name}",
        kind="bridge",
        bridge=name,
        network=network.name if network else None,
        client=selection.client,
        client_why="--client" if selection.client else "",
    )
