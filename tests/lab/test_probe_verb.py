"""`pxedoctor probe` as it is typed, on real bridges: what it says, what it writes down, and that it leaves nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import jsonschema
import msgspec
import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.normalise import differences
from pxedoctor.lab.parts import GUEST, MAC
from pxedoctor.lab.parts_bridge import serve, served_bridge_site
from pxedoctor.lab.runner import take
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import make_bridge, plug_in
from pxedoctor.report.json_schema import schema

pytestmark = pytest.mark.lab

COMMAND = (sys.executable, "-m", "pxedoctor", "probe")


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site)
        yield site


def probe(site: Site, *words: str, plain: bool = False) -> tuple[int, dict[str, object]]:
    module = "pxedoctor.lab.plain_user" if plain else "pxedoctor"
    done = site.ask(sys.executable, "-m", module, "probe", *words, "--json")
    assert "Traceback" not in done.stderr, done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, msgspec.json.decode(schema()))
    return done.returncode, document


def refused(site: Site, *words: str, plain: bool = False) -> str:
    status, document = probe(site, *words, plain=plain)
    assert (status, document["type"]) == (2, "error"), document
    assert document["would_help"]
    return f"{document['message']} | {document['would_help']}"


def ports(site: Site) -> list[str]:
    return [link["ifname"] for link in json.loads(site.run("ip", "-j", "link", "show"))]


def at_rest(site: Site) -> dict[str, str]:
    """A picture of a host that has stopped changing: addresses become good, and daemons hear of them."""
    before = take(site)
    for _ in range(20):
        time.sleep(1)
        after = take(site)
        if not differences(before, after):
            return after
        before = after
    pytest.fail("the host does not come to rest by itself")


def test_a_guest_is_asked_for_and_the_host_is_as_before() -> None:
    with open_site() as site:
        served_bridge_site(site, tftp=True)
        # Another station: the first port of all gives a bridge its carrier, with it an IPv6 address, and dnsmasq hears.
        plug_in(site, "other", "52:54:00:0d:0d:02")
        before = at_rest(site)
        status, document = probe(site, GUEST, "--pcap", "/tmp/probe.pcapng")
        assert status == 0
        assert (document["outcome"], document["profile"], document["asked_for"]) == ("offered", "ipxe", MAC)
        offers = document["offers"]
        assert isinstance(offers, list)
        assert (offers[0]["address"], offers[0]["file"]) == ("192.168.160.5", "boot.0")
        roads = document["roads"]
        assert isinstance(roads, list)
        asked = next(road for road in roads if road["packet"] == "DISCOVER")
        assert {hop["observed"] for hop in asked["hops"]} == {"pass"}
        assert not differences(before, take(site))
        _is_a_capture(site)
        _is_told_to_a_person(site)


def _is_a_capture(site: Site) -> None:
    """tshark reads what passed, calls nothing malformed, and shows what the probe says of it."""
    fields = ("dhcp.option.dhcp", "dhcp.hw.mac_addr", "frame.comment", "_ws.malformed")
    words = [word for field in fields for word in ("-e", field)]
    path = str(site.path("/tmp/probe.pcapng"))
    argv = ["tshark", "-r", path, "-Y", "dhcp", "-T", "fields", "-E", "occurrence=f", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [row[0] for row in rows[:2]] == ["1", "2"], done.stdout
    assert {row[1] for row in rows} == {MAC}
    assert "DISCOVER 1" in rows[0][2]
    assert {row[3] for row in rows} == {""}


def _is_told_to_a_person(site: Site) -> None:
    """The timeline, one line for each thing, and the verdict last; no colour in a pipe."""
    done = site.ask(*COMMAND, GUEST, "--quick")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert "asks as iPXE" in lines[0]
    assert any("ok  discover     DISCOVER 1 sent" in line for line in lines)
    assert any(line.startswith("OFFERED: by 192.168.160.1 (") for line in lines)


def test_nobody_answers(site: Site) -> None:
    started = time.monotonic()
    status, document = probe(site, "--bridge", site.bridge, "--quick")
    assert (status, document["outcome"], document["whole"]) == (3, "silent", False)
    assert time.monotonic() - started < 30
    status, document = probe(site, "--bridge", site.bridge, "--firmware", "grub")
    assert (status, document["outcome"], document["whole"]) == (1, "silent", True)


def test_every_bridge_at_once(site: Site) -> None:
    serve(site, site.bridge)
    second = site.device("b2")
    site.run("ip", "link", "add", second, "address", "52:54:00:0d:0e:09", "type", "bridge")
    site.run("ip", "link", "set", "dev", second, "up")
    status, document = probe(site, "--all", "--firmware", "grub")
    assert (status, document["type"]) == (1, "probes")
    probes = document["probes"]
    assert isinstance(probes, list)
    assert {entry["bridge"]: entry["outcome"] for entry in probes} == {site.bridge: "offered", second: "silent"}
    site.run("ip", "link", "set", "dev", second, "type", "bridge", "stp_state", "1")
    assert f"{second}: STP is on" in refused(site, "--all")


def test_the_bridge_is_in_another_namespace(site: Site) -> None:
    inside = ("ip", "netns", "exec", "inner")
    site.run("ip", "netns", "add", "inner")
    site.run(*inside, "ip", "link", "add", "br0", "address", "52:54:00:0d:0e:08", "type", "bridge")
    site.run(*inside, "ip", "address", "add", "192.168.160.1/24", "dev", "br0")
    site.run(*inside, "ip", "link", "set", "dev", "br0", "up")
    serve(site, "br0", where=inside)
    status, document = probe(site, "--bridge", "br0", "--from-netns", "/run/netns/inner")
    assert (status, document["outcome"], document["judged"]) == (0, "offered", False)


def test_without_root(site: Site) -> None:
    assert "root" in refused(site, "--bridge", site.bridge, plain=True)
    assert "root" in refused(site, "--bridge", site.bridge, "--quick", plain=True)


def test_without_the_tun_device(site: Site) -> None:
    site.run("rm", "/dev/net/tun")
    assert "/dev/net/tun" in refused(site, "--bridge", site.bridge)
    # A diagnosis says what it could not do, and goes on.
    done = site.ask(sys.executable, "-m", "pxedoctor", "diagnose", "--bridge", site.bridge, "--probe", "--json")
    sources = {entry["name"]: entry for entry in json.loads(done.stdout)["sources"]}
    assert sources["probe"]["status"] == "failed"
    assert "/dev/net/tun" in sources["probe"]["why"]
    assert done.returncode in {0, 3}


def test_a_bridge_that_would_take_the_probes_mac(site: Site) -> None:
    bare = site.device("bb")
    site.run("ip", "link", "add", bare, "type", "bridge")
    assert "would take the probe's MAC" in refused(site, "--bridge", bare, "--quick")


def test_names_that_are_no_bridge(site: Site) -> None:
    assert "is no Linux bridge" in refused(site, "--bridge", "lo", "--quick")
    for word in ("", "../../etc", "a" * 300, "\x1b[31m"):
        assert refused(site, "--bridge", word, "--quick")
        assert refused(site, "--bridge", word)


def test_a_reader_who_leaves(site: Site) -> None:
    """`probe | head -1`: it goes on to its end, gives back what it took, and ends as other verbs do then."""
    serve(site, site.bridge)
    command = " ".join((*COMMAND, "--bridge", site.bridge, "--fetch"))
    done = site.ask("bash", "-c", f"{command} | head -1; echo ${{PIPESTATUS[0]}}")
    assert done.stdout.splitlines()[-1] == "141"
    assert done.stderr == ""
    assert "asks as iPXE" in done.stdout


def test_a_full_disk(site: Site) -> None:
    serve(site, site.bridge)
    site.run("mount", "-t", "tmpfs", "-o", "size=4k", "none", "/mnt")
    done = site.ask(*COMMAND, "--bridge", site.bridge, "--fetch", "--pcap", "/mnt/x")
    assert (done.returncode, done.stderr) == (0, "/mnt/x is not whole: No space left on device\n")


def test_the_bridge_goes_while_it_is_asked(site: Site) -> None:
    asking = site.start(*COMMAND, "--bridge", site.bridge, "--firmware", "grub", "--json")
    _until_plugged(site)
    site.run("ip", "link", "delete", "dev", site.bridge)
    said, _ = asking.communicate(timeout=60)
    document = json.loads(said.splitlines()[-1])
    assert (asking.returncode, document["type"]) == (2, "error")
    assert not [name for name in ports(site) if name.startswith("pxp")]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_it_is_ended_and_nothing_is_left(site: Site, number: int, status: int) -> None:
    asking = site.start(*COMMAND, "--bridge", site.bridge, "--firmware", "grub")
    _until_plugged(site)
    inside = int(site.run("pgrep", "-f", "pxedoctor probe --bridge").split()[0])
    site.run("kill", f"-{number:d}", str(inside))
    said, _ = asking.communicate(timeout=30)
    assert asking.returncode in {status, 128 + number}, said
    assert "Traceback" not in said
    deadline = time.monotonic() + 10
    while any(name.startswith("pxp") for name in ports(site)):
        assert time.monotonic() < deadline, ports(site)
        time.sleep(0.05)


def _until_plugged(site: Site) -> None:
    deadline = time.monotonic() + 60
    while not os.listdir(site.path(f"/sys/class/net/{site.bridge}/brif")):
        assert time.monotonic() < deadline, "the probe never plugged in"
        time.sleep(0.02)
