"""For how much of a trace all look while a real guest (QEMU, SeaBIOS, iPXE) starts: others' packets pay then.

    .venv/bin/python scripts/bench_trace_duty.py      as root; some three minutes

A trace of 60 s of the guest, which starts with it: once it boots to its loader, once a rule of INPUT drops all it asks.
"""

import subprocess
import sys
import time

import msgspec

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST
from pxedoctor.lab.qemu_guest import boot, firmware_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracer import Saw
from pxedoctor.lab.tracing import mount_tracefs
from pxedoctor.road.ended_where import answered, death, lived
from pxedoctor.road.joined import joined

_SECONDS = 60.0


def main() -> None:
    with open_site() as site:
        mount_tracefs(site)
        firmware_site(site)
        _tell("it boots", _traced(site))
        site.run("iptables", "-I", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
        _tell("a rule of INPUT drops its DISCOVERs", _traced(site))


def _traced(site: Site) -> Saw:
    argv = site.command(sys.executable, "-m", "pxedoctor.lab.tracer", GUEST)
    tracer = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert tracer.stdout is not None
    tracer.stdout.readline()
    began = time.monotonic()
    boot(site)
    time.sleep(max(0.0, began + _SECONDS - time.monotonic()))
    said, _ = tracer.communicate(timeout=90)
    return msgspec.json.decode(said, type=Saw)


def _tell(what: str, saw: Saw) -> None:
    traced = saw.traced
    packets, end = death(lived(joined(traced), traced, saw.side), traced, saw.side)
    first = min((packet.at for packet in packets), default=0.0)
    rested = sum(until - since for since, until in traced.blind)
    before = sum(max(0.0, min(until, first) - since) for since, until in traced.blind)
    spoke = traced.seconds - first
    died = f"died: {end.kind} at {end.hop}" if end else "answered" if answered(packets) else "not answered"
    print(f"{what} ({died}, {len(packets)} packets):")
    print(f"  all looked for {traced.seconds - rested:.1f} of {traced.seconds:.1f} s,")
    print(f"  of that behind the guest's first word {spoke - (rested - before):.1f} of {spoke:.1f} s")


if __name__ == "__main__":
    main()
