"""`pxedoctor trace` on real bridges: where a client's packets die, who says so, and that nothing is left behind."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import jsonschema
import msgspec
import pytest

from one_tracefs import left_behind, shared_tracefs
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.parts_bridge import serve
from pxedoctor.lab.parts_log import start_syslog
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import Watched, await_watching, interrupt, mount_tracefs, watching
from pxedoctor.lab.wiring import inside, make_bridge, plug_in
from pxedoctor.report.json_schema import schema

pytestmark = pytest.mark.lab

# It counts what is left behind on the whole machine, and another trace would remove it.
KILLED = "test_it_is_killed"
STRANGER = "52:54:00:0d:0d:77"
ASK = ("busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "1", "-T", "1", "-s", "/bin/true")


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with shared_tracefs(alone=KILLED in request.node.name), open_site() as site:
        make_bridge(site)
        mount_tracefs(site)
        plug_in(site, "guest")
        yield site


def watched(site: Site, *words: str) -> Watched:
    with watching(site, "--bridge", site.bridge, *words) as found:
        site.ask(*inside("guest"), *ASK)
    jsonschema.validate(found.document, msgspec.json.decode(schema()))
    return found


def nothing_is_left(site: Site) -> None:
    assert "pxedoctor" not in site.run("nft", "list", "tables")
    assert left_behind(site) == []
    assert json.loads(site.run("ip", "-j", "-d", "link", "show", site.bridge))[0]["promiscuity"] == 0


def test_the_life_of_each_packet_of_a_lease(site: Site) -> None:
    serve(site, site.bridge)
    found = watched(site)
    assert (found.exit_code, found.document["verdict"], found.document["died"]) == (0, "healthy", None)
    assert found.kinds()[:4] == ["DISCOVER", "OFFER", "REQUEST", "ACK"]
    discover, offer = found.document["packets"][:2]
    assert [hop["hop"] for hop in discover["hops"] if hop["witness"] == "frames"] == ["tap", "bridge"], discover
    assert [hop["hop"] for hop in offer["hops"] if hop["witness"] == "frames"] == ["output", "egress"]
    assert discover["xid"] == offer["xid"] != ""
    assert {entry["name"]: entry["status"] for entry in found.document["witnesses"]} == {
        "counters": "ok",
        "frames": "ok",
        "rules": "ok",
        "kernel": "ok",
        "server": "ok",
    }
    nothing_is_left(site)


def test_a_rule_of_input_drops_it_and_both_witnesses_say_so(site: Site) -> None:
    serve(site, site.bridge)
    site.run("iptables", "-I", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
    found = watched(site)
    assert (found.exit_code, found.died["hop"], found.died["kind"]) == (1, "input", "DISCOVER")
    assert found.died["rule"]["chain"] == "INPUT"
    assert "drop" in found.died["rule"]["text"]


def begun(site: Site, *words: str) -> "subprocess.Popen[str]":
    tracer = site.start(sys.executable, "-m", "pxedoctor", "trace", "--bridge", site.bridge, *words)
    await_watching(site, tracer, words)
    return tracer


def test_it_is_killed_and_nothing_is_left_but_what_the_next_one_removes(site: Site) -> None:
    tracer = begun(site)
    interrupt(site, "KILL")
    tracer.communicate(timeout=30)
    deadline = time.monotonic() + 5
    while "pxedoctor" in site.run("nft", "list", "tables"):
        assert time.monotonic() < deadline, "the table outlives its owner"
        time.sleep(0.05)
    left = left_behind(site)
    assert len(left) == 1
    instance = f"/sys/kernel/tracing/instances/{left[0]}"
    assert site.path(f"{instance}/tracing_on").read_text().strip() == "0", "what is left stands still"
    ended = begun(site, "--seconds", "0.2")
    ended.communicate(timeout=30)
    nothing_is_left(site)


def test_the_bridge_goes_while_it_is_watched(site: Site) -> None:
    tracer = begun(site, "--json")
    site.run("ip", "link", "delete", "dev", site.bridge)
    said, _ = tracer.communicate(timeout=30)
    document = json.loads(said.splitlines()[-1])
    frames = next(entry for entry in document["witnesses"] if entry["name"] == "frames")
    assert (frames["status"], frames["why"]) == ("partial", f"{site.bridge} went while it was watched")
    assert "pxedoctor" not in site.run("nft", "list", "tables")


def test_a_full_disk_leaves_out_what_cannot_be_written_down(site: Site) -> None:
    site.run("mkdir", "-p", "/var/lib/pxedoctor")
    site.run("mount", "-t", "tmpfs", "-o", "size=4k", "none", "/var/lib/pxedoctor")
    site.ask("sh", "-c", "head -c 8192 /dev/zero >/var/lib/pxedoctor/full")
    site.run("iptables", "-I", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
    found = watched(site)
    rules = next(entry for entry in found.document["witnesses"] if entry["name"] == "rules")
    assert (rules["status"], "No space left" in rules["why"]) == ("failed", True)
    assert "INPUT" in str(found.document["findings"]) or found.died["hop"] == "input", found.document
    nothing_is_left(site)


def test_without_tracefs_and_without_nft_both_say_what_would_help(site: Site) -> None:
    """As in a container: frames and counters are left, and with them the answer."""
    site.run("umount", "/sys/kernel/tracing")
    site.run("iptables", "-I", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
    site.run("sh", "-ec", "rm $(command -v nft)")
    found = watched(site)
    told = {entry["name"]: entry for entry in found.document["witnesses"]}
    assert {name: told[name]["status"] for name in ("frames", "kernel", "rules")} == {
        "frames": "ok",
        "kernel": "absent",
        "rules": "absent",
    }
    assert "mount -t tracefs" in told["kernel"]["would_help"]
    assert "nft" in told["rules"]["would_help"], told["rules"]
    assert found.died["kind"] == "DISCOVER", found.document["died"]


def test_the_server_itself_says_why_it_does_not_answer(site: Site) -> None:
    """Nothing drops the DISCOVER: it is heard, and only the server's log tells what became of it."""
    start_syslog(site)
    plug_in(site, "stranger", STRANGER)
    serve(site, site.bridge, "--dhcp-ignore=tag:!known", "--log-dhcp")
    with watching(site, "--bridge", site.bridge, "--mac", STRANGER) as found:
        site.ask(*inside("stranger"), *ASK)
    assert (found.died["kind"], found.died["hop"], found.died["certain"]) == ("DISCOVER", "server", True)
    assert "the server heard it and did not answer" in found.died["words"]
    assert "ignored" in found.died["words"]
    said = [word["text"] for word in found.document["words"]]
    assert any(f"DHCPDISCOVER({site.bridge}) {STRANGER}" in text for text in said), said


