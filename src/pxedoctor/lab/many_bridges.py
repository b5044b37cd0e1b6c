"""A host with many bridges, one dnsmasq for all, and a judge of the keeper's on it that is asked by hand."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.site import Site, SiteError
from pxedoctor.watch.question import Judgement, Question


def bridges(site: Site, count: int) -> list[str]:
    """Each with an address of this host and a range of dnsmasq's; their names."""
    names = [site.device(f"b{number}x") for number in range(count)]
    made, conf = "", ""
    for number, name in enumerate(names):
        subnet = f"10.{number // 250 + 50}.{number % 250}"
        mac = f"52:54:00:0e:{number // 256:02x}:{number % 256:02x}"
        made += f"link add {name} address {mac} type bridge\nlink set dev {name} up\n"
        made += f"address add {subnet}.1/24 dev {name}\n"
        conf += f"interface={name}\ndhcp-range={subnet}.10,{subnet}.200,255.255.255.0,1h\n"
    site.write("/tmp/bridges", made)
    site.run("ip", "-batch", "/tmp/bridges")
    start_dnsmasq(site, conf)
    return names


class Judge:
    """One of the keeper's judges; each question is answered before the next."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def ask(self, wanted: tuple[str, ...] | None = None) -> Judgement:
        """`wanted`: the facts that are read again, None for all."""
        return self._answer(Question(number=0, wanted=wanted))

    def treat(self, finding: str, still: bool) -> Judgement:
        """Has a Finding.id repaired. `still`: the judge is told that nothing has stirred since its last answer."""
        return self._answer(Question(number=0, wanted=(), treat=finding, still=still))

    def _answer(self, question: Question) -> Judgement:
        if self._process.stdin is None or self._process.stdout is None:
            raise SiteError("the judge has no line to be asked by")
        self._process.stdin.write(msgspec.json.encode(question) + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=Judgement)


@contextmanager
def judging(site: Site) -> Iterator[Judge]:
    argv = site.command(sys.executable, "-m", "pxedoctor.watch.judge")
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Judge(process)
