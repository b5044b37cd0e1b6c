"""What random rules are made of: templates, as a firewall person writes them, and pools of values for their holes.

The values are those of the court's exchange, so that most rules meet some packet.
"""

import random
import re
from collections.abc import Mapping, Sequence

from judge.layout import BRIDGE_MAC, GUESTS, Layout

_HOLE = re.compile(r"<(\w+)>")


class Dice:
    """One random source for everything, so that a seed repeats a run."""

    def __init__(self, seed: int, layout: Layout) -> None:
        self.random = random.Random(seed)
        self._pools = dict(_POOLS) | _devices(layout)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, choices: Sequence[str]) -> str:
        return self.random.choice(choices)

    def length(self) -> int:
        """How many rules a chain has: few, but now and then enough for the evaluator's index."""
        return self.random.randint(26, 50) if self.chance(0.06) else self.random.randint(1, 8)

    def some(self, choices: Sequence[str], fewest: int, most: int) -> list[str]:
        return self.random.sample(choices, min(len(choices), self.random.randint(fewest, most)))

    def filled(self, template: str, more: Mapping[str, Sequence[str]] = {}) -> str:
        """The template with a value in each <hole>."""
        return _HOLE.sub(lambda hole: self.filled(self.pick(self._of(hole[1], more)), more), template)

    def _of(self, name: str, more: Mapping[str, Sequence[str]]) -> Sequence[str]:
        return more[name] if name in more else self._pools[name]


def _devices(layout: Layout) -> dict[str, list[str]]:
    names = [layout.bridge, *layout.ports.values()]
    return {
        "dev": names,
        "tag": [layout.bridge[2:]],
        # nft's and iptables' wildcards.
        "nftdev": [f'"{name}"' for name in names] + ['"br*"', '"p*"', f'"{layout.ports["a"][:2]}*"', '"eth0"', '"lo"'],
        "iptdev": [*names, "br+", "p+", f"{layout.ports['a'][:2]}+", "eth0", "lo"],
        "port_dev": list(layout.ports.values()),
        "bridge_dev": [layout.bridge],
    }


_POOLS: dict[str, list[str]] = {
    "mark": ["0x0", "0x0", "0x1", "0x1", "0x2", "0x3"],
    "mask": ["0x1", "0x3", "0xf", "0xfffffffe"],
    "len": ["0-1000", "28-60", "36", "61-200"],
    "ip4": ["192.168.77.1", "192.168.77.10", "192.168.77.11", "0.0.0.0", "255.255.255.255", "192.168.77.12"],
    "net4": ["192.168.77.0/24", "192.168.77.8/30", "10.0.0.0/8", "128.0.0.0/1", "192.168.77.0/28", "224.0.0.0/4"],
    "range4": ["192.168.77.10-192.168.77.11", "192.168.77.1-192.168.77.200", "0.0.0.0-10.0.0.1"],
    "ip6": ["fd00:77::1", "fd00:77::10", "fd00:77::11", "fe80::10", "ff02::1:2", "ff02::2", "fd00:77::12"],
    "net6": ["fd00:77::/64", "fe80::/10", "ff00::/8", "fd00:77::10/127", "2000::/3"],
    "mac": [BRIDGE_MAC, *GUESTS.values(), "ff:ff:ff:ff:ff:ff", "33:33:00:01:00:02"],
    "port": ["67", "68", "69", "53", "80", "4011", "546", "547", "4000"],
    "ports": ["67-69", "60-100", "1024-65535", "500-600", "4000-4011"],
    "state": ["new", "established", "related", "invalid", "untracked"],
    "l4": ["udp", "tcp", "icmp", "ipv6-icmp"],
}
