"""Every light fault of the lab that ends in a lost packet: where the tracer says it died, and where the fault was put.

    .venv/bin/python scripts/trace_table.py [--write] [--keep FOLDER] [CASE ...]      as root; some ten minutes

Each fault is put into a fresh site, a trace is begun, and the lab's own guest tries. What each witness saw is joined
with all of them, and then with each of them taken away. `--write` makes docs/trace-truth.md of it. `--keep` writes down
what the witnesses saw, one file a fault: a fault whose file is there is not put in again, but joined anew.
"""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import msgspec

from pxedoctor.care.tracing import told
from pxedoctor.lab.case import Case
from pxedoctor.lab.catalogue import faults
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracer import Saw
from pxedoctor.lab.tracing import mount_tracefs
from pxedoctor.model.traced import Traced, WitnessName
from pxedoctor.road.life import Death

PAGE = Path(__file__).parents[1] / "docs" / "trace-truth.md"
_READY_SECONDS = 90
_JOBS = 2

# Where each fault was put, by who put it: the packet, and the hop. Of the others none is lost on this host: their
# bridge does not exist, a server refuses or misleads, or what is lost comes after the first block of a file.
WHERE: dict[str, tuple[str, str]] = {
    "dhcp-server-dead": ("DISCOVER", "server"),
    "dhcp-server-dead-as-zombie": ("DISCOVER", "server"),
    "dhcp-server-dead-and-its-pid-reused": ("DISCOVER", "server"),
    "dhcp-port-taken-from-an-own-server": ("DISCOVER", "server"),
    "dhcp-not-configured": ("DISCOVER", "server"),
    "dhcp-not-configured-for-want-of-an-address": ("DISCOVER", "server"),
    "dhcp-not-configured-for-the-network-of-its-bridge": ("DISCOVER", "server"),
    "dhcp-pool-exhausted": ("DISCOVER", "server"),
    "dhcp-pool-exhausted-of-dhcpd": ("DISCOVER", "server"),
    "client-not-admitted": ("DISCOVER", "server"),
    "client-not-admitted-but-ignored": ("DISCOVER", "server"),
    "bridge-down": ("DISCOVER", "port"),
    "bridge-forward-delay": ("DISCOVER", "port"),
    "bridge-forward-delay-as-root-of-a-switch": ("DISCOVER", "port"),
    "bridge-forward-delay-of-ifupdown": ("DISCOVER", "port"),
    "stp-root-elsewhere": ("DISCOVER", "port"),
    "libvirt-rules-missing": ("DISCOVER", "input"),
    "libvirt-rules-missing-own-chain-flushed": ("DISCOVER", "input"),
    "libvirt-rules-missing-jumps-gone": ("DISCOVER", "input"),
    "firewalld-zone-lost": ("DISCOVER", "input"),
    "firewalld-zone-drop": ("DISCOVER", "input"),
    "firewalld-zone-without-dhcp": ("DISCOVER", "input"),
    "firewalld-zone-flushed-by-reload": ("DISCOVER", "input"),
    "firewalld-zone-host-bridge": ("DISCOVER", "input"),
    "bridged-frames-hit-forward": ("DISCOVER", "forward"),
    "bridged-frames-hit-forward-docker": ("DISCOVER", "forward"),
    "bridged-frames-hit-forward-ufw": ("DISCOVER", "forward"),
    "bridged-frames-hit-forward-firewalld": ("DISCOVER", "forward"),
    "libvirt-rules-stale-ifindex": ("DISCOVER", "input"),
    "rpfilter-drops-replies": ("OFFER", "prerouting"),
    "rpfilter-drops-replies-nft": ("OFFER", "prerouting"),
    "host-firewall-drops-dhcp": ("DISCOVER", "input"),
    "host-firewall-drops-dhcp-nftables-service": ("DISCOVER", "input"),
    "host-firewall-drops-dhcp-after-flush-ruleset": ("DISCOVER", "input"),
    "host-firewall-drops-dhcp-above-libvirt": ("DISCOVER", "input"),
    "host-firewall-drops-dhcp-nft-backend": ("DISCOVER", "input"),
    "host-firewall-drops-dhcpv6": ("SOLICIT", "input"),
    "host-firewall-drops-tftp": ("TFTP-RRQ", "input"),
    "host-firewall-drops-tftp-data": ("TFTP-DATA", "output"),
    "host-firewall-drops-http-boot": ("HTTP-SYN", "input"),
    "forwarded-boot-traffic-dropped": ("HTTP-SYN", "forward"),
    "forwarded-boot-traffic-dropped-tftp": ("TFTP-RRQ", "forward"),
    "ip-forwarding-off": ("HTTP-SYN", "route"),
    "dhcp-reply-dropped": ("OFFER", "output"),
    "dhcp-reply-dropped-by-ebtables": ("OFFER", "bridge-output"),
    "dhcp-reply-masqueraded": ("OFFER", "client"),
    "dhcp-reply-masqueraded-at-random": ("OFFER", "client"),
    "dhcp-reply-checksum-unfilled": ("OFFER", "client"),
    "port-not-forwarding-uplink-without-broadcasts": ("DISCOVER", "exit"),
    "port-not-forwarding-uplink-disabled": ("DISCOVER", "exit"),
    "conntrack-table-full": ("DISCOVER", "prerouting"),
    "boot-server-nobody-listens": ("TFTP-RRQ", "server"),
}
TAKEN_AWAY = (WitnessName.COUNTERS, WitnessName.FRAMES, WitnessName.RULES, WitnessName.KERNEL, WitnessName.SERVER)


