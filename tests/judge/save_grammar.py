"""Random rulesets as iptables-restore, ip6tables-restore, ebtables-restore and arptables-restore take them."""

from judge.grammar import Dice

_CHAINS = ("one", "two", "three")
IP_TABLES = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "security": ("INPUT", "FORWARD", "OUTPUT"),
}
_NOT = ("", "", "! ")
# -p stands before what needs it, as the programs want it.
_PORTS = (
    "-p udp -m udp <not>--dport <iptports>",
    "-p udp -m udp <not>--sport <iptports>",
    "-p udp -m udp --sport 68 --dport 67",
    "-p tcp -m tcp <not>--dport <iptports>",
    "-p tcp -m tcp <not>--tcp-flags FIN,SYN,RST,ACK SYN",
    "-p tcp -m tcp --syn",
    "-p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN",
    "-p udp -m multiport <not>--dports <port>,<iptports>",
    "-p udp -m multiport <not>--sports <port>,4000:5000",
    "-p udp -m multiport <not>--ports 68,69",
    "-p udp",
    "<not>-p tcp",
    "-p 17",
)
_ICMP = {
    "ip": ("-p icmp -m icmp <not>--icmp-type 8", "-p icmp", "-p icmp -m icmp --icmp-type 0/0"),
    "ip6": ("-p ipv6-icmp -m icmp6 --icmpv6-type 133", "-p ipv6-icmp", "-p ipv6-icmp -m icmp6 ! --icmpv6-type 135"),
}
_ADDRESSES = {
    "ip": (
        "<not>-s <ip4>",
        "<not>-d <ip4>",
        "<not>-s <net4>",
        "<not>-d <net4>",
        "-s 192.0.77.0/255.0.255.0",
        "-m iprange <not>--src-range <range4>",
        "-m iprange <not>--dst-range <range4>",
        "-m ttl --ttl-eq 64",
        "-m ttl --ttl-lt 65",
    ),
    "ip6": (
        "<not>-s <ip6>",
        "<not>-d <ip6>",
        "<not>-s <net6>",
        "<not>-d <net6>",
        "-m hl --hl-eq 255",
        "-m hl --hl-gt 100",
    ),
}
_HOPS = {"ip": "-j TTL --ttl-set 5", "ip6": "-j HL --hl-set 5"}
_OTHERS = (
    "-m conntrack <not>--ctstate <STATE>",
    "-m conntrack <not>--ctstate <STATE>,<STATE>",
    "-m conntrack --ctstate NEW --ctdir ORIGINAL",
    "-m state --state <STATE>",
    "-m mark <not>--mark <mark>",
    "-m mark --mark 0x1",
    "-m mark --mark 0x0",
    "-m mark <not>--mark <mark>/<mask>",
    "-m connmark <not>--mark <mark>",
    "-m pkttype <not>--pkt-type broadcast",
    "-m pkttype <not>--pkt-type unicast",
    "-m addrtype <not>--dst-type BROADCAST",
    "-m addrtype <not>--dst-type LOCAL",
    "-m addrtype --src-type LOCAL,BROADCAST",
    "-m length --length <iptlen>",
    '-m comment --comment "-j DROP"',
    "-m physdev --physdev-in <port_dev>",
    "-m physdev ! --physdev-in <port_dev>",
    "-m physdev --physdev-is-bridged",
    "-m physdev --physdev-is-in",
    "-m conntrack --ctdir REPLY",
    "-m conntrack --ctstate NEW,DNAT",
    "-m tos <not>--tos 0x00/0xff",
    "-m dscp --dscp 0x00",
    "-m u32 --u32 0x0=0x0:0xffffffff",
    "-m string --algo bm --string PXE",
    "-m time --timestart 00:00 --timestop 23:59",
    "-m owner --uid-owner 0",
    "-m rpfilter --invert",
    "-m recent --set --name x --rsource",
    "-m quota --quota 100000",
    # What is not modelled; the kernel's answer is not always the same.
    "-m statistic --mode random --probability 0.5",
    "-m limit --limit 1/hour",
    "-m cpu --cpu 0",
)
_MARKS = (
    "-j MARK --set-xmark 0x1/0xffffffff",
    "-j MARK --set-mark <mark>/<mask>",
    "-j MARK --or-mark 0x4",
    "-j TOS --set-tos 0x10/0xff",
    "-j CHECKSUM --checksum-fill",
    "-j MARK --and-mark 0xfffffffe",
    "-j MARK --xor-mark 0x3",
    "-j CONNMARK --set-xmark <mark>/0xffffffff",
    "-j CONNMARK --save-mark",
    "-j CONNMARK --restore-mark",
    "-j CONNMARK --restore-mark --nfmask 0x3 --ctmask 0x3",
)
_MORE = {
    "not": _NOT,
    "iptports": ["67", "68", "67:69", ":100", "1024:", "547", "80"],
    "iptlen": ["0:1000", "36", "28:60"],
    "STATE": ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"],
}


