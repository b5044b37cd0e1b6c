"""How long the keeper's judge takes on a host with many bridges, by what has changed. `bench.py bridges`."""

import statistics
from collections.abc import Iterator

import msgspec

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.many_bridges import Judge, bridges, judging
from pxedoctor.lab.site import Site

COUNTS = (100, 500)
_RULES = ("netfilter",)
_TIMES = 5


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds`: the median of `_TIMES`, reading included. `targets`: how many were judged each time."""

    what: str
    seconds: float
    targets: int


def measured(count: int) -> Iterator[Judged]:
    with open_site() as site:
        names = bridges(site, count)
        site.run("iptables", "-P", "INPUT", "ACCEPT")
        with judging(site) as judge:
            first = judge.ask()
            yield Judged(what="everything, the first time", seconds=first.seconds, targets=first.judged)
            yield _repeated(site, judge, "a rule that nobody meets", ("-s", "198.51.100.7"))
            dhcp = ("-p", "udp", "--dport", "67")
            yield _repeated(site, judge, "a DROP for one bridge", ("-i", names[count // 2], *dhcp))
            yield _repeated(site, judge, "a DROP for all", dhcp)
            again = judge.ask()
            yield Judged(what="everything read again, nothing changed", seconds=again.seconds, targets=again.judged)


def _repeated(site: Site, judge: Judge, what: str, rule: tuple[str, ...]) -> Judged:
    found = []
    for _ in range(_TIMES):
        site.run("iptables", "-I", "INPUT", *rule, "-j", "DROP")
        found.append(judge.ask(_RULES))
        site.run("iptables", "-D", "INPUT", *rule, "-j", "DROP")
        judge.ask(_RULES)
    return Judged(what=what, seconds=statistics.median(one.seconds for one in found), targets=found[-1].judged)


def main() -> None:
    for count in COUNTS:
        for one in measured(count):
            print(f"{count} bridges, {one.what:<42}{one.seconds * 1000:8.0f} ms, {one.targets} judged", flush=True)


if __name__ == "__main__":
    main()
