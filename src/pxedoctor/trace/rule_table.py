"""The tables that make nf_tables tell of one guest's packets, as commands for nft(8).

1. Families netdev, bridge and inet, at priorities before everything else; they decide nothing: every packet goes on.
2. A packet is meant by its MAC, and by its ports; a DHCP answer to everybody by the hardware address within it (chaddr:
   28 bytes into the message, 36 behind the beginning of UDP's header, 288 bits).
3. What this host itself sends bears no MAC yet: of a file, what goes to the port that the guest asked from, which a set
   of the table keeps for a while. Of a file only the first block is meant, the options, and errors (RFC 1350, 2347).
4. Everybody's packets pay for a chain at a hook that they pass. So `standing` is where others' bridged packets never
   are: what this host itself takes and sends, and `at_port`: what comes in by the guest's own port. `looking` is at all
   hooks, to tell that a packet came as far as there, and is taken away while the guest is silent; what is others' alone
   leaves its chains by their first rule, as it would by their end.
5. A packet that was marked once stays so: other people's chains behind tell of it, too.
6. `flags owner`: the tables go with the process that holds them, however that ends (kernel 5.12, nft 0.9.9).
"""

from collections.abc import Sequence

from pxedoctor.wire.http_port import USUAL

# Before ebtables' broute and raw (linux/netfilter_bridge.h, netfilter_ipv4.h: INT_MIN is the defragmenter's).
_PRIORITY = -1000
_CHADDR = "@th,288,48"
_BOOT_PORTS = "{ 67, 68, 69, 4011, 546, 547 }"
_TRACE = "meta nftrace set 1"
# The first four bytes of a TFTP packet, and where only the first two say it.
_FIRST_BLOCK = "meta l4proto udp @th,64,32 0x00030001"
_OPTIONS_OR_ERROR = "meta l4proto udp @th,64,16 { 5, 6 }"
# A range is compared in half the time of a lookup in a set.
_NO_DHCP = "th dport != 67-68"
_SYN = "tcp flags & syn == syn"
_ANYBODYS = "udp dport { 67, 68, 546, 547 }"
_ASKED = "asked"
_KEPT_SECONDS = 300
_MOST_ASKED = 1024
_OWN_HOOKS = ("input", "output")
_BRIDGE_HOOKS = ("prerouting", "input", "forward", "output", "postrouting")
# Of inet those where the host's own ways do not lead, but bridged packets do where br_netfilter is on.
_INET_HOOKS = ("prerouting", "forward", "postrouting")


def table_name(number: int) -> str:
    return f"pxedoctor_trace_{number}"


def standing(name: str, mac: str | None, bridge: str, http: Sequence[int] = USUAL) -> tuple[str, ...]:
    """What is there all the time, in the place of what was: one command for each text.

    `mac` None: DHCP of everybody on `bridge`. `http`: the ports by which the guest may fetch, here and below.
    """
    asked = (
        f"add set inet {name} {_ASKED} {{ type ipv4_addr . inet_service; flags dynamic,timeout; "
        f"timeout {_KEPT_SECONDS}s; size {_MOST_ASKED}; }}"
    )
    chains = [_chain("inet", name, hook) for hook in _OWN_HOOKS]
    chains += [f"flush chain inet {name} {hook}" for hook in _OWN_HOOKS]
    if mac is None:
        rules: tuple[str, ...] = (f'add rule inet {name} output oifname "{bridge}" {_ANYBODYS} {_TRACE}',)
    else:
        rules = (
            f"add rule inet {name} input ether saddr != {mac} return",
            f"add rule inet {name} input ether saddr {mac} udp dport 69 add @{_ASKED} {{ ip saddr . udp sport }}",
            f"add rule inet {name} input ether saddr {mac} {_asks_by(http)} add @{_ASKED} {{ ip saddr . tcp sport }}",
            f"add rule inet {name} output {_chaddr(mac)} {_TRACE}",
            *(
                f"add rule inet {name} output ip daddr . udp dport @{_ASKED} {what} {_TRACE}"
                for what in (_FIRST_BLOCK, _OPTIONS_OR_ERROR)
            ),
            f"add rule inet {name} output ip daddr . tcp dport @{_ASKED} {_SYN} {_TRACE}",
        )
    return (_table("inet", name), asked, *chains, *rules)


