"""Whether a CHECKSUM rule sees a host's DHCP reply: certainly, perhaps, or not."""

import pytest

from pxedoctor.netfilter.ruleset import understood
from pxedoctor.netfilter.seen import Packet
from pxedoctor.road.mangle import Sum, Walked, reply_sum
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.packets import Parties, packet
from rulesets import LIBVIRT, UFW, netfilter, saved

PARTIES = Parties(server="192.168.122.1", guest="192.168.122.2")
TO_ALL = packet(PacketName.OFFER_BROADCAST, PARTIES)
TO_ONE = packet(PacketName.OFFER_UNICAST, PARTIES)

HEAD = ":PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
FILL = "-j CHECKSUM --checksum-fill"
MATCH = "-o virbr0 -p udp -m udp --dport 68"


def mangle(*rules: str, chains: str = "", head: str = HEAD) -> str:
    return "*mangle\n" + head + chains + "\n".join(rules) + "\nCOMMIT\n"


def walked(text: str, reply: Packet = TO_ALL) -> Walked:
    return reply_sum(understood(netfilter(saved(text))), "virbr0", reply)


@pytest.mark.parametrize("reply", [TO_ALL, TO_ONE], ids=["broadcast", "unicast"])
def test_libvirts_own_rule_fills(reply: Packet) -> None:
    found = walked(LIBVIRT, reply)
    assert found.sum is Sum.FILLED
    assert found.rule == "-A LIBVIRT_PRT -o virbr0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="no table at all"),
        pytest.param(UFW, id="another table"),
        pytest.param(mangle(), id="an empty mangle table"),
        pytest.param(LIBVIRT.replace("-A POSTROUTING -j LIBVIRT_PRT\n", "", 1), id="the jump is gone"),
        pytest.param(mangle(f"-A POSTROUTING {MATCH.replace('virbr0', 'virbr1')} {FILL}"), id="another bridge"),
        pytest.param(mangle(f"-A POSTROUTING -o virbr0 -p udp -m udp --dport 53 {FILL}"), id="another port"),
        pytest.param(mangle(f"-A POSTROUTING -o virbr0 -p tcp -m tcp --dport 68 {FILL}"), id="another protocol"),
        pytest.param(mangle(f"-A POSTROUTING ! {MATCH} {FILL}"), id="every bridge but this"),
        pytest.param(mangle(f"-A POSTROUTING {MATCH} -m mark --mark 0x1 {FILL}"), id="a mark that nobody sets"),
        pytest.param(mangle(f"-A PREROUTING -p udp {FILL}"), id="only what comes in"),
        pytest.param(mangle("-A POSTROUTING -j ACCEPT", f"-A POSTROUTING {MATCH} {FILL}"), id="behind an ACCEPT"),
        pytest.param(mangle("-A POSTROUTING -p udp -j DROP", f"-A POSTROUTING {MATCH} {FILL}"), id="behind a DROP"),
        pytest.param(mangle(f"-A POSTROUTING {MATCH} -j DROP", head=HEAD), id="dropped is not filled"),
        pytest.param(
            mangle(f"-A POSTROUTING -o virbr1 {FILL}", head=HEAD.replace("POSTROUTING ACCEPT", "POSTROUTING DROP")),
            id="a policy of DROP is not a filled sum",
        ),
    ],
)
def test_nothing_fills(text: str) -> None:
    assert walked(text).sum is Sum.LEFT


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(mangle(f"-A POSTROUTING {MATCH} {FILL}"), id="the rule that a plan adds"),
        pytest.param(mangle(f"-A OUTPUT -p udp -m udp --sport 67 {FILL}"), id="in OUTPUT, by the server's port"),
        pytest.param(mangle(f"-A POSTROUTING -o virbr+ -p udp {FILL}"), id="a name with a plus"),
        pytest.param(mangle("-A OUTPUT -j ACCEPT", f"-A POSTROUTING {MATCH} {FILL}"), id="ACCEPT ends OUTPUT alone"),
        pytest.param(
            mangle("-A POSTROUTING -j MARK --set-xmark 0x1/0x1", f"-A POSTROUTING {MATCH} -m mark --mark 0x1 {FILL}"),
            id="marked",
        ),
        pytest.param(
            mangle("-A POSTROUTING -m limit --limit 1/sec -j LOG", f"-A POSTROUTING {MATCH} {FILL}"),
            id="perhaps logged",
        ),
    ],
)
def test_filled(text: str) -> None:
    assert walked(text).sum is Sum.FILLED


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(mangle(f"-A POSTROUTING {MATCH} -m time --timestart 08:00:00 {FILL}"), id="by the clock"),
        pytest.param(
            mangle("-A POSTROUTING -m time --timestart 08:00:00 -j ACCEPT", f"-A POSTROUTING {MATCH} {FILL}"),
            id="behind a verdict that may hold",
        ),
        pytest.param(
            mangle("-A POSTROUTING -j FANCY", f"-A POSTROUTING {MATCH} {FILL}"), id="behind an unknown target"
        ),
    ],
)
def test_perhaps(text: str) -> None:
    found = walked(text)
    assert found.sum is Sum.PERHAPS
    assert found.why
