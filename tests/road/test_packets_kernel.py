"""conntrack's word for every packet of a boot, against the kernel: packets really sent, counted by state at each hook.

`road.packets` gives each packet the state that rules will see; here nft's counters say what this kernel calls it.
"""

import json
from collections.abc import Iterator

import pytest

from pxedoctor.netfilter.field import ETHERTYPES
from pxedoctor.netfilter.seen import Packet
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.packets import Parties, packet
from road_ground import BRIDGE_MAC, GUEST, GUEST6, GUEST_MAC, SERVER, SERVER6, Ground, ground

pytestmark = pytest.mark.lab

STATES = ("new", "established", "related", "invalid", "untracked")
HOOKS = ("prerouting", "input", "output", "postrouting")
PARTIES = Parties(
    guest_mac=GUEST_MAC,
    server_mac=BRIDGE_MAC,
    server=SERVER,
    guest=GUEST,
    boot_server=SERVER,
    guest6=GUEST6,
    server6=SERVER6,
)
_KEEP = "table inet keep {\nchain c {\ntype filter hook input priority 0;\nct state new counter\n}\n}\n"
# The ports that the two ends choose for themselves.
GUEST_PORT = 2070


@pytest.fixture
def wire() -> Iterator[Ground]:
    """A new one for each test: nothing is tracked yet."""
    with ground() as opened:
        opened.run("sysctl", "-qw", f"net.ipv6.conf.{opened.bridge}.forwarding=1")
        yield opened


def named(name: Name, **changes: object) -> Packet:
    values = {field: getattr(packet(name, PARTIES), field) for field in Packet.__struct_fields__}
    return Packet(**(values | changes))


def watched(of: Packet) -> str:
    """A table that counts this packet at each hook, by state."""
    ip = "ip6" if of.ethertype == ETHERTYPES["ip6"] else "ip"
    match = f"{ip} saddr {of.source} {ip} daddr {of.destination}"
    if of.destination_port or of.source_port:
        kind = "tcp" if of.tcp_flags else "udp"
        match += f" {kind} dport {of.destination_port}" if isinstance(of.destination_port, int) else ""
        match += f" {kind} sport {of.source_port}" if isinstance(of.source_port, int) else ""
    elif of.icmp_type:
        match += f" {'icmpv6' if ip == 'ip6' else 'icmp'} type {of.icmp_type}"
    counters = "\n".join(f'{match} ct state {state} counter comment "{state}"' for state in STATES)
    chains = (f"chain {hook} {{ type filter hook {hook} priority 10; {counters}\n }}" for hook in HOOKS)
    return "table inet watch {\n" + "\n".join(chains) + "\n}\n"


def counted(wire: Ground) -> dict[str, set[str]]:
    listed = json.loads(wire.run("nft", "-j", "list", "table", "inet", "watch"))["nftables"]
    found: dict[str, set[str]] = {}
    for rule in (entry["rule"] for entry in listed if "rule" in entry):
        if any(part.get("counter", {}).get("packets") for part in rule["expr"]):
            found.setdefault(rule["chain"], set()).add(rule["comment"])
    return found


class Exchange:
    """Packets sent one after the other, each with its state at the hooks where it was seen."""

    def __init__(self, wire: Ground) -> None:
        self.wire = wire
        # Connections are tracked only while some rule asks for their state.
        wire.run("nft", "-f", "-", text=_KEEP)

    def state(self, of: Packet) -> str:
        self.wire.run("nft", "-f", "-", text=watched(of))
        if of.name in {name.value for name in Name if name.from_guest}:
            self.wire.send("A", of)
        else:
            self.wire.send("udp", of)
        states = counted(self.wire)
        self.wire.run("nft", "delete", "table", "inet", "watch")
        assert states, f"{of.name} was counted nowhere"
        (first, *others) = {state for found in states.values() for state in found}
        assert not others, f"{of.name} has several states: {states}"
        return str(first).upper()


