"""Many probes at once, so that all of them take as long as the slowest server.

Those on one bridge share one port: the host changes less, and the kernel, which takes a tap away in some 20 ms, is not
kept busy with it. A bridge that runs STP would see a topology change with each new port, after which the LAN forgets
where its stations are. Those that fetch do so one after the other, because they all do it under the probe's one MAC,
which can have one lease and one place at a time.
"""

import asyncio
import resource
from collections.abc import Callable, Sequence

from pxedoctor.model.observation import Probed
from pxedoctor.probe.asking import Asking, ProbeError, Record, Tell
from pxedoctor.probe.one import plugged, probed
from pxedoctor.probe.port import Port

# The tap, its state, and those that come and go; beside them, what Python and a fetch have open.
_FILES_OF_A_PORT = 4
_OTHER_FILES = 128

Failed = Callable[[Asking, ProbeError], None]


async def together(
    askings: Sequence[Asking], tell: Tell, record: Record | None, failed: Failed | None
) -> tuple[Probed, ...]:
    """As `run.probe_all`, in an event loop."""
    found: dict[int, Probed] = {}

    async def run(group: list[int]) -> None:
        try:
            async with plugged([askings[number] for number in group], record) as port:
                await _at(port, [(number, askings[number]) for number in group], tell, found)
        except ProbeError as error:
            if failed is None:
                raise
            for number in group:
                if number not in found:
                    failed(askings[number], error)

    groups = _groups(askings)
    _allow_files(len(groups))
    try:
        async with asyncio.TaskGroup() as tasks:
            for group in groups:
                tasks.create_task(run(group))
    except BaseExceptionGroup as errors:
        first = next((error for error in errors.exceptions if isinstance(error, ProbeError)), errors.exceptions[0])
        raise first from errors
    return tuple(found[number] for number in sorted(found))


async def _at(port: Port, askings: list[tuple[int, Asking]], tell: Tell, found: dict[int, Probed]) -> None:
    """All askings of one port: one after the other where one of them fetches, else side by side."""
    if any(asking.fetch for _, asking in askings):
        for number, asking in askings:
            found[number] = await probed(port, asking, tell)
        return
    seen = await asyncio.gather(*(probed(port, asking, tell) for _, asking in askings))
    found |= {number: one for (number, _), one in zip(askings, seen, strict=True)}


def _groups(askings: Sequence[Asking]) -> list[list[int]]:
    """Numbers of the askings that share a port: those on one bridge, in its VLANs, from one source."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, asking in enumerate(askings):
        key = (asking.bridge, asking.direct, asking.netns, asking.offload, asking.mac, asking.on_wire, asking.vlans)
        groups.setdefault(key, []).append(number)
    return list(groups.values())


def _allow_files(ports: int) -> None:
    """Lets this process have the files that so many ports need, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ports * _FILES_OF_A_PORT + _OTHER_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