class IptablesGrammar:
    """`text()` is a listing for iptables-restore (family ip) or ip6tables-restore (ip6)."""

    def __init__(self, dice: Dice, family: str) -> None:
        self._dice = dice
        self._family = family

    def text(self) -> str:
        tables = self._dice.some(["filter", "filter", "mangle", "raw", "nat", "security"], 1, 4)
        return "".join(self._table(name) for name in dict.fromkeys(tables))

    def _table(self, name: str) -> str:
        dice = self._dice
        lines = [f"*{name}"]
        for chain in IP_TABLES[name]:
            closes = name == "filter" and dice.chance(0.2)
            lines.append(f":{chain} {'DROP' if closes else 'ACCEPT'}")
        lines += [f":{chain} -" for chain in _CHAINS]
        for chain in dice.some(IP_TABLES[name], 1, 4):
            if name in {"mangle", "raw"} and dice.chance(0.5):
                # A mark that is written, and read by whom comes later.
                lines.append(dice.filled(f"-A {chain} {dice.pick(['', *_PORTS[:3]])} {dice.pick(_MARKS[:5])}", _MORE))
            lines += [self._rule(name, chain, list(_CHAINS)) for _ in range(dice.length())]
            if name != "nat" and dice.chance(0.5):
                ending = dice.pick(["-j DROP", "-j ACCEPT", "-j one", "-g two"])
                lines.append(dice.filled(f"-A {chain} -m mark <not>--mark <mark>/<mask> {ending}", _MORE))
        for place, chain in enumerate(_CHAINS):
            later = list(_CHAINS[place + 1 :])
            lines += [self._rule(name, chain, later) for _ in range(dice.random.randint(0, 4))]
        return "\n".join([*lines, "COMMIT"]) + "\n"

    def _rule(self, table: str, chain: str, later: list[str]) -> str:
        dice = self._dice
        inward = chain not in {"OUTPUT", "POSTROUTING"}
        outward = chain in {"FORWARD", "OUTPUT", "POSTROUTING"}
        choices = list(_ADDRESSES[self._family])
        if chain not in _CHAINS:
            choices += ["<not>-i <iptdev>"] * 3 if inward else []
            choices += ["<not>-o <iptdev>"] * 2 if outward else []
        words = dice.some(choices, 0, dice.random.choice((0, 1, 1, 2)))
        if dice.chance(0.4):
            words.append(dice.pick((*_PORTS, *_ICMP[self._family])))
        if dice.chance(0.4):
            words.append(dice.pick(_OTHERS))
        if inward and chain not in _CHAINS and dice.chance(0.1):
            words.append(dice.pick(["-m mac <not>--mac-source <mac>", "-m devgroup --src-group 0x0"]))
        target = self._target(table, chain, later, not words)
        return dice.filled(" ".join([f"-A {chain}", *words, target]), _MORE)

    def _target(self, table: str, chain: str, later: list[str], is_open: bool) -> str:
        """A rule that everything meets seldom decides by itself: what stands behind it would never be asked."""
        jumps = [f"{word} {name}" for name in later for word in ("-j", "-j", "-g")]
        marks = {
            "mangle": [*_MARKS, _HOPS[self._family]],
            "raw": ["-j CT --notrack", "-j MARK --set-xmark 0x1/0xffffffff"],
        }.get(table, [])
        if is_open and self._dice.chance(0.8):
            return self._dice.pick(["", "-j RETURN", *jumps, *jumps, *marks[:4]])
        choices = ["-j ACCEPT", "-j ACCEPT", "-j DROP", "-j DROP", "-j DROP", "-j RETURN", "-j NFLOG", ""]
        if table == "nat":
            choices = ["-j ACCEPT", "-j RETURN", ""]
            if chain == "POSTROUTING" and self._dice.chance(0.3):
                choices.append("-j MASQUERADE")
        if table == "filter":
            choices.append("-j REJECT")
        choices += [self._dice.pick(marks)] * 3 if marks else []
        return self._dice.pick([*choices, *jumps])


