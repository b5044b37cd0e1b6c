"""The table that makes nf_tables tell of one guest's packets, as commands for nft(8).

1. Families bridge and inet, at priorities before everything else; it decides nothing, and every packet goes on.
2. A packet is meant by its MAC, and by its ports; a DHCP answer to everybody by the hardware address within it (chaddr:
   28 bytes into the message, 36 behind the beginning of UDP's header, 288 bits).
3. What this host itself sends bears no MAC yet: of a file, what goes to the port that the guest asked from, which a set
   of the table keeps for a while. Of a file only the first block is meant, the options, and errors (RFC 1350, 2347).
4. Everybody's packets pay for these rules: what is others' alone leaves a chain by its first rule, as it would by its
   end.
5. `flags owner`: the table goes with the process that holds it, however that ends (kernel 5.12, nft 0.9.9).
"""

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
_HTTP_SYN = "tcp dport { 80, 8080 } tcp flags & syn == syn"
_FILE = (_FIRST_BLOCK, _OPTIONS_OR_ERROR, "tcp sport { 80, 8080 } tcp flags & syn == syn")
_ASKED = "asked"
_KEPT_SECONDS = 300
_MOST_ASKED = 1024
_HOOKS = ("prerouting", "input", "forward", "output", "postrouting")


def table_name(number: int) -> str:
    return f"pxedoctor_trace_{number}"


def commands(name: str, mac: str | None, bridge: str) -> tuple[str, ...]:
    """One for each line. `mac` None: DHCP of everybody on `bridge`."""
    return (
        *(line for family in ("bridge", "inet") for line in _opened(family, name)),
        f"add set inet {name} {_ASKED} {{ type ipv4_addr . inet_service; flags dynamic,timeout; "
        f"timeout {_KEPT_SECONDS}s; size {_MOST_ASKED}; }}",
        *_rules(name, mac, bridge),
    )


def _opened(family: str, name: str) -> list[str]:
    """A chain at each hook: an empty one, too, tells that a packet came as far as there."""
    chains = [
        f"add chain {family} {name} {hook} {{ type filter hook {hook} priority {_PRIORITY}; policy accept; }}"
        for hook in _HOOKS
    ]
    return [f"add table {family} {name} {{ flags owner; }}", *chains]


def _rules(name: str, mac: str | None, bridge: str) -> list[str]:
    if mac is None:
        dhcp = "udp dport { 67, 68, 546, 547 }"
        return [
            f"add rule bridge {name} prerouting {dhcp} {_TRACE}",
            f"add rule bridge {name} output {dhcp} {_TRACE}",
            f'add rule inet {name} prerouting iifname "{bridge}" {dhcp} {_TRACE}',
            f'add rule inet {name} output oifname "{bridge}" {dhcp} {_TRACE}',
        ]
    chaddr = f"udp dport {{ 67, 68 }} {_CHADDR} 0x{mac.replace(':', '')}"
    ports = f"udp dport {_BOOT_PORTS}"
    return [
        f"add rule bridge {name} prerouting ether saddr != {mac} ether daddr != {mac} {_NO_DHCP} return",
        f"add rule inet {name} prerouting ether saddr != {mac} {_NO_DHCP} return",
        f"add rule bridge {name} prerouting ether saddr {mac} {ports} {_TRACE}",
        f"add rule bridge {name} prerouting ether saddr {mac} {_HTTP_SYN} {_TRACE}",
        f"add rule bridge {name} prerouting {chaddr} {_TRACE}",
        *(f"add rule bridge {name} prerouting ether daddr {mac} {what} {_TRACE}" for what in _FILE),
        f"add rule bridge {name} output ether daddr {mac} udp sport {_BOOT_PORTS} {_TRACE}",
        f"add rule bridge {name} output {chaddr} {_TRACE}",
        *(f"add rule bridge {name} output ether daddr {mac} {what} {_TRACE}" for what in _FILE),
        f"add rule inet {name} prerouting {chaddr} {_TRACE}",
        f"add rule inet {name} output {chaddr} {_TRACE}",
        f"add rule inet {name} prerouting ether saddr {mac} {ports} {_TRACE}",
        f"add rule inet {name} prerouting ether saddr {mac} {_HTTP_SYN} {_TRACE}",
        f"add rule inet {name} prerouting ether saddr {mac} udp dport 69 add @{_ASKED} {{ ip saddr . udp sport }}",
        f"add rule inet {name} prerouting ether saddr {mac} {_HTTP_SYN} add @{_ASKED} {{ ip saddr . tcp sport }}",
        *(f"add rule inet {name} output ip daddr . udp dport @{_ASKED} {what} {_TRACE}" for what in _FILE[:2]),
        f"add rule inet {name} output ip daddr . tcp dport @{_ASKED} tcp flags & syn == syn {_TRACE}",
    ]