def at_port(name: str, mac: str, port: str, http: Sequence[int] = USUAL) -> tuple[str, ...]:
    """The guest's own packets are marked where they come in; others' do not pass there."""
    chain = f'{{ type filter hook ingress device "{port}" priority {_PRIORITY}; policy accept; }}'
    return (
        *at_no_port(name),
        _table("netdev", name),
        f"add chain netdev {name} ingress {chain}",
        *(f"add rule netdev {name} ingress {what} {_TRACE}" for what in _from_guest(mac, http)),
    )


def at_no_port(name: str) -> tuple[str, ...]:
    """Whether it is there or not."""
    return (_table("netdev", name), f"delete table netdev {name}")


def looking(name: str, mac: str | None, bridge: str, marked: bool, http: Sequence[int] = USUAL) -> tuple[str, ...]:
    """A chain at each hook: an empty one, too, tells that a packet came as far as there. In the place of older ones.

    `marked`: what the guest sends is marked already, where it comes in.
    """
    return (
        _table("bridge", name),
        f"delete table bridge {name}",
        _table("bridge", name),
        *(_chain("bridge", name, hook) for hook in _BRIDGE_HOOKS),
        *(_chain("inet", name, hook) for hook in _INET_HOOKS),
        *(f"flush chain inet {name} {hook}" for hook in _INET_HOOKS),
        *(_everybodys(name, bridge) if mac is None else _guests(name, mac, marked, http)),
    )


def resting(name: str) -> tuple[str, ...]:
    """What `looking` made goes."""
    return (
        f"delete table bridge {name}",
        *(f"flush chain inet {name} {hook}" for hook in _INET_HOOKS),
        *(f"delete chain inet {name} {hook}" for hook in _INET_HOOKS),
    )


def _table(family: str, name: str) -> str:
    return f"add table {family} {name} {{ flags owner; }}"


def _chain(family: str, name: str, hook: str) -> str:
    return f"add chain {family} {name} {hook} {{ type filter hook {hook} priority {_PRIORITY}; policy accept; }}"


def _chaddr(mac: str) -> str:
    return f"udp dport {{ 67, 68 }} {_CHADDR} 0x{mac.replace(':', '')}"


def _asks_by(http: Sequence[int]) -> str:
    return f"tcp dport {{ {', '.join(map(str, http))} }} {_SYN}"


def _from_guest(mac: str, http: Sequence[int]) -> tuple[str, ...]:
    return (f"ether saddr {mac} udp dport {_BOOT_PORTS}", f"ether saddr {mac} {_asks_by(http)}", _chaddr(mac))


def _everybodys(name: str, bridge: str) -> tuple[str, ...]:
    return (
        f"add rule bridge {name} prerouting {_ANYBODYS} {_TRACE}",
        f"add rule bridge {name} output {_ANYBODYS} {_TRACE}",
        f'add rule inet {name} prerouting iifname "{bridge}" {_ANYBODYS} {_TRACE}',
    )


def _guests(name: str, mac: str, marked: bool, http: Sequence[int]) -> tuple[str, ...]:
    foreign = f"ether daddr != {mac} {_NO_DHCP} return"
    answers = f"tcp sport {{ {', '.join(map(str, http))} }} {_SYN}"
    comes = [f"ether daddr {mac} {what}" for what in (_FIRST_BLOCK, _OPTIONS_OR_ERROR, answers)]
    sent = [f"ether daddr {mac} udp sport {_BOOT_PORTS}", _chaddr(mac), *comes]
    if marked:
        before = [foreign, _chaddr(mac), *comes]
    else:
        before = [f"ether saddr != {mac} {foreign}", *_from_guest(mac, http), *comes]
    return (
        *(f"add rule bridge {name} prerouting {rule}{_marking(rule)}" for rule in before),
        *(f"add rule bridge {name} output {rule} {_TRACE}" for rule in sent),
        f"add rule inet {name} prerouting {_NO_DHCP} return",
        f"add rule inet {name} prerouting {_chaddr(mac)} {_TRACE}",
    )


def _marking(rule: str) -> str:
    return "" if rule.endswith(" return") else f" {_TRACE}"