class Row(NamedTuple):
    case: str
    put: tuple[str, str]
    died: Death | None
    without: dict[WitnessName, Death | None]
    error: str = ""
    saw: Saw | None = None

    @property
    def right(self) -> bool:
        return _same(self.put, self.died)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="CASE")
    parser.add_argument("--write", action="store_true", help="make docs/trace-truth.md")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="what was seen; go on with what is there")
    parser.add_argument("--jobs", type=int, default=_JOBS)
    asked = parser.parse_args()
    cases = [case for case in faults() if case.name in WHERE and (not asked.names or case.name in asked.names)]
    if asked.keep is not None:
        asked.keep.mkdir(parents=True, exist_ok=True)
    # Processes: who stands by for sites does one thing at a time.
    with ProcessPoolExecutor(asked.jobs) as pool:
        rows = [_shown(row) for row in pool.map(tried, (case.name for case in cases), repeat(asked.keep))]
    right = sum(row.right for row in rows)
    print(f"{right} of {len(rows)} right")
    if asked.write:
        PAGE.write_text(page(rows), encoding="utf-8")
    sys.exit(0 if right == len(rows) else 1)


def tried(name: str, keep: Path | None) -> Row:
    """One fault on a site of its own, or as it was seen before."""
    case = next(case for case in faults() if case.name == name)
    kept = None if keep is None else keep / f"{case.name}.json"
    try:
        if kept is not None and kept.exists():
            saw = msgspec.json.decode(kept.read_bytes(), type=Saw)
        else:
            saw = _put_in(case)
            if kept is not None:
                kept.write_bytes(msgspec.json.encode(saw))
    except Exception as error:
        return Row(case.name, WHERE[case.name], None, {}, f"{type(error).__name__}: {error}"[:200])
    without = {name: _died(_deaf(saw.traced, name), saw) for name in TAKEN_AWAY}
    return Row(case.name, WHERE[case.name], _died(saw.traced, saw), without, saw=saw)


def _put_in(case: Case) -> Saw:
    with open_site() as site:
        mount_tracefs(site)
        case.build(site)
        case.inject(site)
        return _traced(site, case)


def _traced(site: Site, case: Case) -> Saw:
    argv = site.command(sys.executable, "-m", "pxedoctor.lab.tracer", GUEST)
    tracer = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert tracer.stdout is not None
        if tracer.stdout.readline().strip() != b"ready":
            raise RuntimeError((tracer.stderr.read() if tracer.stderr else b"").decode()[-300:])
        case.attempt(site)
        time.sleep(0.5)
        said, words = tracer.communicate(timeout=_READY_SECONDS)
    finally:
        tracer.kill()
        tracer.wait()
    try:
        return msgspec.json.decode(said, type=Saw)
    except msgspec.DecodeError as error:
        raise RuntimeError(words.decode()[-300:]) from error


