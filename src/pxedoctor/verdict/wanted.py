"""Whether a guest of which a trace saw nothing wanted an address: silence alone is no fault, for nobody may have asked.

Its reset leaves no mark at its port, and its screen and its agent do not say since when they show what they show.
"""

from itertools import pairwise

from msgspec.structs import replace

from pxedoctor.findings.outcome import Hop
from pxedoctor.road.netboot import Netboot, netboot_of
from pxedoctor.verdict.trace import Trace

# After its start firmware asks within these: iPXE under SeaBIOS has given up within 22 s (lab/qemu_guest.py).
_FIRMWARE_SECONDS = 30.0
_NOT_KNOWN = (
    "whether it wanted an address then is not known: start or reset the guest while it is watched, or have its client "
    "ask; if that was done, it is the guest that does not ask"
)


def doubted(trace: Trace) -> Trace:
    """With a diagnosis beside it: that nothing left the guest is certain only where it wanted an address."""
    died = trace.died
    if died is None or died.packet is not None or died.hop is not Hop.NIC or not died.certain or _wanted(trace):
        return trace
    return replace(trace, died=replace(died, certain=False, words=f"{died.words}; {_NOT_KNOWN}"))


def _wanted(trace: Trace) -> bool:
    return any(word.asks for word in trace.words) or _is_explained(trace) or _started_to_boot(trace)


def _is_explained(trace: Trace) -> bool:
    """By a cause for which nothing can leave it."""
    found = () if trace.report is None else (entry.finding for entry in trace.report.findings)
    return any(
        trace.target in cause.targets and cause.broken.hop is Hop.NIC and cause.broken.severity == "broken"
        for cause in found
    )


def _started_to_boot(trace: Trace) -> bool:
    """Its port went and came back, long enough before the end, and its definition puts the network first."""
    own = [moment for moment in trace.states if moment.device == trace.tap]
    came = [later.at for before, later in pairwise(own) if before.state == "gone"]
    if not came or trace.seconds - came[-1] < _FIRMWARE_SECONDS or trace.facts is None or trace.report is None:
        return False
    target = next((entry.target for entry in trace.report.targets if entry.target.id == trace.target), None)
    return target is not None and netboot_of(trace.facts.host, target) in {Netboot.FIRST, Netboot.ALONE}
