"""Probes by the count, run inside a site for `bench_probe`: one JSON object of figures on standard output.

bench_prober.py latency BRIDGE RUNS       "verdicts": the wall clock's time at each
bench_prober.py many BRIDGES EACH         "seconds", "offered", "waited" (of the slowest), "memory" in MiB
bench_prober.py read SERVER FILE WINDOW   "seconds" of the transfer, "bytes", "memory"
"""

import asyncio
import json
import resource
import sys
import time
from ipaddress import IPv4Address

STARTED = time.perf_counter()

from msgspec.structs import replace  # noqa: E402

from pxedoctor.dialogue.profiles import ipxe, ovmf  # noqa: E402
from pxedoctor.model.observation import Probed  # noqa: E402
from pxedoctor.probe.asking import Asking  # noqa: E402
from pxedoctor.probe.bootfile import BootFile  # noqa: E402
from pxedoctor.probe.lease import Lease  # noqa: E402
from pxedoctor.probe.neighbours import Neighbours  # noqa: E402
from pxedoctor.probe.notes import Notes  # noqa: E402
from pxedoctor.probe.one import plugged  # noqa: E402
from pxedoctor.probe.reading import Reading  # noqa: E402
from pxedoctor.probe.run import probe, probe_all  # noqa: E402
from pxedoctor.probe.station import Station  # noqa: E402

IMPORTED = time.perf_counter()
_MAC = "02:70:78:0d:0d:0d"
_CLIENT = IPv4Address("192.168.160.200")


def asking(bridge: str, number: int = 0) -> Asking:
    mac = f"52:54:00:0d:{number >> 8:02x}:{number & 0xFF:02x}"
    return Asking(
        target="bench", bridge=bridge, profile=ipxe.PROFILE, chaddr=mac, mac=_MAC, tap=f"bp{number}", quick=True
    )


def latency(bridge: str, runs: int) -> dict[str, object]:
    verdicts = []
    for _ in range(runs):
        asyncio.run(probe(asking(bridge), lambda _: None))
        verdicts.append(time.time())
    return {"verdicts": verdicts}


def many(bridges: list[str], each: int) -> dict[str, object]:
    askings = [asking(bridge, at * each + number) for at, bridge in enumerate(bridges) for number in range(each)]
    began = time.perf_counter()
    found = probe_all(askings, lambda _: None)
    return {
        "seconds": time.perf_counter() - began,
        "import": IMPORTED - STARTED,
        "offered": sum(probed.outcome == "offered" for probed in found),
        "waited": max(map(waited, found)),
    }


def waited(probed: Probed) -> float:
    return probed.offers[0].at - probed.sent[0].at if probed.offers else float("inf")


async def read(bridge: str, server: str, file: str, window: str) -> dict[str, object]:
    known = ipxe.PROFILE.tftp
    if known is None:
        raise SystemExit("iPXE knows TFTP")
    habits = replace(known, options=(("blksize", "1468"), ("windowsize", window)))
    asked = replace(asking(bridge), profile=replace(ovmf.PROFILE, tftp=habits))
    async with plugged((asked,)) as port:
        port.hears.add(bytes.fromhex(_MAC.replace(":", "")))
        station = Station(port, _MAC, None)
        neighbours = Neighbours(station)
        lease = Lease(address=_CLIENT, prefix=24, gateway=None, dns=(), domain="")
        neighbours.own, neighbours.next_hop = lease.address, lease.next_hop
        reading = Reading(station, neighbours.send, Notes(asked, lambda _: None, lambda: port.now), _CLIENT)
        began = time.perf_counter()
        seen = await reading.read(
            BootFile(url=f"tftp://{server}/{file}", server=IPv4Address(server), path=file), habits
        )
        seconds = time.perf_counter() - began
        neighbours.close()
        station.close()
    return {"seconds": seconds, "bytes": seen.received, "outcome": seen.outcome, "why": seen.why}


def main(words: list[str]) -> None:
    match words:
        case ["latency", bridge, runs]:
            figures = latency(bridge, int(runs))
        case ["many", bridges, each]:
            figures = many(bridges.split(","), int(each))
        case ["read", bridge, server, file, window]:
            figures = asyncio.run(read(bridge, server, file, window))
        case _:
            raise SystemExit(__doc__)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**figures, "memory": memory}))


if __name__ == "__main__":
    main(sys.argv[1:])