_EB_TABLES = {
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "nat": ("PREROUTING", "OUTPUT", "POSTROUTING"),
}
_EB_CONDITIONS = (
    "-p IPv4",
    "-p ARP",
    "-p IPv6",
    "-p ! ARP",
    "-s <not><mac>",
    "-d <not><mac>",
    "-d Broadcast",
    "-s 52:54:00:00:00:00/ff:ff:ff:00:00:00",
    "-p IPv4 --ip-src <not><ip4>",
    "-p IPv4 --ip-dst <net4>",
    "-p IPv4 --ip-proto udp --ip-dport <not><iptports>",
    "-p IPv4 --ip-proto udp --ip-sport 68",
    "-p IPv4 --ip-proto <not>tcp",
    "-p IPv6 --ip6-dst <not><ip6>",
    "-p IPv6 --ip6-proto udp --ip6-dport 547",
    "-p ARP --arp-op <not>Request",
    "-p ARP --arp-ip-src <ip4>",
    "-p ARP --arp-ip-dst <not><ip4>",
    "-p ARP --arp-mac-src <mac>",
    "--mark <not><mark>",
    "--mark <mark>/<mask>",
    "--pkttype-type <not>broadcast",
    "--pkttype-type otherhost",
    "--limit 1/hour",
)


class EbtablesGrammar:
    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def text(self) -> str:
        return "".join(self._table(name) for name in dict.fromkeys(self._dice.some(["filter", "filter", "nat"], 1, 2)))

    def _table(self, name: str) -> str:
        dice = self._dice
        lines = [f"*{name}"]
        lines += [f":{chain} {'DROP' if dice.chance(0.1) else 'ACCEPT'}" for chain in _EB_TABLES[name]]
        lines += [f":{chain} {dice.pick(['ACCEPT', 'RETURN', 'RETURN', 'DROP'])}" for chain in _CHAINS]
        for chain in dice.some(_EB_TABLES[name], 1, 3):
            lines += [self._rule(chain, list(_CHAINS)) for _ in range(dice.random.randint(1, 5))]
        for place, chain in enumerate(_CHAINS):
            lines += [self._rule(chain, list(_CHAINS[place + 1 :])) for _ in range(dice.random.randint(0, 3))]
        return "\n".join(lines) + "\n"

    def _rule(self, chain: str, later: list[str]) -> str:
        dice = self._dice
        words = [f"-A {chain}"]
        words += dice.some(_EB_CONDITIONS, 0, 1)
        if chain not in _CHAINS:
            inward, outward = chain in {"PREROUTING", "INPUT", "FORWARD"}, chain not in {"PREROUTING", "INPUT"}
            devices = ["-i <not><iptdev>", "--logical-in <bridge_dev>"] if inward else []
            devices += ["-o <not><iptdev>", "--logical-out <not><bridge_dev>"] if outward else []
            words += dice.some(devices, 0, 1)
        targets = ["-j ACCEPT", "-j DROP", "-j DROP", "-j CONTINUE", "-j mark --mark-set <mark>"]
        targets += ["-j mark --mark-or 0x2 --mark-target CONTINUE", "-j mark --mark-and 0xfe --mark-target CONTINUE"]
        targets += ["-j RETURN"] if chain in _CHAINS else []
        targets += [f"-j {name}" for name in later for _ in range(2)]
        return dice.filled(" ".join([*words, dice.pick(targets)]), _MORE)


_ARP_CONDITIONS = (
    "<not>-s <ip4>",
    "<not>-d <ip4>",
    "-d 192.168.77.0/24",
    "<not>--opcode 1",
    "--opcode 2",
    "<not>--source-mac <mac>",
    "--h-type 1",
)


class ArptablesGrammar:
    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def text(self) -> str:
        dice = self._dice
        lines = ["*filter", *(f":{chain} ACCEPT" for chain in ("INPUT", "OUTPUT")), ":one -"]
        for chain, device, later in (("INPUT", "-i <dev>", ["one"]), ("OUTPUT", "-o <dev>", ["one"]), ("one", "", [])):
            for _ in range(dice.random.randint(0, 3)):
                words = [*dice.some(_ARP_CONDITIONS, 0, 2), *([device] if device and dice.chance(0.3) else [])]
                target = dice.pick(["-j ACCEPT", "-j DROP", "-j RETURN", *(f"-j {name}" for name in later)])
                lines.append(dice.filled(" ".join([f"-A {chain}", *words, target]), _MORE))
        return "\n".join(lines) + "\n"
