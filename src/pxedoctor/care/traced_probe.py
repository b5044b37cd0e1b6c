"""Probes targets while their packets are watched: one after the other, each with a trace of its own."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import msgspec

from pxedoctor.access.answer import Access
from pxedoctor.care.beside import Beside
from pxedoctor.care.examine import Looked
from pxedoctor.care.probing import Probing, Seen, can_be_asked_for, probe_targets
from pxedoctor.care.tracing import Tracing, left_out, wish_of
from pxedoctor.model.host import Host
from pxedoctor.model.source import Source
from pxedoctor.model.target import Target
from pxedoctor.model.traced import Traced
from pxedoctor.probe.identity import mac_of_this_host
from pxedoctor.trace.watching import Watching
from pxedoctor.trace.wish import TraceError

# Longer than any probe's patience: it is ended when the probe has ended.
_MOST_SECONDS = 600.0
# Firmware's longest questions have some 600 bytes (UEFI's with HTTP); what is bulk has the MTU's length.
_LONGER_THAN, _LENGTHS = 700, 500


def probe_traced(
    access: Access, looked: Looked, probing: Probing, collected_at: str
) -> tuple[Seen, tuple[Traced, ...]]:
    """What the probes saw, and what was seen of them. Where nobody can watch, the probe is made all the same."""
    host = looked.gathered.host
    seen: list[Seen] = []
    traces: list[Traced] = []
    refused: list[Source] = []
    for target in looked.targets:
        if target.bridge is None or not can_be_asked_for(host, target):
            seen.append(probe_targets(host, (target,), probing))
            continue
        try:
            told, traced = _one(access, looked, target, probing, collected_at)
        except TraceError as error:
            refused.append(Source(name="trace", status="failed", why=f"{error.message}; {error.would_help}"))
            told, traced = probe_targets(host, (target,), probing), None
        seen.append(told)
        traces += [traced] if traced is not None else []
    sources = [source for entry in seen for source in entry.sources]
    sources += [*refused, *([Source(name="trace", status="ok")] if traces else [])]
    return (
        Seen(
            observations=tuple(probed for entry in seen for probed in entry.observations),
            not_probed=tuple(missed for entry in seen for missed in entry.not_probed),
            sources=tuple(dict.fromkeys(sources)),
        ),
        tuple(traces),
    )


def _one(
    access: Access, looked: Looked, target: Target, probing: Probing, collected_at: str
) -> tuple[Seen, Traced | None]:
    tracing = Tracing(seconds=_MOST_SECONDS, begin=_nobody, mac=target.mac or mac_of_this_host())
    host = looked.gathered.host
    beside = Beside(access, host, target, tracing.without)
    length = _own_length(host, target)
    wish = wish_of(target, tracing, left_out(target, tracing, collected_at))
    probing = msgspec.structs.replace(probing, length=length)
    # The probe has a port of its own, which is not the guest's.
    wish = msgspec.structs.replace(wish, tap=None, length=length or None)
    with Watching(wish) as watching, ThreadPoolExecutor(1, "trace") as pool:
        running = pool.submit(watching.run, None)
        try:
            told = probe_targets(host, (target,), probing)
        finally:
            watching.stop()
        return told, beside.added(running.result())


def _own_length(host: Host, target: Target) -> int:
    """Longer than any firmware's question, and hardly another's; 0 where such a frame may not pass."""
    link = host.link(target.bridge or "")
    fits = link is not None and link.mtu >= _LONGER_THAN + _LENGTHS
    return _LONGER_THAN + secrets.randbelow(_LENGTHS) if fits else 0


def _nobody(_: Target) -> None:
    """For what is not told while it goes on."""
