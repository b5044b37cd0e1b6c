"""The kernel is the judge: random rulesets loaded for real, packets really sent, its fate against the evaluator's.

The rulesets are read back with iptables-save, so that the parser sees what the program prints. To repeat a run that
failed, take the seed from its message.
"""

import random
from collections import Counter

import msgspec
import pytest

from kernel_judge import SUBNETS, kernel
from pxedoctor.netfilter.field import PROTOCOLS
from pxedoctor.netfilter.hook import at_hook
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.ruleset import Ruleset
from pxedoctor.netfilter.seen import Family, Hook, Packet, Place, Seen
from pxedoctor.netfilter.walk import Verdict

pytestmark = pytest.mark.lab

_RULESETS, _PACKETS = 200, 6
_NAMES = {17: "udp", 6: "tcp"}
_CHAINS = ("INPUT", "one", "two", "three")
# What the evaluator may call unknown: less than this share, or it would be worth nothing.
_MOST_UNKNOWN = 0.12


def rule(dice: random.Random, table: str, chain: str, devices: tuple[str, ...]) -> str:
    """Few conditions, so that most rules meet some packet; -p before what needs it, as the program wants it."""
    protocol = dice.choice(["udp", "udp", "tcp", ""])
    words = [f"-A {chain}"]
    for condition in dice.sample(_conditions(dice, devices), dice.choice([0, 0, 1, 1, 2])):
        words.append(condition)
    if protocol:
        words.append(f"{_not(dice) if dice.random() < 0.3 else ''}-p {protocol}")
    if protocol and "! " not in words[-1] and dice.random() < 0.5:
        words.append(dice.choice(_ports(dice, protocol)))
    if dice.random() < 0.4:
        words.append(dice.choice(_others(dice)))
    return " ".join([*words, _target(dice, table, chain)])


def _conditions(dice: random.Random, devices: tuple[str, ...]) -> list[str]:
    source = dice.choice(["0.0.0.0", "192.168.77.0/24", "10.0.0.0/8", "10.9.0.9/255.0.255.255", "192.168.77.200/24"])
    destination = dice.choice(["255.255.255.255", "192.168.77.1", "10.7.0.0/31", "128.0.0.0/1"])
    device = dice.choice([*devices, "vb+", "lo", "e+"])
    return [f"{_not(dice)}-s {source}", f"{_not(dice)}-d {destination}", f"{_not(dice)}-i {device}"]


def _not(dice: random.Random) -> str:
    return "! " if dice.random() < 0.4 else ""


def _ports(dice: random.Random, protocol: str) -> list[str]:
    ports = dice.choice(["67", "68", "67:69", ":100", "1024:", "69"])
    several = dice.choice(["67", "53,68", "1:60,67:69", "69,4000:5000"])
    return [
        f"-m {protocol} {_not(dice)}--dport {ports}",
        f"-m {protocol} {_not(dice)}--sport {ports}",
        f"-m {protocol} --sport 68 {_not(dice)}--dport {ports}",
        f"-m multiport {_not(dice)}--dports {several}",
        f"-m multiport {_not(dice)}--sports {several}",
        f"-m multiport {_not(dice)}--ports {several}",
    ]


def _others(dice: random.Random) -> list[str]:
    state = dice.choice(["NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID", "NEW,INVALID"])
    kind = dice.choice(["BROADCAST", "LOCAL", "MULTICAST,BROADCAST", "UNICAST"])
    return [
        f"-m conntrack {_not(dice)}--ctstate {state}",
        f"-m state {_not(dice)}--state {dice.choice(['NEW', 'ESTABLISHED'])}",
        f"-m addrtype {_not(dice)}--dst-type {kind}",
        f"-m addrtype {_not(dice)}--src-type {kind}",
        f"-m pkttype {_not(dice)}--pkt-type {dice.choice(['broadcast', 'unicast', 'multicast'])}",
        '-m comment --comment "-j DROP"',
        '-m comment --comment "it is a \\"b\\""',
        "-f",
        "-m mark --mark 0x1",
        "-m length --length 0:1000",
        "-m ttl ! --ttl-eq 64",
    ]


