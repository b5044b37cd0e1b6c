"""`ip -j -d -s -s address show`, real and otherwise."""

import json

import pytest

from pxedoctor.access.answer import Failed
from pxedoctor.collect import links
from pxedoctor.model.fact import Missing
from pxedoctor.model.link import Address, Link
from recorded import BRIDGE, TAP, UPLINK, running_guest

LINKS = "run ip -j -d -s -s address show"


def parsed(text: str | None = None) -> dict[str, Link]:
    found = links.parse(running_guest(**({LINKS: text} if text is not None else {})))
    assert isinstance(found, tuple), found
    return {link.name: link for link in found}


def test_a_real_tap() -> None:
    tap = parsed()[TAP]
    assert (tap.kind, tap.master, tap.up, tap.carrier, tap.mtu) == ("tun", BRIDGE, True, True, 1500)
    assert tap.is_tap
    assert tap.mac == "fe:54:00:0d:0d:01"


def test_a_real_bridge() -> None:
    bridge = parsed()[BRIDGE]
    assert (bridge.kind, bridge.master, bridge.carrier) == ("bridge", None, False)
    assert Address(family="inet", address="192.168.150.1", prefix=24) in bridge.addresses


def test_a_veth_is_no_tap() -> None:
    assert not parsed()[UPLINK].is_tap


def test_the_device_below() -> None:
    below = parsed('[{"ifname": "eno1.10", "link": "eno1"}, {"ifname": "eno1"}, {"ifname": "v", "link": null}]')
    assert [entry.lower for entry in below.values()] == ["eno1", "", ""]


def test_the_mode_of_a_bond() -> None:
    info = {"info_kind": "bond", "info_data": {"mode": "balance-rr", "miimon": 100}}
    found = parsed(json.dumps([{"ifname": "bond0", "linkinfo": info}, {"ifname": "eno1"}]))
    assert [entry.bond_mode for entry in found.values()] == ["balance-rr", ""]
    strange = [{"ifname": "bond0", "linkinfo": {"info_kind": "bond"}}]
    assert parsed(json.dumps(strange))["bond0"].bond_mode == ""


def test_counters() -> None:
    stats = {"rx": {"packets": 7, "dropped": 1}, "tx": {"packets": 9, "dropped": 2}}
    counted = parsed(json.dumps([{"ifname": "a", "stats64": stats}, {"ifname": "b", "stats": stats}, {"ifname": "c"}]))
    assert counted["a"].counters == counted["b"].counters
    assert (counted["a"].counters.rx_packets, counted["a"].counters.tx_dropped) == (7, 2)
    assert counted["c"].counters.rx_packets == 0


def test_a_name_with_an_escape_sequence() -> None:
    """`ip -j` prints the byte as it is, which strict JSON forbids."""
    assert set(parsed('[{"ifname":"br\x1b[31m"}]')) == {"br\x1b[31m"}


@pytest.mark.parametrize("text", ['[{"ifname": 5}, [], null, {"ifname": ""}]', "{}", "[]", ""])
def test_what_is_no_link_is_passed_over(text: str) -> None:
    assert parsed(text) == {}


def test_fields_of_another_kind_than_expected() -> None:
    strange = {
        "ifname": "a",
        "ifindex": "one",
        "flags": "UP",
        "linkinfo": [],
        "link_netnsid": "x",
        "addr_info": 7,
        "stats64": [1],
        "mtu": True,
    }
    link = parsed(json.dumps([strange]))["a"]
    assert (link.index, link.up, link.kind, link.mtu, link.peer_namespace) == (0, False, "", 0, None)


@pytest.mark.parametrize("text", ["not JSON", "[" * 100_000, '[{"ifindex":' + "9" * 5000 + "}]"])
def test_what_is_no_json(text: str) -> None:
    found = links.parse(running_guest(**{LINKS: text}))
    assert isinstance(found, Missing)
    assert found.status == "failed"


def test_no_ip_at_all() -> None:
    assert links.parse(running_guest(**{LINKS: Failed("ip: timed out")})) == Missing("failed", "ip: timed out")


def test_the_vlan_of_a_vlan_device() -> None:
    """The texts of `ip -j -d link show type vlan`, iproute2 6.1 on Linux 6.1."""
    of = '{"info_kind": "vlan", "info_data": {"protocol": "%s", "id": %s, "flags": ["REORDER_HDR"]}}'
    found = parsed(
        f'[{{"ifname": "br0.30", "linkinfo": {of % ("802.1Q", 30)}}},'
        f' {{"ifname": "br0.40", "linkinfo": {of % ("802.1ad", 40)}}},'
        f' {{"ifname": "odd", "linkinfo": {of % ("802.1Q", 4096)}}},'
        ' {"ifname": "v", "linkinfo": {"info_kind": "vxlan", "info_data": {"id": 30}}}]'
    )
    assert [found[name].vlan for name in ("br0.30", "br0.40", "odd", "v")] == [30, None, None, None]


@pytest.mark.parametrize(
    ("listing", "wireless"),
    [
        # A laptop's wlan0 (Linux 6.1, iwlwifi), shortened.
        pytest.param("address\naddr_len\nphy80211\npower\nstatistics\nwireless\n", True, id="a radio's"),
        pytest.param("address\naddr_len\npower\nstatistics\n", False, id="a wire's"),
        pytest.param(Failed("no"), None, id="not listed"),
    ],
)
def test_a_wireless_device(listing: str | Failed, wireless: bool | None) -> None:
    texts = {LINKS: '[{"ifname": "wlan0"}]', "list /sys/class/net/wlan0": listing}
    (found,) = links.parse(running_guest(**texts))
    assert isinstance(found, Link)
    assert found.wireless is wireless
