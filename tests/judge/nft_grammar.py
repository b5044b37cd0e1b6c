"""Random rulesets in nft's own syntax (nft(8))."""

from judge.grammar import Dice

_MARKS = (
    "meta mark <mark>",
    "meta mark != <mark>",
    "meta mark & <mask> == <mark>",
    "meta mark & <mask> != <mark>",
    "meta mark { <mark>, 0x5 }",
    "meta mark 0x1-0x3",
)
_DEVICES = (
    "iifname <nftdev>",
    "iifname != <nftdev>",
    'iifname { "<dev>", "eth7" }',
    "oifname <nftdev>",
    "oifname != <nftdev>",
    'oifname { "<dev>", "eth7" }',
    'iif "<dev>"',
    'oif "<dev>"',
    "iifgroup default",
)
_LAYER4 = (
    "meta l4proto <l4>",
    "meta l4proto { udp, tcp }",
    "meta l4proto != udp",
    "udp dport <port>",
    "udp dport != <port>",
    "udp dport <ports>",
    "udp dport { <port>, <ports> }",
    "udp dport != { <port>, <port> }",
    "udp sport <port>",
    "udp sport . udp dport { 68 . 67, 67 . 68, 4000 . 69 }",
    "tcp dport <port>",
    "tcp dport { 80, 69 }",
    "tcp flags syn",
    "tcp flags & (fin | syn) == syn",
    "tcp flags & (fin | syn | rst | ack) == syn",
    "tcp flags & fin == 0x0",
    "th dport <port>",
    "th dport { <port>, <ports> }",
    "icmp type echo-request",
    "icmp type { echo-reply, echo-request }",
    "icmpv6 type nd-router-solicit",
    "icmpv6 type != nd-router-solicit",
    "meta l4proto . th dport { udp . 67, tcp . 80, udp . 69 }",
    "meta length <len>",
    "meta pkttype broadcast",
    "meta pkttype { broadcast, multicast }",
    "meta pkttype host",
    "meta pkttype != host",
    # What is not modelled; the kernel's answer is not always the same.
    "limit rate 1/hour",
    "numgen random mod 2 0",
    "meta cpu 0",
    "meta skuid 0",
    'meta hour "00:00"-"23:59"',
    "ct count over 3",
    "udp length > 20",
    "icmp code 0",
    'iifname . udp dport { "<dev>" . 67, "<dev>" . 69, "eth7" . 1 }',
    "@th,16,16 67",
)
_IP4 = (
    "ip saddr <ip4>",
    "ip saddr != <ip4>",
    "ip saddr <net4>",
    "ip daddr <ip4>",
    "ip daddr <net4>",
    "ip daddr != <net4>",
    "ip daddr <range4>",
    "ip daddr { <ip4>, <net4> }",
    "ip saddr & 255.0.255.0 == 192.0.77.0",
    "ip saddr . ip daddr { 0.0.0.0 . 255.255.255.255, 192.168.77.1 . 192.168.77.10, 192.168.77.10 . 192.168.77.1 }",
    "ip daddr . udp dport { 255.255.255.255 . 67, 192.168.77.0/24 . 60-70 }",
    "ip protocol udp",
    "ip protocol { tcp, icmp }",
    "ip ttl 64",
    "ip dscp 0",
    "ip dscp != cs1",
    "ip version 4",
    "fib saddr . iif oif exists",
    "fib saddr . iif oif missing",
    "ip daddr . udp dport @wide",
    "ip ttl < 65",
    "ip length <len>",
    "ip frag-off & 0x1fff == 0",
    "ip frag-off & 0x1fff != 0",
)
_IP6 = (
    "ip6 saddr <ip6>",
    "ip6 saddr != <net6>",
    "ip6 daddr <ip6>",
    "ip6 daddr <net6>",
    "ip6 daddr { <ip6>, <net6> }",
    "ip6 nexthdr udp",
    "ip6 hoplimit 255",
    "ip6 hoplimit > 100",
)
_CONNTRACK = (
    "ct state <state>",
    "ct state <state>,<state>",
    "ct state != <state>",
    "ct state { new, established }",
    "ct direction original",
    "ct direction reply",
    "ct mark <mark>",
    "ct mark != <mark>",
    "ct mark & <mask> == <mark>",
    "ct status dnat",
)
_ADDRESS_TYPES = (
    "fib daddr type broadcast",
    "fib daddr type { local, broadcast, multicast }",
    "fib saddr type local",
    "fib daddr . iif type local",
)
_FRAME = (
    "ether saddr <mac>",
    "ether daddr <mac>",
    "ether daddr != <mac>",
    "ether saddr { <mac>, <mac> }",
)
_PROTOCOLS = ("meta protocol ip", "meta protocol ip6", "meta protocol { ip, arp }", "meta protocol != arp")
_NFPROTO = ("meta nfproto ipv4", "meta nfproto ipv6", "meta nfproto != ipv4")
_ETHER_TYPES = ("ether type ip", "ether type arp", "ether type ip6", "ether type != arp")
_ARP = (
    "arp operation request",
    "arp operation reply",
    "arp saddr ip <ip4>",
    "arp daddr ip <ip4>",
    "arp saddr ether <mac>",
    "arp htype 1",
)

_CONDITIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "ip": (_MARKS, _MARKS, _DEVICES, _LAYER4, _IP4, _IP4, _CONNTRACK, _ADDRESS_TYPES, _FRAME),
    "ip6": (_MARKS, _MARKS, _DEVICES, _LAYER4, _IP6, _IP6, _CONNTRACK),
    "inet": (_MARKS, _MARKS, _DEVICES, _LAYER4, _IP4, _IP6, _CONNTRACK, _ADDRESS_TYPES, _NFPROTO, _PROTOCOLS, _FRAME),
    "bridge": (_MARKS, _MARKS, _DEVICES, _LAYER4, _IP4, _IP6, _FRAME, _ETHER_TYPES, _PROTOCOLS, _ARP),
    "netdev": (_MARKS, _LAYER4, _IP4, _IP6, _FRAME, _ETHER_TYPES, _PROTOCOLS, _ARP),
    "arp": (_MARKS, _DEVICES, _ARP, _ARP),
}
_WRITES = (
    "meta mark set <mark>",
    "meta mark set meta mark | 0x4",
    "meta mark set meta mark & 0xfffffffe",
    "meta mark set meta mark ^ 0x1",
    "meta mark set udp dport map { 67 : 0x1, 69 : 0x2 }",
    'meta mark set iifname map { "<dev>" : 0x1, "<dev>" : 0x2 }',
)
_ADDS = ("add @seen { ip saddr }", "update @seen { ip daddr timeout 10s }", 'log prefix "x"', "counter", "counter")
_CT_WRITES = ("ct mark set <mark>", "ct mark set meta mark", "meta mark set ct mark", "ct mark set ct mark | 0x2")
_VERDICTS = ("accept", "accept", "drop", "drop", "drop", "return", "continue", "")
_HOOKS = {
    "ip": ("prerouting", "input", "input", "forward", "output", "postrouting"),
    "ip6": ("prerouting", "input", "input", "forward", "output", "postrouting"),
    "inet": ("prerouting", "input", "input", "forward", "output", "postrouting"),
    "bridge": ("prerouting", "prerouting", "input", "forward", "output", "postrouting"),
    "arp": ("input", "output"),
    "netdev": ("ingress", "egress"),
}
_PRIORITIES = (-450, -300, -250, -201, -200, -150, -50, -10, 0, 0, 5, 50, 150, 300)
# Not where br_netfilter may stand: of two at one priority nobody knows the order.
_BRIDGE_PRIORITIES = (-300, -200, -200, -50, -10, 5, 50, 200)


