"""However a probe ends, nothing of it is left; and what keeps it from being made is said."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import probing
import pxedoctor
from probing import answers, words
from pxedoctor.lab.dhcp_servers import start_dnsmasq
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import make_bridge, plug_in

pytestmark = pytest.mark.lab

# What moves by itself on a bridge.
_TIMERS = (
    *("hello_timer", "tcn_timer", "topology_change_timer", "gc_timer"),
    *("forward_delay_timer", "message_age_timer", "hold_timer"),
)


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site)
        plug_in(site, "other", "52:54:00:0d:0d:02")
        site.run("timeout", "20", "sh", "-c", "while ip address show tentative | grep -q .; do sleep 0.1; done")
        yield site


def picture(site: Site) -> dict[str, str]:
    """Links, ports, rules and modules, in the words of the host's own tools."""
    links = json.loads(site.run("ip", "-d", "-j", "address", "show"), object_hook=_without_timers)
    looks = {"links": json.dumps(links, indent=1), "nft": site.run("nft", "list", "ruleset")}
    looks["ports"] = site.run("bridge", "-d", "link")
    # A kernel without modules has no such file.
    looks["modules"] = site.ask("cut", "-d ", "-f1", "/proc/modules").stdout
    return looks


def _without_timers(record: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in record.items() if key not in _TIMERS}


def begun(site: Site, **said: object) -> "subprocess.Popen[str]":
    """A probe that waits for an offer which never comes; it has said so."""
    program = probing.start(site, words(site, profile="ovmf", **said))
    assert program.stderr is not None
    while "waits for an offer" not in program.stderr.readline():
        assert program.poll() is None
    return program


def inner(site: Site, program: "subprocess.Popen[str]") -> str:
    """The probe's own process, behind nsenter, by its number in the site."""
    return site.run("pgrep", "-f", "probing.py").split()[-1]


def gone(site: Site) -> None:
    """The kernel takes a dead process' tap away a moment later."""
    deadline = time.monotonic() + 10
    while site.device("pr") in site.run("ip", "-br", "link"):
        assert time.monotonic() < deadline, "the probe's tap is still there"
        time.sleep(0.05)


def test_a_probe_that_is_answered_leaves_nothing(site: Site) -> None:
    start_dnsmasq(site, f"interface={site.bridge}\ndhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\n")
    before = picture(site)
    assert answers(site, words(site, quick=True)).probed[0].offers
    assert picture(site) == before


@pytest.mark.parametrize("word", ["KILL", "INT", "TERM"])
def test_a_probe_that_is_ended_leaves_nothing(site: Site, word: str) -> None:
    before = picture(site)
    program = begun(site)
    assert site.device("pr") in site.run("ip", "-br", "link")
    site.run("kill", f"-{word}", inner(site, program))
    program.communicate(timeout=20)
    gone(site)
    assert picture(site) == before


def test_a_probe_that_waits_is_interrupted_at_once(site: Site) -> None:
    program = begun(site)
    before = time.monotonic()
    site.run("kill", "-INT", inner(site, program))
    program.communicate(timeout=20)
    assert time.monotonic() - before < 3


@pytest.mark.parametrize("word", ["INT", "TERM", "HUP"])
def test_a_fetch_that_is_ended_gives_its_lease_back(site: Site, word: str) -> None:
    """Ctrl-C, a service manager or timeout(1), a terminal that is closed."""
    conf = "dhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\ndhcp-boot=boot.0\n"
    start_dnsmasq(site, f"interface={site.bridge}\n{conf}")
    site.run("iptables", "-A", "INPUT", "-p", "udp", "--dport", "69", "-j", "DROP")
    program = probing.start(site, words(site, fetch=True, quick=True))
    assert program.stderr is not None
    while "asks for tftp" not in program.stderr.readline():
        assert program.poll() is None
    leases = site.path("/var/lib/misc/dnsmasq.leases")
    assert probing.PROBE_MAC in leases.read_text()
    site.run("kill", f"-{word}", inner(site, program))
    program.communicate(timeout=20)
    assert leases.read_text() == ""
    gone(site)