def _target(dice: random.Random, table: str, chain: str) -> str:
    later = _CHAINS[_CHAINS.index(chain) + 1 :]
    choices = ["-j ACCEPT", "-j ACCEPT", "-j DROP", "-j RETURN", "-j LOG", "-j NFLOG", ""]
    choices += ["-j REJECT"] if table == "filter" else ["-j MARK --set-mark 0x1"]
    jumps = [f"{word} {name}" for name in later for word in ("-j", "-j", "-g")]
    return dice.choice([*choices, *jumps])


def ruleset(dice: random.Random, devices: tuple[str, ...]) -> str:
    """Tables mangle and filter. Chains lead only onwards: the kernel takes no circle."""
    lines = []
    for table in ("mangle", "filter"):
        policy = dice.choice(["ACCEPT", "DROP"]) if table == "filter" else "ACCEPT"
        lines += [f"*{table}", f":INPUT {policy}", *(f":{name} -" for name in _CHAINS[1:])]
        for chain in _CHAINS:
            lines += [rule(dice, table, chain, devices) for _ in range(dice.randrange(1, 7))]
        lines.append("COMMIT")
    return "\n".join(lines) + "\n"


def packet(dice: random.Random, devices: tuple[str, ...], fresh_port: int) -> tuple[str, Packet]:
    """A DISCOVER half of the time, else something from a guest's subnet. A new source port for TCP: it is NEW then."""
    index = dice.randrange(2)
    discover = dice.random() < 0.5
    everybody = discover or dice.random() < 0.3
    protocol = "udp" if discover else dice.choice(["udp", "tcp"])
    return devices[index], Packet(
        name="sent",
        ethertype=0x0800,
        protocol=PROTOCOLS[protocol],
        tcp_flags=0x02 if protocol == "tcp" else None,
        ttl=64,
        source="0.0.0.0" if discover else f"{SUBNETS[index]}.9",
        destination="255.255.255.255" if everybody else f"{SUBNETS[index]}.1",
        source_port=68 if discover else fresh_port,
        destination_port=67 if discover else dice.choice([67, 69, 53, 4321]),
        state="NEW",
        link_type="broadcast" if everybody else "unicast",
    )


def predicted(listing: str, device: str, sent: Packet) -> Verdict:
    """Over both tables: a drop in one is a drop."""
    tables = parse_iptables(listing, "ip", "iptables-save", "nft")
    place = Place(family=Family.IP, hook=Hook.INPUT, in_device=device)
    return at_hook(Ruleset(tables=tables), Seen(sent, place)).verdict


@pytest.mark.parametrize(("program", "seed"), [("iptables-nft", 20261), ("iptables-legacy", 20262)])
def test_the_evaluator_agrees_with_the_kernel(program: str, seed: int) -> None:
    dice = random.Random(seed)
    counted: Counter[str] = Counter()
    with kernel() as judge:
        for number in range(_RULESETS):
            listing = str(judge.ask(load=ruleset(dice, judge.devices), program=program)["saved"])
            for turn in range(_PACKETS):
                device, sent = packet(dice, judge.devices, 10000 + number * _PACKETS + turn)
                verdict, arrives = predicted(listing, device, sent), judge.arrives(device, sent)
                counted[verdict] += 1
                counted["arrived"] += arrives
                wrong = verdict is (Verdict.DROP if arrives else Verdict.ACCEPT)
                assert not wrong, f"seed {seed}: {verdict}, arrives {arrives}\n{msgspec.to_builtins(sent)}\n{listing}"
    pairs = _RULESETS * _PACKETS
    assert counted[Verdict.UNKNOWN] < pairs * _MOST_UNKNOWN, counted
    # A judge that always or never sees the packet would judge nothing.
    assert pairs * 0.2 < counted["arrived"] < pairs * 0.8, counted
