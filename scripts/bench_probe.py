"""The probe beside others: its latency on the wire, its whole process, many ports at once, and a file by TFTP."""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench_measure import Pair, Run, interleaved, timed

from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.many_bridges import bridges
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import SERVER, capturing, make_bridge, plug_in
from pxedoctor.wire import dhcp4, frame
from pxedoctor.wire.dhcp4 import MessageType
from pxedoctor.wire.error import WireError

PROBER = str(Path(__file__).with_name("bench_prober.py"))
BRIDGES, EACH = 50, 10
FILE_BYTES = 50 * 1000 * 1000
_RANGE = "dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\n"
_CAPTURE = "/tmp/bench.pcap"


def prober(site: Site, *words: str) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(site.run(sys.executable, PROBER, *words))
    return figures


def offer_to_verdict(runs: int) -> list[float]:
    """Seconds from an OFFER in the kernel's capture on the bridge to the probe's verdict, one a run."""
    with open_site() as site, tempfile.TemporaryDirectory() as folder:
        make_bridge(site)
        start_dnsmasq(site, f"interface={site.bridge}\n{_RANGE}")
        with capturing(site, site.bridge, _CAPTURE):
            verdicts = prober(site, "latency", site.bridge, str(runs))["verdicts"]
        kept = shutil.copy(site.path(_CAPTURE), folder)
        offers = list(offers_in(Path(kept)))
    if len(offers) != len(verdicts):
        raise SystemExit(f"{len(offers)} OFFERs were captured in {len(verdicts)} runs")
    return [verdict - offer for offer, verdict in zip(offers, verdicts, strict=True)]


