"""The keeper on a host with many of libvirt's own networks: what it weighs, costs at rest, and how soon it speaks.

    scripts/bench_networks.py [COUNT [REST_SECONDS]]            500 networks and a minute where nothing is said

Each network is a real one, started by a site's libvirtd: a bridge, a dnsmasq and some twelve rules. Starting ends at
COUNT, after half an hour, or when the machine has less than a quarter of its memory left, whatever comes first; the
figures are of as many as there are then. A host of its own: an override is a DROP on top for one of the bridges, and
then for all of them.
"""

import os
import statistics
import sys
import time

import msgspec
from bench_watch import Kept, Lines, forks, memory
from soak_keeper import busy
from watch_witness import Witness

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.many_networks import bridge, networks
from pxedoctor.lab.site import Site
from pxedoctor.lab.watched import watched

COUNT = 500
REST_SECONDS = 60.0
_TIMES = 5
_START_SECONDS = 1800.0
_WORD_SECONDS = 300.0
_DROP = "-p udp --dport 67 -j DROP"


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the commit that a witness saw to the first word, and to the last; `words`: how many came."""

    first: float
    last: float
    words: int


def override(site: Site, kept: Kept, witness: Witness, where: str) -> Override:
    rule = f"INPUT {where} {_DROP}"
    witness.seen.clear()
    site.run("sh", "-c", f"iptables -I {rule}")
    came: list[float] = []
    while (said := kept.next(_WORD_SECONDS if not came else 1.0)) is not None:
        at, told = said
        if told["event"] == "appeared" and told["finding"]["severity"] == "broken":
            came.append(at)
    commit = witness.seen[0].at
    site.run("sh", "-c", f"iptables -D {rule}")
    while kept.broken and kept.next(_WORD_SECONDS) is not None:
        pass
    return Override(first=came[0] - commit, last=came[-1] - commit, words=len(came))


def main(count: int = COUNT, rest: float = REST_SECONDS) -> None:
    with open_site() as site:
        started = time.monotonic()
        count = networks(site, count, _START_SECONDS)
        rules = site.run("iptables-save").count("\n-A ")
        _say(f"{count} networks started in {time.monotonic() - started:.0f} s, {rules} rules")
        begun = time.monotonic()
        with watched(site) as keeper:
            _say(f"the keeper listens after {time.monotonic() - begun:.1f} s")
            kept, witness = Kept(Lines(keeper), keeper.pid), Witness(site.pid)
            try:
                _weighed(keeper.pid, rest)
                for what, where in (("one bridge", f"-i {bridge(site, count // 2)}"), ("all bridges", "")):
                    _overridden(site, kept, witness, what, where)
                _say(f"memory then: {memory(keeper.pid):.0f} MiB")
            finally:
                witness.close()


def _weighed(keeper: int, rest: float) -> None:
    _say(f"memory: {memory(keeper):.0f} MiB of the keeper and its judge")
    cost, born = busy(keeper), forks()
    time.sleep(rest)
    cost, born = busy(keeper) - cost, forks() - born
    _say(f"at rest for {rest:.0f} s: {100 * cost / rest:.2f} % of a core, {born} processes born on the machine")


def _overridden(site: Site, kept: Kept, witness: Witness, what: str, where: str) -> None:
    found = [override(site, kept, witness, where) for _ in range(_TIMES)]
    first = statistics.median(one.first for one in found) * 1000
    last = statistics.median(one.last for one in found) * 1000
    _say(f"a DROP for {what}: first word after {first:.0f} ms, the last of {found[-1].words} after {last:.0f} ms")


def _say(words: str) -> None:
    print(f"{words}; load {os.getloadavg()[0]:.0f}", flush=True)


if __name__ == "__main__":
    words = sys.argv[1:]
    main(int(words[0]) if words else COUNT, float(words[1]) if len(words) > 1 else REST_SECONDS)
