"""`ip -d address` as text, told again as `ip -j` and sysfs tell it."""

import json
import sys

import pytest

from pxedoctor.access.answer import Absent, Text
from pxedoctor.access.saved.devices import NET, as_json, listed, read_devices, value_at
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.host_bridge import bridge_name, host_bridge_site
from pxedoctor.lab.site import Site
from saved_texts import DEVICES as TEXT

COUNTED = """\
4: vnet0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1400 qdisc pfifo_fast master br0 state DOWN mode DEFAULT
    link/ether ea:57:4b:7d:b0:d6 brd ff:ff:ff:ff:ff:ff
    RX:  bytes packets errors dropped  missed   mcast
         10000      20      0       3       0       0
    TX:  bytes packets errors dropped carrier collsns
          5000      10      0       1       0       0
"""


def test_as_ip_tells_it() -> None:
    records = {record["ifname"]: record for record in json.loads(as_json(read_devices(TEXT)))}
    assert records["br0"]["addr_info"][0] == {"family": "inet", "local": "192.168.150.1", "prefixlen": 24}
    assert records["br0"]["linkinfo"] == {"info_kind": "bridge"}
    assert (records["vnet0"]["master"], records["vnet0"]["mtu"]) == ("br0", 1400)
    assert records["vnet0"]["linkinfo"] == {"info_kind": "tun"}
    assert records["up0"]["link_netnsid"] == 0


def test_counters() -> None:
    device = read_devices(COUNTED)["vnet0"]
    assert (device.received, device.sent) == ([10000, 20, 0, 3], [5000, 10, 0, 1])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("br0/bridge/forward_delay", "1500"),
        ("br0/bridge/stp_state", "1"),
        ("br0/bridge/bridge_id", "8000.5254000d0dfe"),
        ("br0/bridge/root_id", "1000.0242afbdfb04"),
        ("vnet0/brport/state", "2"),
        ("vnet0/brport/port_no", "0x2"),
        ("vnet0/bridge/stp_state", None),
        ("br0/bridge/nothing", None),
        ("none/bridge/stp_state", None),
        ("br0", None),
    ],
)
def test_as_sysfs_tells_it(path: str, value: str | None) -> None:
    assert value_at(read_devices(TEXT), f"{NET}/{path}") == value


def test_the_root_that_an_old_iproute2_does_not_tell() -> None:
    """Before 6.5 it printed the bridge's own id for any root; with a root port the bridge is not the root."""
    text = TEXT.replace("1000.2:42:af:bd:fb:4", "8000.52:54:0:d:d:fe")
    assert value_at(read_devices(text), f"{NET}/br0/bridge/root_id") == ""


def test_folders() -> None:
    devices = read_devices(TEXT)
    assert listed(devices, NET) == Text("br0\nup0\nvnet0")
    assert listed(devices, f"{NET}/br0/brif") == Text("vnet0")
    assert listed(devices, f"{NET}/vnet0") == Text("brport\ntun_flags")
    assert isinstance(listed(devices, f"{NET}/vnet0/bridge"), Absent)
    assert listed(devices, f"{NET}/none") is None
    assert listed(devices, "/etc") is None


_FACTS = """
import msgspec, sys
from pxedoctor.access.answer import Text
from pxedoctor.access.live import LiveHost
from pxedoctor.access.saved.host import SavedHost
from pxedoctor.access.saved.tree import OnDisk
from pxedoctor.collect.gather import gather
access = LiveHost() if sys.argv[1] == "live" else SavedHost(OnDisk(sys.argv[1]), "x")
host = gather(access, frozenset({"links", "bridges"}), lambda _: None).host
print(msgspec.json.encode([host.links, host.bridges]).decode())
"""


def _facts(site: Site, source: str) -> list[list[dict[str, object]]]:
    facts: list[list[dict[str, object]]] = json.loads(site.run(sys.executable, "-c", _FACTS, source))
    return facts


@pytest.mark.lab
def test_the_same_facts_as_live() -> None:
    """A bridge with STP, a port whose other end is elsewhere, and a tap: from the texts, and from the kernel."""
    with open_site() as site:
        host_bridge_site(site)
        site.run("ip", "tuntap", "add", "dev", "vnet0", "mode", "tap")
        site.run("ip", "link", "set", "dev", "vnet0", "master", bridge_name(site), "up")
        for name, command in (("ip_-d_address", "ip -d address"), ("ip_-s_-d_link", "ip -s -d link")):
            site.run("sh", "-ec", f"mkdir -p /tmp/texts; {command} >/tmp/texts/{name}")
        links, bridges = _facts(site, "/tmp/texts")
        live_links, live_bridges = _facts(site, "live")
    for link in (*links, *live_links):
        # Packets go on while one looks after the other.
        del link["counters"]
        # The texts know a namespace that has a name by that, and not by its number.
        link["peer_namespace"] = link["peer_namespace"] is not None
    for bridge in (*bridges, *live_bridges):
        # Who asks a bridge for multicast is in none of the texts, and older kernels do not tell it.
        del bridge["snooping"]
        for port in bridge["ports"]:  # type: ignore[attr-defined]
            port["bpdus_received"] = None
    assert links == live_links
    assert bridges == live_bridges