def offers_in(path: Path) -> Iterator[float]:
    """Times of the OFFERs in a classic pcap file."""
    content = path.read_bytes()
    nano = content[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
    at = 24
    while at < len(content):
        seconds, fraction, length, _ = (
            int.from_bytes(content[at + 4 * n : at + 4 * n + 4], "little") for n in range(4)
        )
        packet = content[at + 16 : at + 16 + length]
        at += 16 + length
        try:
            message = dhcp4.parse(frame.parse(packet).datagram.payload)
        except WireError:
            continue
        if message.kind is MessageType.OFFER:
            yield seconds + fraction / (1e9 if nano else 1e6)


def whole_process(runs: int) -> dict[str, Pair]:
    """`pxedoctor probe --quick` against two clients in C on the same bridge, and what of it is its start."""
    with open_site() as site:
        make_bridge(site)
        plug_in(site, "guest")
        start_dnsmasq(site, f"interface={site.bridge}\n{_RANGE}")
        inside = ("nsenter", "--net=/run/netns/guest")
        ours = site.command(sys.executable, "-m", "pxedoctor", "probe", "--bridge", site.bridge, "--quick")
        alone = site.command(sys.executable, "-c", "import pxedoctor.cli.probe, pxedoctor.probe.run")
        udhcpc = site.command(*inside, "busybox", "udhcpc", "-n", "-q", "-f", "-i", "eth0", "-s", "/bin/true")
        done = site.ask(*ours[ours.index("--") + 1 :])
        if done.returncode not in (0, 3) or "192.168.160." not in done.stdout:
            raise SystemExit(f"the probe found nothing: {done.stdout}{done.stderr}")
        return {
            "busybox udhcpc -n -q": interleaved(lambda: timed(ours), lambda: timed(udhcpc), runs),
            "dhclient -1": interleaved(lambda: timed(ours), _dhclient(site, inside), runs),
            "dhclient -1 without its script": interleaved(
                lambda: timed(ours), _dhclient(site, inside, "-sf", "/bin/true"), runs
            ),
            "of it, starting": interleaved(lambda: timed(alone), lambda: timed(udhcpc), runs),
        }


def _dhclient(site: Site, inside: tuple[str, ...], *options: str) -> Callable[[], Run]:
    """It stays with its lease: the one before is ended first, and its address taken away."""
    files = ("-lf", "/tmp/bench.leases", "-pf", "/tmp/bench.pid")
    command = site.command(*inside, "dhclient", "-4", "-1", "-q", *options, *files, "eth0")
    before = (
        "[ ! -s /tmp/bench.pid ] || pkill -F /tmp/bench.pid; rm -f /tmp/bench.*s /tmp/bench.pid; ip address flush eth0"
    )

    def run() -> Run:
        site.run(*inside, "sh", "-c", before)
        return timed(command)

    return run


def many_ports() -> dict[str, Any]:
    """500 taps on 50 bridges, all served by one dnsmasq."""
    with open_site() as site:
        names = bridges(site, BRIDGES)
        return prober(site, "many", ",".join(names), str(EACH))


def start_atftpd(site: Site) -> None:
    """The one server in Debian that knows TFTP's windows. Its package excludes tftpd-hpa's, so it is only unpacked."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "-qq", "download", "atftpd"], cwd=folder, check=True)
        package = next(Path(folder).glob("atftpd_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(package), str(site.path("/opt"))], check=True)
    words = ("--daemon", "--user", "root.root", "--logfile", "/tmp/atftpd.log")
    site.run("/opt/usr/sbin/atftpd", *words, "/srv/tftp")


def file_by_tftp(runs: int) -> dict[str, Pair]:
    """50 MB from atftpd, over the same bridge: by the probe, by atftp with the same window, by curl without one."""
    with open_site() as site:
        make_bridge(site)
        plug_in(site, "guest")
        inside = ("nsenter", "--net=/run/netns/guest")
        site.run(*inside, "ip", "address", "add", "192.168.160.201/24", "dev", "eth0")
        site.path("/srv/tftp").mkdir(parents=True, exist_ok=True)
        site.path("/srv/tftp/large").write_bytes(bytes(FILE_BYTES))
        site.run("chmod", "-R", "a+rX", "/srv/tftp")
        start_atftpd(site)
        options = ("--option", "blksize 1468", "--option", "windowsize 16", "--option", "timeout 2")
        fetch = ("-g", "-r", "large", "-l", "/dev/null")
        atftp = site.command(*inside, "atftp", *options, *fetch, SERVER)
        curl = site.command(
            *inside, "curl", "-s", "--tftp-blksize", "1468", "-o", "/dev/null", f"tftp://{SERVER}/large"
        )

        def ours(window: str) -> Run:
            figures = prober(site, "read", site.bridge, SERVER, "large", window)
            if figures["bytes"] != FILE_BYTES:
                raise SystemExit(f"the probe's file is not whole: {figures}")
            return Run(figures["seconds"], figures["memory"])

        return {
            "atftp, windowsize 16": interleaved(lambda: ours("16"), lambda: timed(atftp), runs),
            "curl, which knows no windows": interleaved(lambda: ours("16"), lambda: timed(curl), runs),
        }


def main() -> None:
    waits = offer_to_verdict(21)
    middle, most = statistics.median(waits) * 1000, max(waits) * 1000
    print(f"OFFER on the wire to the verdict: median {middle:.1f} ms, most {most:.1f} ms")
    for what, pair in whole_process(11).items():
        print(f"probe --quick against {what}: {pair.ours * 1000:.0f} ms, {pair.theirs * 1000:.0f} ms, {pair.ratio:.2f}")
        used = f"{pair.cpu_ours * 1000:.0f} ms, {pair.cpu_theirs * 1000:.0f} ms, {pair.cpu_ratio:.2f}"
        print(f"    of processor time {used}", flush=True)
    figures = many_ports()
    print(
        f"{BRIDGES * EACH} taps on {BRIDGES} bridges: {figures['offered']} offers in {figures['seconds']:.2f} s, the "
        f"slowest server {figures['waited']:.2f} s; {figures['memory']:.0f} MiB"
    )
    for what, pair in file_by_tftp(5).items():
        print(f"50 MB by TFTP against {what}: {pair.ours:.2f} s, {pair.theirs:.2f} s, {pair.ratio:.2f}")


if __name__ == "__main__":
    main()