class NftGrammar:
    """`table(n)` is the text of one random table, its rules one a line."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._family = ""
        self._later: list[str] = []
        self._last: tuple[str, int] | None = None

    def table(self, number: int) -> str:
        dice = self._dice
        self._family = dice.pick(["inet", "inet", "ip", "ip", "ip6", "bridge", "bridge", "netdev", "arp"])
        regular = [f"c{n}" for n in range(dice.random.randint(0, 4))]
        self._last = None
        lines = [f"table {self._family} n{number} {{"]
        blocks: list[str] = []
        # A chain must stand before what jumps to it: the last first.
        for place, name in reversed(list(enumerate(regular))):
            self._later = regular[place + 1 :]
            blocks += [f"chain {name} {{", *self._rules(""), "}"]
        self._later = regular
        for base in range(dice.random.randint(1, 4)):
            blocks += self._base(f"b{base}")
        lines += [line for chain in regular for line in (f"chain {chain} {{", "}")]
        return "\n".join([*lines, *self._sets(), *blocks, "}"]) + "\n"

    def _base(self, name: str) -> list[str]:
        dice, family = self._dice, self._family
        hook = dice.pick(_HOOKS[family])
        kind, priority = "filter", dice.random.choice(_BRIDGE_PRIORITIES if family == "bridge" else _PRIORITIES)
        if self._last is not None and dice.chance(0.5):
            # Two at one place: what one writes, the other may read.
            hook, priority = self._last
        elif family in {"ip", "ip6", "inet"} and hook != "forward" and dice.chance(0.2):
            kind, priority = "nat", dice.random.choice([-100, 100, -50])
        elif family in {"ip", "ip6"} and hook == "output" and dice.chance(0.1):
            kind, priority = "route", -150
        self._last = (hook, priority)
        device = ' device "<dev>"' if family == "netdev" else ""
        policy = "drop" if dice.chance(0.25) else "accept"
        head = f"type {kind} hook {hook}{dice.filled(device)} priority {priority}; policy {policy};"
        return [f"chain {name} {{", head, *self._rules(hook, priority, kind), "}"]

    def _rules(self, hook: str, priority: int = 0, kind: str = "filter") -> list[str]:
        dice = self._dice
        rules = [self._rule(hook, priority, kind) for _ in range(dice.length())]
        if dice.chance(0.5):
            # A mark that is written, and read by whom comes later.
            rules.insert(0, dice.filled(f"{dice.pick(['', *_MARKS, *_LAYER4[:4]])} {dice.pick(_WRITES)}").strip())
        if dice.chance(0.6):
            read, ending = dice.pick(_MARKS), dice.pick(["drop", "accept", "drop", *self._jumps(), self._map()])
            rules.append(dice.filled(f"{read} {ending}"))
        return rules

    def _jumps(self) -> list[str]:
        return [f"{word} {name}" for name in self._later for word in ("jump", "jump", "goto")]

    def _rule(self, hook: str, priority: int, kind: str) -> str:
        dice = self._dice
        groups = _CONDITIONS[self._family]
        words = [dice.pick(dice.random.choice(groups)) for _ in range(dice.random.choice((0, 0, 1, 1, 1, 1, 2, 2, 3)))]
        if dice.chance(0.15):
            words.append(dice.pick(self._members()))
        is_open = not words
        if dice.chance(0.15):
            words.append(dice.pick(_ADDS))
        if dice.chance(0.3):
            words.append(dice.pick(_WRITES if self._family not in {"ip", "ip6", "inet"} else (*_WRITES, *_CT_WRITES)))
        if hook in {"prerouting", "output"} and priority < -200 and dice.chance(0.2):
            words.append("notrack")
        ending = self._ending(hook, kind, is_open)
        if ending == "reject":
            # nft takes these for what reject needs, and does not list them (nft 1.0.6).
            words = [word for word in words if word not in {*_PROTOCOLS, *_NFPROTO}]
        words.append(ending)
        return dice.filled(" ".join(words)).strip() or "counter"

    def _ending(self, hook: str, kind: str, is_open: bool) -> str:
        """A rule that everything meets seldom decides by itself: what stands behind it would never be asked."""
        dice = self._dice
        jumps = self._jumps()
        if dice.chance(0.15):
            # An element that says continue goes on in the rule.
            return self._map() + dice.pick(["", "", " drop", " accept", " meta mark set 0x1"])
        if kind == "nat" and dice.chance(0.15):
            return "snat to 192.168.77.1" if hook in {"input", "postrouting"} else "dnat to 192.168.77.11"
        if is_open and dice.chance(0.8):
            return dice.pick(["", "continue", "return", *jumps] if jumps else ["", "continue"])
        if self._family in {"ip", "ip6", "inet"} and hook in {"input", "forward", "output"} and dice.chance(0.08):
            return "reject"
        return dice.pick([*_VERDICTS, *jumps])

    def _verdict(self) -> str:
        return self._dice.pick(["accept", "drop", "continue", "return", *(f"jump {name}" for name in self._later)])

    def _map(self) -> str:
        v = self._verdict
        choices = [
            f"udp dport vmap {{ 67 : {v()}, 68 : {v()}, 69 : {v()} }}",
            f"udp dport vmap {{ 67-69 : {v()}, * : {v()} }}",
            f"meta l4proto vmap {{ udp : {v()}, tcp : {v()} }}",
            f"meta mark vmap {{ 0x0 : {v()}, 0x1 : {v()}, 0x2 : {v()} }}",
            "th dport vmap @ways",
        ]
        if self._family in {"ip", "ip6", "inet"}:
            choices.append(f"ct state vmap {{ new : {v()}, established : {v()}, invalid : {v()} }}")
        if self._family != "netdev":
            choices.append(f'iifname vmap {{ "<dev>" : {v()}, "lo" : {v()} }}')
        if self._family in {"ip", "inet"}:
            choices.append(f"ip saddr . udp dport vmap {{ 0.0.0.0 . 67 : {v()}, 192.168.77.10 . 67-69 : {v()} }}")
            choices.append(f"ip daddr vmap {{ 192.168.77.0/24 : {v()}, 255.255.255.255 : {v()} }}")
        if self._family == "arp":
            return f"arp operation vmap {{ request : {v()}, reply : {v()} }}"
        return self._dice.pick(choices)

    def _members(self) -> list[str]:
        if self._family == "arp":
            return ["arp saddr ip @hosts", "arp daddr ip != @hosts"]
        named = ["th dport @ports", "udp dport != @ports", "udp dport @few"]
        if self._family != "ip6":
            named += ["ip saddr @hosts", "ip daddr != @hosts", "ip daddr . udp dport @pairs", "ip saddr @seen"]
        if self._family not in {"netdev"}:
            named.append("iifname @nics")
        return named

    def _sets(self) -> list[str]:
        """Each table has the same sets, with other contents."""
        dice = self._dice
        hosts = ", ".join(dict.fromkeys([dice.filled("<ip4>"), "10.1.0.0/16"]))
        pair = f"{dice.filled('<ip4>')} . 67, 10.0.0.1 . 9"
        ways = f"67 : {self._verdict()}, 69 : drop, 80 : accept"
        return [
            f"set hosts {{ type ipv4_addr; flags interval; elements = {{ {hosts} }}; }}",
            f"set ports {{ type inet_service; flags interval; elements = {{ {dice.filled('<ports>')}, 53 }}; }}",
            f"set few {{ type inet_service; elements = {{ {dice.filled('<port>')}, 7 }}; }}",
            f"set pairs {{ type ipv4_addr . inet_service; elements = {{ {pair} }}; }}",
            f'set nics {{ type ifname; elements = {{ "{dice.filled("<dev>")}", "eth9" }}; }}',
            "set wide { type ipv4_addr . inet_service; flags interval; elements = { 192.168.77.0/24 . 60-70 }; }",
            "set seen { type ipv4_addr; flags dynamic,timeout; timeout 1m; }",
            f"map ways {{ type inet_service : verdict; elements = {{ {ways} }}; }}",
        ]
