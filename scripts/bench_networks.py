"""The keeper on a host with many of libvirt's own networks: what it weighs, costs at rest, and how soon it speaks.

    scripts/bench_networks.py [COUNT [REST_SECONDS]]            500 networks and a minute where nothing is said

Each network is a real one, started by a site's libvirtd: a bridge, a dnsmasq and some twelve rules. Starting ends at
COUNT, after ten minutes, or when the machine has less than a quarter of its memory left, whatever comes first; the
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
from pxedoctor.lab.parts import start_libvirt
from pxedoctor.lab.site import Site
from pxedoctor.lab.watched import watched

COUNT = 500
REST_SECONDS = 60.0
_TIMES = 5
_AT_ONCE = 10
_START_SECONDS = 600.0
_WORD_SECONDS = 60.0
_DROP = "-p udp --dport 67 -j DROP"


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the commit that a witness saw to the first word, and to the last; `words`: how many came."""

    first: float
    last: float
    words: int


def bridge(site: Site, number: int) -> str:
    return site.device(f"n{number}x")


def definition(site: Site, number: int) -> str:
    subnet = f"10.{number // 250 + 50}.{number % 250}"
    return f"""\
<network>
  <name>net{number}</name>
  <forward mode='nat'/>
  <bridge name='{bridge(site, number)}' stp='off'/>
  <ip address='{subnet}.1' netmask='255.255.255.0'>
    <dhcp><range start='{subnet}.10' end='{subnet}.99'/></dhcp>
  </ip>
</network>
"""


def start_networks(site: Site, count: int) -> int:
    """How many were started in the time."""
    started, done = time.monotonic(), 0
    while done < count and time.monotonic() - started < _START_SECONDS and _memory_left() > 0.25:
        some = range(done, min(count, done + _AT_ONCE))
        for number in some:
            site.write(f"/tmp/net{number}.xml", definition(site, number))
        words = "".join(f"net-define /tmp/net{number}.xml\nnet-start net{number}\n" for number in some)
        site.write("/tmp/networks", words)
        site.ask("sh", "-c", "virsh -q < /tmp/networks", seconds=_START_SECONDS)
        done = some.stop
    return done


def _memory_left() -> float:
    """The part of the machine's memory that is available (proc_meminfo(5))."""
    with open("/proc/meminfo", encoding="ascii") as file:
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in file}
    return sizes["MemAvailable"] / sizes["MemTotal"]


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
        start_libvirt(site)
        started = time.monotonic()
        count = start_networks(site, count)
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
