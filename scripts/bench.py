"""The published figures, measured in one run on one machine: `make bench`.

    bench.py [start] [guests] [many] [rules] [parse] [growth] [bridges] [networks] [watch] [idle] [probe] [repairs]

Without a name, all of them.

Every figure is the median of interleaved runs: A, B, A, B, so that a machine that slows down slows both. Hosts are
sites of the lab. docs/benchmarks.md says what each figure means and what it was.
"""

import compileall
import sys
from functools import partial
from pathlib import Path

import bench_bridges
import bench_growth
import bench_networks
import bench_probe
import bench_repairs
import bench_rules
import bench_watch
from bench_growth import Point
from bench_guests import FEW, MANY, Size, whole_diagnosis
from bench_measure import Pair, Run, interleaved, timed

import pxedoctor

RUNS = 21
RULES_RUNS = 7
MANY_RUNS = 5


def start() -> None:
    command = [sys.executable, "-m", "pxedoctor", "--version"]
    pair = interleaved(lambda: timed(command), lambda: timed([sys.executable, "-c", "pass"]), RUNS)
    told("pxedoctor --version", pair.ours, "python -c pass", pair.theirs, pair.ratio)
    cpu(pair)
    for words in (("--help",), ("explain", "bridge-forward-delay"), ("list",)):
        command = [sys.executable, "-m", "pxedoctor", *words]
        pair = interleaved(partial(timed, command), lambda: timed([sys.executable, "-c", "pass"]), RUNS)
        told(f"pxedoctor {' '.join(words)}", pair.ours, "python -c pass", pair.theirs, pair.ratio)
        cpu(pair)


def guests() -> None:
    _guests(FEW, RUNS)


def many() -> None:
    """Starting 200 guests takes minutes."""
    _guests(MANY, MANY_RUNS)


def _guests(size: Size, runs: int) -> None:
    pair, count = whole_diagnosis(size, runs)
    told(f"diagnose, {size.guests} guests", pair.ours, f"its {count} commands", pair.theirs, pair.ratio)
    cpu(pair)


def rules() -> None:
    pair = bench_rules.against_save(500, 100, RULES_RUNS)
    told("diagnose, 50,000 iptables rules", pair.ours, bench_rules.SAVE, pair.theirs, pair.ratio)
    allowed = 1.6 * pair.theirs + 0.7
    print(f"    allowed 1.6 x {bench_rules.SAVE} + 0.7 s = {allowed:.2f} s; {memory(pair)}")
    for tables, each, hooked, goal in ((100, 100, 1, 0.5), (100, 100, 100, 0.5), (100, 1000, 1, 1.5)):
        ours, bare = bench_rules.of_native(tables, each, hooked, RULES_RUNS)
        what = f"diagnose, {tables * each} nft rules in {tables} tables, {hooked} at a hook"
        told(what, ours.seconds, "without them", bare.seconds, ours.seconds / bare.seconds)
        print(
            f"    of processor time {ours.cpu:.2f} s, without them {bare.cpu:.2f} s; allowed {goal} s; {memory(ours)}"
        )


def parse() -> None:
    for chains, each in ((500, 100), (1000, 100)):
        found = bench_rules.parsing(chains, each, RULES_RUNS)
        whole = found["tables"] + found["rules"]
        told(
            f"reading {chains * each} saved rules, every one",
            whole,
            bench_rules.SAVE,
            found["save"],
            whole / found["save"],
        )
        print(f"    of it tables and chains alone {found['tables']:.3f} s; {found['memory']:.0f} MiB")
        packets = [found[key] * 1000 for key in ("packet", "packet_first", "packet_unread")]
        print(
            "    a packet through all hooks {:.2f} ms, the first {:.1f}, before any rule is read {:.1f}".format(
                *packets
            )
        )
    text = bench_rules.parsing_text(10, RULES_RUNS)
    whole = text["tables"] + text["rules"]
    print(f"nft -a list ruleset, {text['bytes'] / 1e6:.1f} MB: {text['bytes'] / 1e6 / whole:.2f} MB/s, every rule read")
    print(f"    {text['bytes'] / 1e6 / text['tables']:.1f} MB/s for tables and chains; {text['memory']:.0f} MiB")


def growth() -> None:
    points = bench_growth.grown(3)
    for point in points:
        told(
            f"diagnose, {point.rules:,} iptables rules",
            point.ours,
            bench_rules.SAVE,
            point.save,
            point.ours / point.save,
        )
        print(f"    {memory(point)}")
    bench_growth.write(points, Path(__file__).resolve().parents[1] / "docs" / "growth.svg")


def watch() -> None:
    bench_watch.main()


def idle() -> None:
    weight = bench_watch.idle(600)
    print(
        f"the keeper at rest for {weight.seconds:.0f} s: {weight.share:.2%} of a core, {weight.memory:.0f} MiB; "
        f"{weight.processes} processes were born on the machine meanwhile, and it hears of each"
    )


def told(what: str, ours: float, against: str, theirs: float, ratio: float) -> None:
    print(f"{what:<62}{ours * 1000:8.0f} ms   {against:<20}{theirs * 1000:7.0f} ms   ratio {ratio:.2f}", flush=True)


def cpu(pair: Pair) -> None:
    ours, theirs = pair.cpu_ours * 1000, pair.cpu_theirs * 1000
    print(f"    of processor time {ours:.0f} ms against {theirs:.0f} ms: {pair.cpu_ratio:.2f}", flush=True)


def memory(of: Run | Pair | Point) -> str:
    return f"memory {of.memory:.0f} MiB of 250; of the largest program that it runs {of.program:.0f} MiB"


def compiled() -> None:
    """Byte code for every module: an installed package has it, a checkout may not (PYTHONDONTWRITEBYTECODE)."""
    compileall.compile_dir(str(Path(pxedoctor.__file__).parent), quiet=1)


SECTIONS = {
    "start": start,
    "guests": guests,
    "many": many,
    "rules": rules,
    "parse": parse,
    "growth": growth,
    "bridges": bench_bridges.main,
    "networks": bench_networks.main,
    "watch": watch,
    "idle": idle,
    "probe": bench_probe.main,
    "repairs": bench_repairs.main,
}


def main(names: list[str]) -> None:
    unknown = set(names) - set(SECTIONS)
    if unknown:
        raise SystemExit(f"no such section: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    compiled()
    for name in names or SECTIONS:
        SECTIONS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
