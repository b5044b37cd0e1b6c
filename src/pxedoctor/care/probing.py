"""Probes the targets of a diagnosis: which of them, in whose name, as which client, and why one cannot be.

1. A target on a bridge that exists is asked for once, in its guest's name.
2. A target on no such bridge is not probed, and is no gap: its diagnosis says what is wrong with the bridge.
3. A probe that cannot be made is a source that was failed or forbidden, with the reason, and never ends the diagnosis.
"""

import importlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import msgspec

from pxedoctor.dialogue.profile import Profile
from pxedoctor.dialogue.profiles import profile_named
from pxedoctor.model.client import Client
from pxedoctor.model.host import Host
from pxedoctor.model.observation import Happening, Probed
from pxedoctor.model.source import Source
from pxedoctor.model.target import Target
from pxedoctor.probe.asking import Asking, ProbeError, Record, Tell

# What is acted where nobody can tell who will ask: the network boot that most hosts of guests see.
_DEFAULT_PROFILE = "ipxe"
# A dnsmasq that pings an address before it offers it takes 3 s (dhcp-protocol.h PING_WAIT): a second server may, too.
_LISTENS_SECONDS = 4.0


def tell_nobody(_: Happening) -> None:
    """A Tell for whoever wants the end of it alone."""


class Probing(msgspec.Struct, frozen=True, kw_only=True):
    """How a person wants to probe, in the words of `Asking`. `profile` None: that of the target's client."""

    profile: Profile | None = None
    fetch: bool = False
    quick: bool = False
    on_wire: bool = False
    vlan: int | None = None
    mac: str | None = None
    netns: str = ""
    tell: Tell = tell_nobody
    record: Record | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the probes saw, and what stands among the sources of the diagnosis."""

    observations: tuple[Probed, ...]
    sources: tuple[Source, ...]


def profile_for(client: Client | None) -> Profile:
    """The profile of a client; the default's for one that has none, or that nobody knows."""
    found = profile_named(client.name) if client is not None else None
    found = found or profile_named(_DEFAULT_PROFILE)
    if found is None:
        raise LookupError(_DEFAULT_PROFILE)
    return found


def asking_of(target: Target, probing: Probing, number: int = 0) -> Asking:
    """What is asked for a target that is on a bridge. `number` keeps the names of several ports apart."""
    own = own_mac()
    return Asking(
        target=target.id,
        bridge=target.bridge or "",
        profile=probing.profile or profile_for(target.client),
        chaddr=probing.mac or target.mac or own,
        mac=own,
        tap=f"pxedoctor{number}",
        machine=_uuid(target.uuid),
        offload=target.client is not None and not target.client.firmware,
        fetch=probing.fetch,
        quick=probing.quick,
        on_wire=probing.on_wire,
        vlan=probing.vlan,
        netns=probing.netns,
        listens=0.0 if probing.quick else _LISTENS_SECONDS,
    )


def own_mac() -> str:
    """One fixed MAC of this host, locally administered: switches and servers see one stranger, not many."""
    try:
        machine = Path("/etc/machine-id").read_bytes()
    except OSError:
        machine = b""
    digits = sha256(b"pxedoctor probe" + machine).hexdigest()
    return ":".join(["02", *(digits[at : at + 2] for at in range(0, 10, 2))])


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def probe_targets(host: Host, targets: Sequence[Target], probing: Probing) -> Seen:
    """Probes each target whose bridge exists."""
    plugged = [target for target in targets if target.bridge and host.bridge(target.bridge) is not None]
    if not plugged:
        why = "nothing that was asked about is on a bridge that exists now"
        return Seen(observations=(), sources=(Source(name="probe", status="absent", why=why),))
    askings = [asking_of(target, probing, number) for number, target in enumerate(plugged)]
    try:
        seen = run(askings, probing.tell, probing.record)
    except ProbeError as error:
        return Seen(observations=(), sources=(Source(name="probe", status="failed", why=error.message),))
    except PermissionError as error:
        return Seen(observations=(), sources=(Source(name="probe", status="forbidden", why=str(error)),))
    except OSError as error:
        return Seen(observations=(), sources=(Source(name="probe", status="failed", why=str(error)),))
    return Seen(observations=seen, sources=(Source(name="probe", status="ok"),))


def run(askings: Sequence[Asking], tell: Tell, record: Record | None) -> tuple[Probed, ...]:
    """Imported when it is wanted: a diagnosis without a probe needs no event loop."""
    try:
        runner = importlib.import_module("pxedoctor.probe.run")
    except ModuleNotFoundError as error:
        raise ProbeError("this pxedoctor has no probe yet", "") from error
    seen: tuple[Probed, ...] = runner.probe_all(askings, tell, record)
    return seen
