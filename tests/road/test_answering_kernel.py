"""Real DHCP servers on a bridge: which kind each is, and that what starves one kind does not starve the other.

A guest really asks, on a new tap; whether it is offered an address must be what the roads say.
"""

import json
import secrets
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

_DNSMASQ = "port=0\ninterface={bridge}\ndhcp-range=192.168.60.10,192.168.60.99,1h\nno-ping\nuser=root\n"
_DHCPD = "ping-check false; subnet 192.168.60.0 netmask 255.255.255.0 {{ range 192.168.60.10 192.168.60.99; }}\n"
_KEA = """\
{{"Dhcp4": {{"interfaces-config": {{"interfaces": ["{bridge}"]{sockets}}},
  "lease-database": {{"type": "memfile", "persist": false}}, "valid-lifetime": 3600,
  "subnet4": [{{"subnet": "192.168.60.0/24", "pools": [{{"pool": "192.168.60.10-192.168.60.99"}}]}}]}}}}
"""
# Program: its configuration, how it is started, and the kind of server that it is.
SERVERS = {
    "dnsmasq": (_DNSMASQ, ("dnsmasq", "--conf-file=/etc/server.conf"), "udp"),
    "dhcpd": (
        _DHCPD,
        ("dhcpd", "-4", "-q", "-cf", "/etc/server.conf", "-lf", "/tmp/leases", "-pf", "/tmp/pid", "{bridge}"),
        "raw",
    ),
    "kea": (_KEA.replace("{sockets}", ""), ("sh", "-c", "kea-dhcp4 -c /etc/server.conf >/tmp/kea 2>&1 &"), "raw"),
    "kea-udp": (
        _KEA.replace("{sockets}", ', "dhcp-socket-type": "udp"'),
        ("sh", "-c", "kea-dhcp4 -c /etc/server.conf >/tmp/kea 2>&1 &"),
        # For relays alone: its sockets are bound to the host's addresses, and hear no broadcast.
        "deaf",
    ),
}
# br_netfilter, and the hook at which DHCP is dropped.
CASES = (
    ("0", "ip prerouting"),
    ("0", "ip input"),
    ("0", "ip output"),
    ("0", "bridge input"),
    ("0", "bridge output"),
    ("1", "ip prerouting"),
    ("1", "ip input"),
)


@pytest.fixture(params=list(SERVERS))
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Site, str]]:
    """A site whose bridge one of them serves, and the kind that it is."""
    conf, argv, kind = SERVERS[request.param]
    with open_site() as site:
        site.run("ip", "link", "add", site.bridge, "address", "52:54:00:0d:0d:fe", "type", "bridge")
        site.run("ip", "link", "set", site.bridge, "up")
        site.run("ip", "address", "add", "192.168.60.1/24", "dev", site.bridge)
        # Kea serves no device without a carrier.
        site.run("ip", "link", "add", "wire", "type", "veth", "peer", "name", "far")
        site.run("ip", "link", "set", "wire", "master", site.bridge)
        for device in ("wire", "far"):
            site.run("ip", "link", "set", device, "up")
        site.run("mkdir", "-p", "/run/kea", "/run/lock/kea", "/var/lib/kea")
        site.write("/tmp/leases", "")
        site.write("/etc/server.conf", conf.format(bridge=site.bridge))
        site.run(*(word.format(bridge=site.bridge) for word in argv))
        _await_port_67(site)
        yield site, kind


def _await_port_67(site: Site) -> None:
    deadline = time.monotonic() + 15
    while ":0043 " not in site.run("cat", "/proc/net/udp"):
        assert time.monotonic() < deadline, site.ask("cat", "/tmp/kea").stdout
        time.sleep(0.1)


def roads_of(site: Site) -> dict[str, dict[str, Any]]:
    """The roads of the target `bridge/...`, by packet."""
    told = site.doctor("diagnose", "--bridge", site.bridge, "--verbose").document
    return {road["packet"]: road for road in told["roads"]}


def is_offered(site: Site) -> bool:
    """Whether a guest that asks once, for a broadcast answer, is offered an address."""
    tap = f"lt{site.tag}{secrets.token_hex(1)}"
    words = ["--tap", tap, "--bridge", site.bridge, "--mac", MAC, "--seconds", "1.5"]
    done = site.ask(sys.executable, "-m", "pxedoctor.lab.tap_reader", *words)
    assert done.returncode == 0, done.stderr
    return "an OFFER from" in json.loads(done.stdout)["said"]


def test_which_kind_of_server_it_is_and_what_starves_it(served: tuple[Site, str]) -> None:
    site, kind = served
    road = roads_of(site)["DISCOVER"]
    hops = [hop["hop"] for hop in road["hops"]]
    assert ("input" in hops) is (kind != "raw")
    assert hops[-1] == "server"
    assert road["fate"] == ("drop" if kind == "deaf" else "pass")
    assert is_offered(site) is (kind != "deaf")
    for on, hook in CASES:
        family, name = hook.split()
        site.run("sysctl", "-qw", f"net.bridge.bridge-nf-call-iptables={on}")
        chain = f"type filter hook {name} priority 0; policy accept;\nudp dport {{ 67, 68 }} drop"
        site.write("/tmp/rules", f"flush ruleset\ntable {family} t {{\nchain c {{\n{chain}\n}}\n}}\n")
        site.run("nft", "-f", "/tmp/rules")
        roads = roads_of(site)
        fates = {roads[packet]["fate"] for packet in ("DISCOVER", "OFFER-BROADCAST")}
        assert fates <= {"pass", "drop"}
        assert is_offered(site) is (fates == {"pass"}), (hook, on, fates)
