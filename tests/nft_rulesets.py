"""Random rulesets in nft's syntax, as wide as nft 1.0.6 and this kernel take them: for comparing listings, not packets.

Every rule is one that the kernel loads: one protocol of each layer, statements whose order nft accepts.
"""

import random
from collections.abc import Sequence

FAMILIES = ("ip", "ip6", "inet", "bridge", "arp", "netdev")
_CHAINS = ("one", "two", "three")

_DEVICES = (
    'iifname "lo"',
    'iifname "vnet*"',
    'iifname != "eth0"',
    'iifname { "lo", "vb*", "x1" }',
    'iifname != { "lo", "virbr0" }',
    'iif "lo"',
    "iif 99",
    "iif != 99",
    'iif { "lo", 99 }',
    "iifgroup 5",
    "iifname @names",
)
_OUT_DEVICES = ('oifname "lo"', 'oifname { "a", "b*" }', 'oif "lo"', "oif 77", "oifgroup { 1, 2 }")
_PACKET = (
    "meta mark 0x10",
    "meta mark != 0x10",
    "meta mark and 0xff == 0x10",
    "meta mark and 0x10 != 0",
    "meta mark and 0xf0 or 0x3 == 0x13",
    "meta mark xor 0x5 == 0x7",
    "meta mark { 0x1, 0x5-0xa }",
    "meta mark 0x1-0x3",
    "meta mark > 0x5",
    "meta mark @marks",
    "meta pkttype broadcast",
    "meta pkttype { host, multicast }",
    "meta length 100-1500",
    "meta length < 576",
    "meta cpu 0",
    "meta priority 1:2",
    "meta random < 1000000",
)
_SOCKETS = ("meta skuid 0", "meta skuid != 1000", "meta cgroup 5", "meta skgid { 0, 5 }")
_CONNECTION = (
    "ct state established,related",
    "ct state new",
    "ct state != new",
    "ct state ! invalid",
    "ct state { established, new }",
    "ct state != { established, related }",
    "ct state == established",
    "ct mark 0x1",
    "ct mark and 0xff != 0x2",
    "ct direction original",
    "ct direction != reply",
    "ct status dnat",
    "ct status snat,dnat",
    "ct status ! assured",
    "ct expiration > 5s",
    'ct helper "tftp"',
    "ct zone 5",
    "ct original bytes > 100",
)
_L4 = {
    "udp": (
        "udp dport 67",
        "udp dport != 67",
        "udp dport { 67, 68, 1000-2000 }",
        "udp dport != { 67, 69 }",
        "udp sport 68 udp dport 67",
        "udp dport >= 1024",
        "udp sport < 1024",
        "udp dport @ports",
        "udp length 8-100",
        "meta l4proto udp",
        "meta l4proto udp th dport 53",
    ),
    "tcp": (
        "tcp dport 80",
        "tcp flags syn",
        "tcp flags ! syn,rst",
        "tcp flags == syn",
        "tcp flags != ack",
        "tcp flags & (fin|syn|rst|ack) == syn",
        "tcp flags & (syn|ack) != 0",
        "tcp flags & (syn|ack) == syn|ack",
        "tcp flags { syn, syn|ack, fin }",
        "tcp option maxseg size > 100",
        "tcp option sack-permitted exists",
        "tcp sport 1024-65535",
    ),
    "any": (
        "meta l4proto { udp, tcp }",
        "meta l4proto { tcp, udp } th dport 53",
        "meta l4proto != tcp",
        "meta l4proto 47",
        "th dport 53",
        "sctp dport 5",
        "udplite dport 6",
        "meta l4proto . th dport { udp . 67, tcp . 80 }",
        "@th,16,16 67",
        "esp spi 7",
    ),
}
_IP4 = (
    "ip saddr 192.0.2.1",
    "ip saddr != 192.0.2.0/24",
    "ip daddr 255.255.255.255",
    "ip daddr 10.0.0.1-10.0.0.9",
    "ip saddr { 10.0.0.0/8, 192.0.2.1, 192.168.1.5-192.168.1.9 }",
    "ip saddr & 255.0.255.0 == 10.0.1.0",
    "ip saddr > 10.0.0.1",
    "ip saddr 0.0.0.0/0",
    "ip saddr @friends",
    "ip saddr != @friends",
    "ip protocol udp",
    "ip protocol { tcp, udp, icmp }",
    "ip ttl 1",
    "ip ttl < 5",
    "ip length > 300",
    "ip frag-off & 0x1fff != 0",
    "ip dscp cs1",
    "ip saddr . ip daddr { 10.0.0.0/8 . 10.0.0.1, 192.0.2.1 . 192.0.2.2 }",
    "icmp type echo-request",
    "icmp type { echo-reply, 13 }",
    "icmp type destination-unreachable icmp code frag-needed",
)
_IP6 = (
    "ip6 saddr fe80::/10",
    "ip6 daddr ff02::1:2",
    "ip6 saddr != ::1",
    "ip6 daddr { fd00::1-fd00::9, ::1 }",
    "ip6 nexthdr udp",
    "ip6 hoplimit 255",
    "icmpv6 type nd-router-solicit",
    "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }",
    "icmpv6 type != packet-too-big",
)
_CONCATENATIONS = (
    "ip saddr . udp dport @pairs",
    "ip saddr . udp dport { 10.0.0.0/8 . 53, 192.0.2.1 . 67-68 }",
    'iifname . udp dport { "lo" . 67, "x" . 68 }',
    "meta mark . udp sport { 0x1 . 5 }",
    'ct state . iifname { new . "lo" }',
)
_ADDRESS_TYPES = (
    "fib daddr type local",
    "fib daddr type { local, broadcast, multicast }",
    "fib saddr type != local",
)
# Only in prerouting.
_ROUTES = (
    "fib daddr . iif type local",
    "fib saddr . iif oif missing",
    "fib saddr . iif oif exists",
    "fib saddr . mark . iif oif 0",
    'fib daddr oifname "lo"',
)
_FRAME = (
    "ether saddr 52:54:00:00:00:01",
    "ether daddr ff:ff:ff:ff:ff:ff",
    "ether saddr { 52:54:00:00:00:01, 52:54:00:00:00:02 }",
    "ether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00",
    "ether saddr @macs",
)
_TYPES = ("ether type arp", "ether type ip", "vlan id 5", "ether type vlan vlan type ip", "meta protocol ip")
_ARP = ("arp operation request", "arp saddr ip 192.0.2.1", "arp htype 1", "arp operation { request, reply }")

