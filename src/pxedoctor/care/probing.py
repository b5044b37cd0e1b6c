"""Probes targets: which of them, in whose name, as which client; what came back, or why nothing could.

1. A target on a bridge that exists is asked for once, in its guest's name.
2. A target on no such bridge is not probed, and is no gap: its diagnosis says what is wrong with the bridge.
3. A probe that cannot be made is told, with the reason, and ends no other.
"""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from pxedoctor.dialogue.machine import on_machine
from pxedoctor.dialogue.profile import Profile, Profile6
from pxedoctor.dialogue.profiles import ipxe
from pxedoctor.model.bridge import PortVlans
from pxedoctor.model.client import Client
from pxedoctor.model.observation import Happening, Probed
from pxedoctor.model.source import Source
from pxedoctor.model.target import Target
from pxedoctor.probe.asking import Asking, ProbeError, Record, Tell
from pxedoctor.road.segments import vlans_of_port
from pxedoctor.verdict.probe import NotProbed, Probes

if TYPE_CHECKING:
    from pxedoctor.model.host import Host

# A dnsmasq that pings an address before it offers it takes 3 s (dhcp-protocol.h PING_WAIT): a second server may, too.
_LISTENS_SECONDS = 4.0

# What will be asked, and on which bridges that is a change of topology.
Begin = Callable[[Sequence[tuple[Target, Asking]], frozenset[str]], None]


def tell_nobody(_: Happening) -> None:
    """A Tell for whoever wants the end of it alone."""


class Probing(msgspec.Struct, frozen=True, kw_only=True):
    """How a person wants to probe, in the words of `Asking`. `profile` None: that of the target's client."""

    profile: Profile | Profile6 | None = None
    fetch: bool = False
    quick: bool = False
    on_wire: bool = False
    vlan: int | None = None
    mac: str | None = None
    netns: str = ""
    yes: bool = False
    length: int = 0
    tell: Tell = tell_nobody
    record: Record | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the probes saw, and which could not be made."""

    observations: tuple[Probed, ...]
    not_probed: tuple[NotProbed, ...]
    sources: tuple[Source, ...] = ()


def profile_for(client: Client | None, arch: str = "") -> Profile:
    """The profile of a client on this machine; the default's for one that has none, or that nobody knows."""
    if client is not None:
        # All profiles are 20 modules.
        from pxedoctor.dialogue.profiles.registry import profile_of

        found = profile_of(client.name, 4, arch)
        if isinstance(found, Profile):
            return found
    # Where nobody can tell who will ask: the network boot that most hosts of guests see.
    return ipxe.PROFILE


def _named(profile: Profile | Profile6 | None, arch: str) -> Profile | Profile6 | None:
    """What a person named, on the guest's machine; as it stands where that is not known, or has no such client."""
    found = on_machine(profile, arch) if profile is not None and arch else profile
    return profile if isinstance(found, str) else found


def asking_of(target: Target, probing: Probing, number: int = 0, vlans: PortVlans = "as-made") -> Asking:
    """What is asked for a target that is on a bridge. `number` keeps the names of several ports apart.

    `vlans`: what its port belongs to, where the bridge filters by VLAN and nobody named one.
    """
    from pxedoctor.probe.identity import mac_of_this_host

    own = mac_of_this_host()
    return Asking(
        target=target.id,
        bridge=target.bridge or (target.direct.lower if target.direct else ""),
        direct=target.direct.mode if target.direct and not target.bridge else "",
        profile=_named(probing.profile, target.arch) or profile_for(target.client, target.arch),
        chaddr=probing.mac or target.mac or own,
        mac=own,
        # At most 15 characters (IFNAMSIZ); the largest process number has seven digits.
        tap=f"pxp{os.getpid()}n{number}",
        machine=_uuid(target.uuid),
        secure_boot=target.secure_boot,
        offload=target.client is not None and not target.client.firmware,
        fetch=probing.fetch,
        quick=probing.quick,
        on_wire=probing.on_wire,
        vlan=probing.vlan,
        vlans=vlans if probing.vlan is None else "as-made",
        netns=probing.netns,
        length=probing.length,
        listens=0.0 if probing.quick else _LISTENS_SECONDS,
    )


def asking_on(host: "Host", target: Target, probing: Probing, number: int = 0) -> Asking:
    """As `asking_of`, with a port in the VLANs of the target's own."""
    bridge = host.bridge(target.bridge or "")
    return asking_of(target, probing, number, vlans_of_port(bridge, target) if bridge is not None else "as-made")


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def can_be_asked_for(host: "Host", target: Target) -> bool:
    """It is on a bridge, or on a part of a device, and the host has that now."""
    if target.bridge:
        return host.bridge(target.bridge) is not None
    return target.direct is not None and host.link(target.direct.lower) is not None


def probe_targets(host: "Host", targets: Sequence[Target], probing: Probing) -> Seen:
    """Probes each target whose bridge exists; what came of it stands among the sources of a diagnosis, too."""
    plugged = [target for target in targets if can_be_asked_for(host, target)]
    if not plugged:
        why = "nothing that was asked about is on a bridge, or on a device below macvtaps, that exists now"
        source = Source(name="probe", status="absent", why=why)
        return Seen(observations=(), not_probed=(), sources=(source,))
    askings = tuple(asking_on(host, target, probing, number) for number, target in enumerate(plugged))
    seen = run(askings, probing)
    return msgspec.structs.replace(seen, sources=_sources(seen))


def _sources(seen: Seen) -> tuple[Source, ...]:
    """One for what was seen, and one for each reason why some could not be."""
    reasons = {(entry.message, entry.forbidden): entry.would_help for entry in seen.not_probed}
    missing = tuple(
        Source(name="probe", status="forbidden" if forbidden else "failed", why=f"{why}; {help_}" if help_ else why)
        for (why, forbidden), help_ in reasons.items()
    )
    return (*((Source(name="probe", status="ok"),) if seen.observations else ()), *missing)


def run(askings: Sequence[Asking], probing: Probing) -> Seen:
    """All of them at once, the answers in the order of the askings. Ctrl-C takes the ports out, and is raised."""
    from pxedoctor.probe.run import probe_all

    not_probed: list[NotProbed] = []

    def failed(asking: Asking, error: ProbeError) -> None:
        not_probed.append(_refused(asking, error))

    seen = probe_all(askings, probing.tell, probing.record, failed)
    return Seen(observations=seen, not_probed=tuple(not_probed))


def probe_bridge(bridge: str, probing: Probing, begin: Begin) -> Probes:
    """A bridge alone, without a look at the host: for whoever wants an answer in a second, or in another namespace."""
    target = Target(id=f"bridge/{bridge}", kind="bridge", bridge=bridge)
    asking = asking_of(target, probing)
    begin([(target, asking)], frozenset())
    seen = run([asking], probing)
    return Probes(seen=seen.observations, not_probed=seen.not_probed)


def _refused(asking: Asking, error: ProbeError) -> NotProbed:
    return NotProbed(
        target=asking.target,
        bridge=asking.bridge,
        message=error.message,
        would_help=error.would_help,
        forbidden=os.geteuid() != 0,
    )