def test_a_dhcp_exchange_with_retransmissions(wire: Ground) -> None:
    exchange = Exchange(wire)
    for name in (Name.DISCOVER, Name.DISCOVER, Name.OFFER_BROADCAST, Name.OFFER_UNICAST, Name.REQUEST):
        assert exchange.state(named(name)) == named(name).state, name
    for name in (Name.ACK_BROADCAST, Name.ACK_UNICAST, Name.DECLINE, Name.DISCOVER):
        assert exchange.state(named(name)) == named(name).state, name


def test_tftp_answers_from_another_port(wire: Ground) -> None:
    exchange = Exchange(wire)
    own, data = {"source_port": GUEST_PORT}, {"source_port": 4011, "destination_port": GUEST_PORT}
    assert exchange.state(named(Name.TFTP_RRQ, **own)) == named(Name.TFTP_RRQ).state
    assert exchange.state(named(Name.TFTP_DATA, **data)) == named(Name.TFTP_DATA).state == "NEW"
    back = {"source_port": GUEST_PORT, "destination_port": 4011}
    assert exchange.state(named(Name.TFTP_ACK, **back)) == named(Name.TFTP_ACK).state == "ESTABLISHED"


def test_a_renewal(wire: Ground) -> None:
    exchange = Exchange(wire)
    assert exchange.state(named(Name.RENEW)) == named(Name.RENEW).state
    assert exchange.state(named(Name.RENEW_ACK)) == named(Name.RENEW_ACK).state == "ESTABLISHED"


def test_a_renewal_soon_after_a_unicast_offer_is_a_reply_to_it(wire: Ground) -> None:
    """Half a minute after a unicast OFFER or ACK conntrack still knows that pair of ports; the road says NEW all the
    same, which is what a renewal at half the lease is."""
    exchange = Exchange(wire)
    exchange.state(named(Name.OFFER_UNICAST))
    assert exchange.state(named(Name.RENEW)) == "ESTABLISHED"


@pytest.mark.parametrize(
    ("asks", "answers"), [(Name.DNS_QUERY, Name.DNS_ANSWER), (Name.PROXY_REQUEST, Name.PROXY_REPLY)]
)
def test_question_and_answer(wire: Ground, asks: Name, answers: Name) -> None:
    exchange = Exchange(wire)
    ports = {"source_port": GUEST_PORT} if asks is Name.DNS_QUERY else {}
    back = {"destination_port": GUEST_PORT} if asks is Name.DNS_QUERY else {}
    assert exchange.state(named(asks, **ports)) == named(asks).state
    assert exchange.state(named(answers, **back)) == named(answers).state


def test_http(wire: Ground) -> None:
    """The kernel itself answers: nobody listens, so it refuses, in the same state as it would accept."""
    exchange = Exchange(wire)
    own = named(Name.HTTP_SYN, source_port=GUEST_PORT)
    assert exchange.state(own) == own.state
    reset = named(Name.HTTP_SYN_ACK, destination_port=GUEST_PORT + 1)
    wire.run("nft", "-f", "-", text=watched(reset))
    wire.send("A", named(Name.HTTP_SYN, source_port=GUEST_PORT + 1))
    assert counted(wire)["output"] == {"established"}
    assert reset.state == "ESTABLISHED"


def test_a_ping_is_new(wire: Ground) -> None:
    Exchange(wire)
    echo = named(Name.PING)
    wire.run("nft", "-f", "-", text=watched(echo))
    wire.ask(run=["busybox", "ping", "-c", "1", "-W", "1", GUEST])
    assert counted(wire)["output"] == {"new"}
    assert echo.state == "NEW"


def test_dhcp_over_ipv6(wire: Ground) -> None:
    exchange = Exchange(wire)
    for name in (Name.SOLICIT, Name.SOLICIT, Name.ADVERTISE):
        assert exchange.state(named(name)) == named(name).state, name


def test_neighbour_discovery_is_not_tracked(wire: Ground) -> None:
    exchange = Exchange(wire)
    asks = named(Name.ROUTER_SOLICITATION)
    assert exchange.state(asks) == asks.state == "UNTRACKED"
    assert named(Name.ROUTER_ADVERTISEMENT).state == "UNTRACKED"