_CONDITIONS: dict[str, tuple[Sequence[str], ...]] = {
    "ip": (
        _DEVICES,
        _OUT_DEVICES,
        _PACKET,
        _CONNECTION,
        _IP4,
        _IP4,
        _ADDRESS_TYPES,
        _ROUTES,
        _CONCATENATIONS,
        _FRAME,
        _SOCKETS,
    ),
    "ip6": (_DEVICES, _OUT_DEVICES, _PACKET, _CONNECTION, _IP6, _IP6, _ADDRESS_TYPES, _ROUTES, _SOCKETS),
    "inet": (
        _DEVICES,
        _OUT_DEVICES,
        _PACKET,
        _CONNECTION,
        _IP4,
        _IP6,
        _ADDRESS_TYPES,
        _ROUTES,
        _CONCATENATIONS,
        _FRAME,
    ),
    "bridge": (_DEVICES, _OUT_DEVICES, _PACKET, _IP4, _IP6, _FRAME, _TYPES, _ARP),
    "arp": (_DEVICES, _PACKET, _ARP),
    "netdev": (_PACKET, _IP4, _IP6, _FRAME, _TYPES),
}
_STATEMENTS = (
    "counter",
    'counter name "seen"',
    "limit rate 10/second burst 20 packets",
    "limit rate over 1/minute",
    "quota over 25 mbytes",
    "meta mark set 0x1",
    "meta mark set meta mark or 0x4",
    "meta mark set meta mark and 0xff xor 0x5",
    "meta priority set 1:2",
    "meta nftrace set 1",
)
_IP_STATEMENTS = (
    'log prefix "seen: " level warn',
    "log group 2",
    "ct mark set 0x3",
    "ct mark set meta mark",
    "meta mark set ct mark",
    "ct mark set ct mark or 0x8",
    "ct count over 20",
    "ct event set new",
    "update @seen_by { ip saddr timeout 1m }",
    "meta mark set ip saddr map { 192.0.2.1 : 0x7 }",
    "ip dscp set cs2",
    "notrack",
)
_VERDICTS = ("accept", "drop", "return", "continue", "")
_REJECTS = {
    "ip": ("reject", "reject with icmp port-unreachable", "meta l4proto tcp reject with tcp reset"),
    "ip6": ("reject", "reject with icmpv6 no-route"),
    "inet": ("reject", "reject with icmpx admin-prohibited"),
}
_MAPS = {
    "ip": ("ip saddr vmap @where", "iifname vmap @from"),
    "inet": ("iifname vmap @from", "ct state vmap { invalid : drop, established : accept, related : goto CHAIN }"),
    "bridge": ("ether type vmap { ip : accept, arp : drop }", "iifname vmap @from"),
}
# Where nothing has fixed a protocol before.
_FIXING_MAPS = {
    "ip": ("udp dport vmap { 67 : accept, 68 : jump CHAIN, 69-70 : drop }",),
    "ip6": ("icmpv6 type vmap { nd-router-solicit : jump CHAIN, 134 : accept }",),
    "inet": ("ip saddr . udp dport vmap { 192.0.2.1 . 67 : accept, 10.0.0.0/8 . 60-70 : goto CHAIN }",),
}
_SETS = """\
	set friends { type ipv4_addr; flags interval; elements = {
		10.0.0.0/8, 192.0.2.1 comment "x, y", 192.168.1.5-192.168.1.9 } }
	set pairs { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 67-68, 192.0.2.1 . 53 } }
	set seen_by { type ipv4_addr; flags dynamic,timeout; timeout 5m; }
	set names { type ifname; flags interval; elements = { "vnet*", "lo" } }
	set marks { type mark; elements = { 0x1, 0x10 } }
	set ports { typeof udp dport; counter; elements = { 67, 68, 69 } }
	set macs { type ether_addr; elements = { 52:54:00:00:00:01, 52:54:00:00:00:02 } }
	map where { type ipv4_addr : verdict; flags interval; elements = {
		10.0.0.0/8 : accept, 192.0.2.1 comment "z" : drop, * : continue } }
	map from { type ifname : verdict; elements = {
		"lo" : accept, "eth0" : jump three, "eth1" : goto three, "eth2" : return } }
	map colours { typeof ip saddr : meta mark; elements = { 192.0.2.1 : 0x1 } }
	counter seen { packets 0 bytes 0 }
"""
_HOOKS = {
    "ip": "type filter hook {hook} priority {priority}; policy {policy};",
    "arp": "type filter hook input priority filter; policy {policy};",
    "netdev": 'type filter hook ingress device "lo" priority {priority}; policy {policy};',
}
_PRIORITIES = ("filter", "-7", "filter + 5", "333")


