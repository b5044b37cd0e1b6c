"""Large rulesets on a real kernel: the whole diagnosis of a libvirt host that also has them, in a site of its own.

Each host is diagnosed as healthy, or the run ends: the rules accept nothing and drop nothing of ours.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bench_parse
import bench_rulesets
from bench_measure import Pair, Run, interleaved, repeated, timed, weigh, weighed

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import libvirt_site
from pxedoctor.lab.site import Site

SAVE = "iptables-nft-save"


@contextmanager
def host(rules: str, load: tuple[str, ...]) -> Iterator[Site]:
    with open_site() as site:
        libvirt_site(site)
        site.write("/tmp/rules", rules)
        site.run(*load, "/tmp/rules")
        told = site.doctor("diagnose")
        if told.exit_code != 0:
            raise SystemExit(f"the bench host is not healthy: {json.dumps(told.document, indent=1)[:2000]}")
        yield site


def diagnosis(site: Site) -> Callable[[], Run]:
    command = site.command(*weighed("diagnose", "--json"))
    return lambda: weigh(command)


def against_save(chains: int, rules: int, runs: int) -> Pair:
    """`diagnose` against `iptables-save` alone, which it has to run as well."""
    with host(bench_rulesets.iptables(chains, rules), ("iptables-nft-restore", "--noflush")) as site:
        return interleaved(diagnosis(site), lambda: timed(site.command(SAVE)), runs)


def of_native(tables: int, rules: int, hooked: int, runs: int) -> tuple[Run, Run]:
    """`diagnose`, and the same on the host without these rules: what they cost is the difference."""
    with host(bench_rulesets.native(tables, rules, hooked), ("nft", "-f")) as site:
        ours = repeated(diagnosis(site), runs)
    with host("", ("nft", "-f")) as site:
        return ours, repeated(diagnosis(site), runs)


def parsing(chains: int, rules: int, runs: int) -> dict[str, float]:
    """Medians of bench_parse.py's figures for iptables-save's text, and the time that iptables-save takes itself."""
    with host(bench_rulesets.iptables(chains, rules), ("iptables-nft-restore", "--noflush")) as site:
        site.run("sh", "-c", f"{SAVE} >/tmp/saved")
        found: list[dict[str, Any]] = []
        saves: list[Run] = []
        for _ in range(runs):
            saves.append(timed(site.command(SAVE)))
            found.append(parsed(site, "save", "/tmp/saved"))
    return medians(found) | {"save": sorted(run.seconds for run in saves)[len(saves) // 2]}


def parsing_text(megabytes: int, runs: int) -> dict[str, float]:
    """Of `nft -a list ruleset`, with so many megabytes of text."""
    one = len(bench_rulesets.native(1, 1000, 1)) * 1.4
    tables = int(megabytes * 1e6 / one) + 1
    with host(bench_rulesets.native(tables, 1000, tables), ("nft", "-f")) as site:
        texts = "; ".join(f"nft -a list table ip t{number}" for number in range(tables))
        site.run("sh", "-c", f"({texts}) >/tmp/saved")
        return medians([parsed(site, "text", "/tmp/saved") for _ in range(runs)])


def parsed(site: Site, kind: str, path: str) -> dict[str, Any]:
    script = Path(bench_parse.__file__)
    site.write("/tmp/bench_parse.py", script.read_text(encoding="utf-8"))
    figures: dict[str, Any] = json.loads(site.run(sys.executable, "/tmp/bench_parse.py", kind, path))
    return figures


def medians(found: list[dict[str, Any]]) -> dict[str, float]:
    return {key: float(sorted(entry[key] for entry in found)[len(found) // 2]) for key in found[0]}