def _deaf(traced: Traced, name: WitnessName) -> Traced:
    """As if this witness could not have been had."""
    witnesses = tuple(
        msgspec.structs.replace(entry, status="absent") if entry.name is name else entry for entry in traced.witnesses
    )
    fields = {"counters": "counters", "frames": "frames", "rules": "rules", "kernel": "events", "server": "words"}
    return msgspec.structs.replace(traced, witnesses=witnesses, **{fields[name.value]: ()})


def _died(traced: Traced, saw: Saw) -> Death | None:
    return told(traced, saw.side, final=True).died


def _same(put: tuple[str, str], died: Death | None) -> bool:
    if died is None or died.hop.value != put[1]:
        return False
    asks = {"DISCOVER": "BOOTREQUEST", "OFFER": "BOOTREPLY"}
    return died.kind in {put[0], asks.get(put[0])}


def _shown(row: Row) -> Row:
    if not row.right and row.saw is not None:
        _explain(row.saw)
    died = row.error or (f"{row.died.kind} at {row.died.hop}: {row.died.words}" if row.died else "nothing died")
    print(f"{'ok ' if row.right else 'NO '} {row.case}: put {' at '.join(row.put)}; {died}", flush=True)
    return row


def _explain(saw: Saw) -> None:
    """Each packet's life, for whoever must find out why a row is wrong."""
    trace = told(saw.traced, saw.side, final=True)
    print(f"    server: {saw.side}; outward: {saw.traced.outward}; tap: {saw.traced.tap}")
    for packet in trace.packets:
        places = [f"{seen.hop}@{seen.device} {seen.witness} {seen.fate}" for seen in packet.sightings]
        print(f"    {packet.at:.3f} {packet.kind} {packet.number}: {'; '.join(places)}")


def page(rows: list[Row]) -> str:
    """The table in Markdown."""
    lines = [
        "# Where the tracer says a packet died, and where the fault was put",
        "",
        "Made by `scripts/trace_table.py --write`, which puts each fault of the lab into a fresh site, begins a trace,",
        "and lets the lab's own guest try. A row is right if packet and place are the fault's. The columns behind it:",
        "what is still right when one witness is taken away: `yes`, `?` (it says that nobody can tell, or that it is",
        "not certain of the place that it tells), or what it says instead, which is wrong.",
        "",
        f"| fault | put at | died at | seen by | {' | '.join(f'without {name.value}' for name in TAKEN_AWAY)} |",
        f"|---|---|---|---|{'---|' * len(TAKEN_AWAY)}",
    ]
    lines += [_line(row) for row in rows]
    right = sum(row.right for row in rows)
    lines += ["", f"{right} of {len(rows)} right with all witnesses.", ""]
    for name in TAKEN_AWAY:
        cells = [_cell(row.put, row.without.get(name)) for row in rows]
        wrong = sum(cell not in {"yes", "?"} for cell in cells)
        lines.append(f"- without {name.value}: {cells.count('yes')} of {len(rows)} right, {wrong} wrong.")
    return "\n".join([*lines, ""])


def _line(row: Row) -> str:
    died = f"{row.died.kind} at {row.died.hop}" if row.died else row.error or "nothing"
    who = ", ".join(row.died.witnesses) if row.died else ""
    cells = [_cell(row.put, row.without.get(name)) for name in TAKEN_AWAY]
    return f"| {row.case} | {' at '.join(row.put)} | {died} | {who} | {' | '.join(cells)} |"


def _cell(put: tuple[str, str], died: Death | None) -> str:
    if _same(put, died):
        return "yes"
    if died is None or not died.certain:
        return "?"
    return f"{died.kind} at {died.hop}"


if __name__ == "__main__":
    main()
