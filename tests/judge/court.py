"""The court: a site with a bridge and three guests' ports, and the worker in it that loads rules and sends packets."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from judge.layout import BRIDGE_MAC, GUEST4, GUEST6, GUESTS, HOST4, HOST6, Layout, Switches
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site


class Court:
    """A site laid out as `layout`. `numbers`: no packet has the number of an earlier one, whose echo may still come."""

    def __init__(self, site: Site) -> None:
        bridge, ports = site.device("br"), {letter: site.device(f"p{letter}") for letter in GUESTS}
        worker = Path(__file__).with_name("worker.py").read_text(encoding="utf-8")
        self._process = subprocess.Popen(
            site.command(sys.executable, "-c", worker, bridge, *ports.values()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._build(bridge, ports)
        names = (bridge, *ports.values())
        indexes = {name: int(self.run(f"cat /sys/class/net/{name}/ifindex")) for name in names}
        self.layout = Layout(bridge, ports, indexes)
        self.numbers = count(1)

    def ask(self, **question: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def try_run(self, *commands: str, text: str = "") -> tuple[int, str, str]:
        """Status, output and errors of the last command that ran: the first that fails is the last."""
        told = self.ask(run=[command.split() for command in commands], input=text)
        return told["status"], told["out"], told["err"]

    def run(self, *commands: str, text: str = "") -> str:
        status, out, err = self.try_run(*commands, text=text)
        if status:
            raise RuntimeError(f"{commands[-1]} ended with {status}: {err}\n{text}")
        return out

    def switch(self, switches: Switches) -> None:
        net = "net.bridge.bridge-nf-call"
        self.run(f"sysctl -qw {net}-iptables={int(switches.ip)} {net}-ip6tables={int(switches.ip6)}")

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(10) == 0

    def _build(self, bridge: str, ports: dict[str, str]) -> None:
        all4 = "net.ipv4.conf"
        commands = [
            f"ip link add {bridge} address {BRIDGE_MAC} type bridge stp_state 0 mcast_snooping 0",
            f"sysctl -qw {all4}.all.rp_filter=0 {all4}.{bridge}.rp_filter=0 net.ipv6.conf.{bridge}.accept_dad=0",
            f"sysctl -qw net.ipv6.conf.{bridge}.addr_gen_mode=1 net.ipv6.conf.{bridge}.router_solicitations=0",
        ]
        for letter, port in ports.items():
            commands += [
                f"sysctl -qw net.ipv6.conf.{port}.disable_ipv6=1",
                f"ip link set {port} master {bridge} up",
                f"bridge fdb replace {GUESTS[letter]} dev {port} master static",
            ]
        commands += [
            f"ip link set {bridge} up",
            f"ip address add {HOST4}/24 broadcast 192.168.77.255 dev {bridge}",
            f"ip address add {HOST6}/64 dev {bridge} nodad",
        ]
        for letter, address in (*GUEST4.items(), *GUEST6.items(), ("a", "fe80::10")):
            commands.append(f"ip neighbour replace {address} lladdr {GUESTS[letter]} dev {bridge} nud permanent")
        self.run(*commands)
        self.ask(ready=True)


@contextmanager
def court() -> Iterator[Court]:
    with open_site() as site:
        opened = Court(site)
        yield opened
        opened.close()