def test_what_a_person_reads_in_a_pipe(site: Site) -> None:
    """Plain lines, each as soon as it is known; what was changed stands in the history."""
    serve(site, site.bridge)
    tracer = begun(site)
    site.ask(*inside("guest"), *ASK)
    time.sleep(0.3)
    interrupt(site)
    said, _ = tracer.communicate(timeout=30)
    assert tracer.returncode == 0, said
    assert "\x1b" not in said
    lines = said.splitlines()
    assert any("DISCOVER 1" in line and "comes in from the guest" in line for line in lines), said
    assert any(line.startswith("CAME THROUGH") for line in lines), said
    assert "a trace of" in site.run(sys.executable, "-m", "pxedoctor", "history")


# By an address, and a way to the host's: then the first packet of a fetch over HTTP.
FETCH = """
import socket, subprocess
def ip(*words): subprocess.run(["ip", *words], check=True)
ip("address", "add", "192.168.160.5/24", "dev", "eth0")
link = socket.socket()
link.settimeout(4)
try:
    link.connect(("192.168.160.1", 8081))
except TimeoutError:
    pass
"""


def test_a_fetch_is_followed_by_the_port_that_the_offer_names(site: Site) -> None:
    serve(site, site.bridge, "--dhcp-boot=http://192.168.160.1:8081/boot.efi")
    site.run("iptables", "-I", "INPUT", "-p", "tcp", "--dport", "8081", "-j", "DROP")
    with watching(site, "--bridge", site.bridge, "--mac", MAC) as found:
        site.ask(*inside("guest"), *ASK)
        time.sleep(1)
        site.run(*inside("guest"), sys.executable, "-c", FETCH)
    assert (found.died.get("kind"), found.died.get("hop")) == ("HTTP-SYN", "input"), found.document
    assert "8081" in found.died["rule"]["text"]


def test_without_root_it_says_what_would_help(site: Site) -> None:
    done = site.ask(sys.executable, "-m", "pxedoctor.lab.plain_user", "trace", "--bridge", site.bridge, "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["type"]) == (2, "error"), done
    assert "root" in document["would_help"]


def test_a_diagnosis_beside_a_traced_probe_is_proven_by_the_packet_itself(site: Site) -> None:
    serve(site, site.bridge)
    site.run("iptables", "-I", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
    words = ("diagnose", "--bridge", site.bridge, "--probe", "--quick", "--trace", "--json")
    done = site.ask(sys.executable, "-m", "pxedoctor", *words)
    document = json.loads(done.stdout)
    found = {finding["name"]: finding for finding in document["findings"]}
    finding = found["host-firewall-drops-dhcp"]
    assert finding["certainty"] == "proven"
    assert [entry for entry in finding["evidence"] if entry["origin"].startswith("a trace")], finding["evidence"]
    assert {entry["name"]: entry["status"] for entry in document["sources"]}["trace"] == "ok"
    nothing_is_left(site)