def ruleset(dice: random.Random, rules: int = 6) -> str:
    """A few tables, each with sets, a base chain and chains that it may lead to."""
    return "".join(_table(dice, family, rules) for family in dice.sample(FAMILIES, dice.randrange(1, 4)))


def _table(dice: random.Random, family: str, rules: int) -> str:
    hook = dice.choice(["prerouting", "input", "forward", "output", "postrouting"])
    base = _HOOKS.get(family, _HOOKS["ip"]).format(
        hook=hook, priority=dice.choice(_PRIORITIES), policy=dice.choice(["accept", "drop"])
    )
    lines = [f"table {family} t {{", _SETS]
    # What is jumped to must be known before.
    for number in range(len(_CHAINS) - 1, -1, -1):
        written = [rule(dice, family, hook, _CHAINS[number + 1 :]) for _ in range(rules)]
        lines += [f"\tchain {_CHAINS[number]} {{", *(f"\t\t{text}" for text in written), "\t}"]
    written = [rule(dice, family, hook, _CHAINS) for _ in range(rules)]
    lines += ["\tchain base {", f"\t\t{base}", *(f"\t\t{text}" for text in written), "\t}", "}\n"]
    return "\n".join(lines)


def rule(dice: random.Random, family: str, hook: str, chains: Sequence[str] = ()) -> str:
    """One rule of a table of this family that its hook takes; `chains`: where it may lead to."""
    words = _conditions(dice, family, hook)
    statements = [*_STATEMENTS, *(_IP_STATEMENTS if family == "ip" else ())]
    is_free = not words
    words += dict.fromkeys(dice.choice(statements) for _ in range(dice.choice([0, 0, 1, 1, 2])))
    is_free = is_free and not any("ip " in word for word in words)
    ends = [*_VERDICTS, *(_REJECTS.get(family, ()) if hook in {"input", "forward", "output"} else ())]
    words.append(_end(dice, family, ends, chains, is_free))
    if not " ".join(words).strip():
        words = ["counter"]
    if dice.random() < 0.2:
        words.append('comment "it says: accept # handle 3"')
    return " ".join(word for word in words if word)


def _conditions(dice: random.Random, family: str, hook: str) -> list[str]:
    """At most one of each group, and of the groups that fix a protocol at most one."""
    known = [group for group in _CONDITIONS[family] if group is not _ROUTES or hook == "prerouting"]
    groups = dice.sample(known, dice.randrange(0, 3))
    chosen = [group for number, group in enumerate(groups) if not _clash(group, groups[:number])]
    words = [dice.choice(group) for group in chosen]
    fixed = any(group in (_CONCATENATIONS, _IP4, _IP6, _TYPES, _ARP) for group in chosen)
    if family != "arp" and not fixed and dice.random() < 0.6:
        words.append(dice.choice(_L4[dice.choice(list(_L4))]))
    return words


def _clash(group: Sequence[str], earlier: Sequence[Sequence[str]]) -> bool:
    fixing = (_IP4, _IP6, _CONCATENATIONS, _TYPES, _ARP)
    return any(group is other or (group in fixing and other in fixing) for other in earlier)


def _end(dice: random.Random, family: str, ends: Sequence[str], chains: Sequence[str], is_free: bool) -> str:
    jumps = [f"{word} {chain}" for chain in chains for word in ("jump", "goto")]
    maps = [*_MAPS.get(family, ()), *(_FIXING_MAPS.get(family, ()) if is_free else ())] if chains else []
    return dice.choice([*ends, *jumps, *(text.replace("CHAIN", dice.choice(chains)) for text in maps)])
