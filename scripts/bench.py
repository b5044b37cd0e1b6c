"""The published ratios, measured in one run on one machine: `make bench`.

1. `pxedoctor --version` against `python -c pass`: what starting costs.
2. `pxedoctor diagnose --json` on a healthy host with 3 networks and 20 running guests (a lab site, real libvirt and
   QEMU) against the raw commands that it runs there, one after the other in one shell.

Every figure is the median of interleaved runs: A, B, A, B, so that a machine that slows down slows both.
"""

import compileall
import json
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pxedoctor
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import start_libvirt
from pxedoctor.lab.site import Site

RUNS = 21
NETWORKS = 3
GUESTS = 20


def timed(argv: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/")
    return time.perf_counter() - started


def interleaved(first: Callable[[], float], second: Callable[[], float], runs: int) -> tuple[float, float, float]:
    """Medians of both, and the median of the ratios pair by pair."""
    pairs = [(first(), second()) for _ in range(runs + 1)][1:]
    return (
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
        statistics.median(pair[0] / pair[1] for pair in pairs),
    )


def start_up() -> tuple[float, float, float]:
    command = [sys.executable, "-m", "pxedoctor", "--version"]
    return interleaved(lambda: timed(command), lambda: timed([sys.executable, "-c", "pass"]), RUNS)


def network(site: Site, number: int) -> str:
    return f"""<network><name>net{number}</name><forward mode='nat'/>
      <bridge name='{site.device(f"n{number}")}' stp='off'/>
      <ip address='192.168.{150 + number}.1' netmask='255.255.255.0'><dhcp>
      <range start='192.168.{150 + number}.2' end='192.168.{150 + number}.99'/></dhcp></ip></network>"""


def guest(number: int) -> str:
    return f"""<domain type='qemu'><name>guest{number}</name><memory unit='MiB'>16</memory>
      <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='network'/></os><devices>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      <interface type='network'><source network='net{number % NETWORKS}'/>
      <mac address='52:54:00:0d:01:{number:02x}'/><model type='virtio'/></interface>
      <video><model type='none'/></video><memballoon model='none'/></devices></domain>"""


def populate(site: Site) -> None:
    start_libvirt(site)
    for number in range(NETWORKS):
        site.write("/tmp/network.xml", network(site, number))
        site.run("virsh", "net-define", "/tmp/network.xml")
        site.run("virsh", "net-start", f"net{number}")
    for number in range(GUESTS):
        print(f"\rstarting guest {number + 1} of {GUESTS}", end="", file=sys.stderr, flush=True)
        site.write("/tmp/guest.xml", guest(number))
        site.run("virsh", "define", "/tmp/guest.xml")
        site.run("virsh", "start", "--paused", f"guest{number}")
    print(file=sys.stderr)


def commands_asked(site: Site) -> list[list[str]]:
    """The programs that `diagnose` runs on this site, from the texts it keeps."""
    told = site.doctor("diagnose")
    if told.exit_code != 0:
        raise SystemExit(f"the bench host is not healthy: {json.dumps(told.document, indent=1)}")
    needed = "from pxedoctor.access.live import LiveHost; from pxedoctor.collect.gather import gather; "
    needed += "from pxedoctor.diagnose.engine import needed_facts; "
    needed += "print(chr(10).join(gather(LiveHost(), needed_facts(), lambda _: None).answers))"
    questions = site.run(sys.executable, "-c", needed).splitlines()
    return [shlex.split(question.removeprefix("run ")) for question in questions if question.startswith("run ")]


def whole_diagnosis() -> tuple[float, float, float, int]:
    with open_site() as site:
        populate(site)
        commands = commands_asked(site)
        # One shell, command after command: the cheapest way to run them by hand.
        script = "; ".join(f"{shlex.join(argv)} >/dev/null 2>&1" for argv in commands)

        def raw() -> float:
            return timed(site.command("sh", "-c", script))

        def diagnosis() -> float:
            return timed(site.command(sys.executable, "-m", "pxedoctor", "diagnose", "--json"))

        ours, theirs, ratio = interleaved(diagnosis, raw, RUNS)
    return ours, theirs, ratio, len(commands)


def compiled() -> None:
    """Byte code for every module: an installed package has it, a checkout may not (PYTHONDONTWRITEBYTECODE)."""
    compileall.compile_dir(str(Path(pxedoctor.__file__).parent), quiet=1)


def main() -> None:
    compiled()
    ours, bare, ratio = start_up()
    print(f"pxedoctor --version     {ours * 1000:7.1f} ms   python -c pass {bare * 1000:7.1f} ms   ratio {ratio:.2f}")
    ours, raw, ratio, count = whole_diagnosis()
    whole = f"diagnose, {GUESTS} guests     {ours * 1000:7.1f} ms"
    print(f"{whole}   {count} commands    {raw * 1000:7.1f} ms   ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
