"""Which way a packet takes, by who is at the other end, and where that way ends."""

import pytest

from builders import client, link, port
from pxedoctor.findings.outcome import Hop
from pxedoctor.road.hop import Fate
from pxedoctor.road.journey import Journey
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.passage import By, Ends, from_guest, to_guest
from pxedoctor.road.scene import OtherGuest
from road_walks import LINKS, everywhere, journey, tap, told
from rulesets import saved


def ends(of: Journey, by: By, **changes: object) -> Ends:
    values: dict[str, object] = {"guest": tap(of), "client": client("ipxe"), "by": by, "port": tap(of, "eno1")}
    return Ends(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("by", "hooks"),
    [
        (By.SOCKET, ["bridge input br0", "netdev ingress br0", "ip prerouting br0", "ip input br0"]),
        (By.FRAMES, ["bridge input br0"]),
        (By.PORT, ["bridge forward br0", "bridge postrouting br0", "netdev egress eno1"]),
        (By.NOWHERE, ["bridge input br0"]),
    ],
)
def test_a_discover(by: By, hooks: list[str]) -> None:
    found = journey(Name.DISCOVER, *everywhere())
    from_guest(found, ends(found, by))
    passed = [word for word in told(found) if " " in word and word.split()[0] in {"bridge", "ip", "netdev"}]
    assert [word for word in passed if word != "bridge br0"] == [
        "netdev ingress vnet0",
        "bridge prerouting br0",
        *hooks,
    ]


@pytest.mark.parametrize(
    ("by", "first"),
    [
        (By.SOCKET, "ip output br0"),
        (By.FRAMES, "netdev egress br0"),
        (By.PORT, "netdev ingress eno1"),
        (By.ROUTING, "netdev ingress eno1"),
    ],
)
def test_an_answer_begins_where_its_sender_is(by: By, first: str) -> None:
    found = journey(Name.OFFER_UNICAST, *everywhere())
    to_guest(found, ends(found, by, device="eno1"))
    assert told(found)[0] == first
    assert (found.hops[-1].hop, found.hops[-1].device) == (Hop.DELIVERY, "vnet0")


@pytest.mark.parametrize(
    ("changes", "fate", "why"),
    [
        ({}, Fate.PASS, "leaves this host through eno1"),
        ({"port": OtherGuest()}, Fate.PASS, "reaches the other guests on br0"),
        ({"port": port("veth0")}, Fate.UNKNOWN, "leaves this namespace at veth0: what is behind it is not known"),
        ({"by": By.ROUTING, "device": "eno1"}, Fate.PASS, "leaves this host through eno1"),
        ({"by": By.ROUTING, "device": None}, Fate.UNKNOWN, "through which device this host routes it is not known"),
    ],
)
def test_where_the_way_leaves_the_host(changes: dict[str, object], fate: Fate, why: str) -> None:
    found = journey(Name.DISCOVER, links=(*LINKS, link("veth0", kind="veth", peer_namespace=2)))
    from_guest(found, ends(found, **({"by": By.PORT} | changes)))  # type: ignore[arg-type]
    assert (found.hops[-1].predicted, found.hops[-1].why) == (fate, why)


NAT = "*nat\n:POSTROUTING ACCEPT\n-A POSTROUTING {}\nCOMMIT\n"


@pytest.mark.parametrize(
    ("rule", "fate"),
    [
        ("-o br0 -j MASQUERADE", Fate.PASS),
        ("-o br0 -p udp -j MASQUERADE --to-ports 1024-65535", Fate.UNKNOWN),
        ("-o br0 -j SNAT --to-source 10.0.0.9", Fate.UNKNOWN),
        ("-o eno1 -j SNAT --to-source 10.0.0.9", Fate.PASS),
    ],
    ids=["its own address and port stay", "another port", "another address", "another device"],
)
def test_an_answer_that_nat_rewrites(rule: str, fate: Fate) -> None:
    """A client may take no answer from another port than the server's."""
    found = journey(Name.OFFER_BROADCAST, saved(NAT.format(rule)))
    to_guest(found, ends(found, By.SOCKET))
    last = found.hops[-1]
    assert (last.predicted, last.hop) == (fate, Hop.CLIENT if fate is Fate.UNKNOWN else Hop.DELIVERY)