_FAULTY = """
import sys
import probing
from pxedoctor.probe.run import probe_all

def tell(happening):
    if happening.stage == "offer" and happening.ok:
        raise LookupError("a fault of the probe itself")

words = {"bridge": sys.argv[1], "tap": sys.argv[2], "quick": True}
try:
    probe_all([probing.asking(words)], tell)
except LookupError as error:
    print("raised:", error)
"""


def test_a_fault_of_the_probe_itself_is_raised_and_leaves_nothing(site: Site) -> None:
    """It happens while a frame is read, where an event loop would only log it and the probe would call it silence."""
    start_dnsmasq(site, f"interface={site.bridge}\ndhcp-range=192.168.160.10,192.168.160.99,255.255.255.0,1h\n")
    before = picture(site)
    where = f"PYTHONPATH={Path(probing.__file__).parent}:{Path(pxedoctor.__file__).parents[1]}"
    said = site.run("env", where, sys.executable, "-c", _FAULTY, site.bridge, site.device("pr"))
    assert said == "raised: a fault of the probe itself\n"
    assert picture(site) == before


def test_the_bridge_is_removed_while_it_probes(site: Site) -> None:
    program = begun(site)
    site.run("ip", "link", "del", site.bridge)
    said, _ = program.communicate(timeout=20)
    assert json.loads(said)["error"].startswith("the probe's port was taken away while it probed")
    gone(site)


def test_its_tap_is_removed_while_it_probes(site: Site) -> None:
    program = begun(site)
    site.run("ip", "link", "del", site.device("pr"))
    said, _ = program.communicate(timeout=20)
    assert "taken away" in json.loads(said)["error"]


def refused(site: Site, where: tuple[str, ...] = (), **said: object) -> probing.Answer:
    before = picture(site)
    answer = answers(site, words(site, quick=True, **said), where=where)
    assert answer.error
    assert answer.would_help
    assert picture(site) == before
    return answer


def test_somebody_elses_device_has_the_name(site: Site) -> None:
    """A persistent tap could even be opened; it is left alone."""
    site.run("ip", "tuntap", "add", "dev", site.device("pr"), "mode", "tap")
    assert "exists already" in refused(site).error


def test_a_device_that_is_no_tap_has_the_name(site: Site) -> None:
    site.run("ip", "link", "add", site.device("pr"), "type", "bridge")
    assert "exists already" in refused(site).error


def test_without_the_right_to_make_a_tap(site: Site) -> None:
    answer = refused(site, where=("setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"))
    assert answer.error == "making a tap needs CAP_NET_ADMIN"


def test_without_the_tun_device(site: Site) -> None:
    site.run("rm", "/dev/net/tun")
    assert refused(site).would_help == "load the module: modprobe tun"


def test_a_bridge_that_would_take_the_probes_mac(site: Site) -> None:
    site.run("ip", "link", "add", site.device("eb"), "type", "bridge")
    answer = refused(site, bridge=site.device("eb"))
    assert "would take the probe's MAC for its own" in answer.error
    assert answer.would_help.startswith(f"give it the one that it has: ip link set dev {site.device('eb')} address ")


def test_what_is_no_bridge(site: Site) -> None:
    assert refused(site, bridge="lo").error == "lo is no Linux bridge, so a guest's tap cannot join it"


def test_a_bridge_without_a_mac_of_its_own_keeps_its_ports_one(site: Site) -> None:
    """A guest's tap there has a MAC that libvirt made; the probe's is higher than any, and changes nothing."""
    bridge, tap = site.device("eb"), site.device("gt")
    site.run("ip", "link", "add", bridge, "type", "bridge")
    site.run("ip", "tuntap", "add", "dev", tap, "mode", "tap")
    site.run("ip", "link", "set", "dev", tap, "address", "fe:54:00:0d:0d:01", "master", bridge)
    site.run("ip", "link", "set", "dev", bridge, "mtu", "1400")
    before = picture(site)
    answer = answers(site, words(site, quick=True, bridge=bridge, tap=site.device("pr")))
    assert not answer.error
    assert picture(site) == before


def test_one_of_many_cannot_be_made_and_the_others_go_on(site: Site) -> None:
    answer = answers(site, words(site, quick=True), {**words(site, quick=True), "bridge": "nosuch"})
    assert answer.error == "there is no bridge nosuch"
    assert len(answer.probed) == 1
