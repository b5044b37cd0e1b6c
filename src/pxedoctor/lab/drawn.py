"""A site whose names and surroundings are drawn, so that what is found there is not found by knowing the lab.

Drawn for each site: the beginning of its bridge's name (the tag behind it keeps sites apart on one kernel, and is never
the same), the two IPv4 prefixes that its guests' networks have, and what else is on the host: rules of others, in their
order, another bridge, another NIC. They are laid before the site is built, as on a host that was there before its
guests; a case that begins with a firewall of its own may take some of them away again, as such a firewall does.

Not drawn: IPv6 prefixes, MACs, and the names of the network and the guest.
"""

import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site

# The prefixes as the parts of the lab write them.
WRITTEN = ("192.168.150.", "192.168.160.")
BRIDGE_NAMES = ("vb", "br", "br-", "virbr", "vmbr", "lan_", "guests", "BR")
# Harmless to every guest: each is about others, or lets pass what would pass. $BRIDGE: the other bridge's name; $N: a
# number of one's own, for names; $P: a hook's priority; $PORT: of a service that no guest boots from.
BACKGROUND = (
    "iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
    "iptables -A INPUT -i lo -j ACCEPT",
    "iptables -A INPUT -p tcp --dport $PORT -j ACCEPT",
    "iptables -A INPUT -s 198.51.100.0/24 -j DROP",
    "iptables -N site$N && iptables -A site$N -p tcp --dport $PORT -j REJECT && iptables -A INPUT -j site$N",
    "iptables -A FORWARD -i $BRIDGE -j DROP",
    "iptables -A FORWARD -o $BRIDGE -m conntrack --ctstate ESTABLISHED -j ACCEPT",
    "iptables -t nat -A POSTROUTING -s 198.51.100.0/24 ! -d 198.51.100.0/24 -j MASQUERADE",
    "iptables -t mangle -A POSTROUTING -p tcp --dport $PORT -j MARK --set-mark 0x$N",
    "ip6tables -A INPUT -p tcp --dport $PORT -j DROP",
    "nft 'table inet site$N { chain i { type filter hook input priority $P; ct state established,related accept; }; }'",
    "nft 'table ip site$N { chain f { type filter hook forward priority $P; iifname \"$BRIDGE\" counter drop; }; }'",
    "nft 'table inet shut$N { set s { type ipv4_addr; flags interval; elements = { 198.51.100.64/26 }; }; "
    "chain i { type filter hook input priority $P; ip saddr @s counter drop; tcp dport $PORT accept; }; }'",
    "nft 'table bridge site$N { chain f { type filter hook forward priority $P; iifname \"$BRIDGE\" accept; }; }'",
    "nft 'table inet rate$N { chain i { type filter hook input priority $P; "
    "tcp dport $PORT limit rate 10/minute accept; }; }'",
    "ip link add $BRIDGE type bridge && ip address add 198.51.100.1/24 dev $BRIDGE && ip link set dev $BRIDGE up",
    "ip link add nic$N type veth peer name far$N && ip link set dev far$N up && "
    "ip address add 198.18.$N.2/24 dev nic$N && ip link set dev nic$N up",
)
_FEWEST, _MOST = 4, 10
# Hundreds of sites are a night's work at the lowest priority, beside others' that comes first.
_PATIENCE = 4.0


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """`bridge`: the beginning of its name. `prefixes`: for WRITTEN, in its order. `background`: as typed, in order."""

    bridge: str
    prefixes: tuple[str, ...]
    background: tuple[str, ...]


def draw(chance: random.Random) -> Surroundings:
    """Pure: the same chance, the same surroundings."""
    return _drawn(chance, chance.randint(_FEWEST, _MOST))


def everything(chance: random.Random) -> Surroundings:
    """As `draw`, with all of the background at once."""
    return _drawn(chance, len(BACKGROUND))


def _drawn(chance: random.Random, number: int) -> Surroundings:
    # None that a case uses besides.
    ours = [f"10.{chance.randint(90, 254)}.{chance.randint(0, 255)}.", f"192.168.{chance.randint(171, 255)}."]
    ours.append(f"172.{chance.randint(20, 31)}.{chance.randint(0, 255)}.")
    other = f"{chance.choice(BRIDGE_NAMES)}x{chance.randint(1, 99)}"
    pieces = chance.sample(BACKGROUND, number)
    return Surroundings(
        bridge=chance.choice(BRIDGE_NAMES),
        prefixes=tuple(chance.sample(ours, len(WRITTEN))),
        background=tuple(_filled(piece, other, number, chance) for number, piece in enumerate(pieces, 1)),
    )


def _filled(piece: str, other: str, number: int, chance: random.Random) -> str:
    port = str(chance.choice((22, 25, 443, 3306, 5900, 9090)))
    priority = str(chance.choice((-150, -10, 0, 10, 100)))
    words = {"$BRIDGE": other, "$PORT": port, "$P;": f"{priority};", "$N": str(number)}
    for name, value in words.items():
        piece = piece.replace(name, value)
    return piece


class DrawnSite(Site, frozen=True, kw_only=True):
    """What the lab's parts say of prefixes is put into the drawn ones on its way in, and back on its way out."""

    surroundings: Surroundings

    @property
    def bridge(self) -> str:
        return f"{self.surroundings.bridge}{self.tag}"

    def command(self, *argv: str) -> list[str]:
        return super().command(*map(self._in, argv))

    def ask(self, *argv: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        return self._back(super().ask(*argv, seconds=seconds))

    def write(self, path: str, text: str) -> None:
        super().write(path, self._in(text))

    def fork(self, module: str, *words: str) -> subprocess.CompletedProcess[str]:
        return self._back(super().fork(module, *map(self._in, words)))

    def _in(self, text: str) -> str:
        for written, drawn in zip(WRITTEN, self.surroundings.prefixes, strict=True):
            text = text.replace(written, drawn)
        return text

    def _back(self, done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
        for written, drawn in zip(WRITTEN, self.surroundings.prefixes, strict=True):
            done.stdout = done.stdout.replace(drawn, written)
            done.stderr = done.stderr.replace(drawn, written)
        return done


@contextmanager
def drawn_site(surroundings: Surroundings) -> Iterator[DrawnSite]:
    """A fresh site with its background laid. Raises SiteError where that cannot be."""
    with open_site() as plain:
        site = DrawnSite(
            tag=plain.tag, pid=plain.pid, standby=plain.standby, surroundings=surroundings, patience=_PATIENCE
        )
        for line in surroundings.background:
            site.run("sh", "-ec", line)
        yield site
