"""What a trace looks at where others' packets would pay for it: what leaves by another's port, and a silent guest's."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from one_tracefs import shared_tracefs
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.parts_bridge import serve
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import mount_tracefs, watching
from pxedoctor.lab.wiring import SERVER, inside, make_bridge, plug_in

pytestmark = pytest.mark.lab

ASK = ("busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "1", "-T", "5", "-s", "/bin/true")
# Where DHCP was seen since it was asked last; each line that it is told says where to look at what leaves from then on.
FRAMES = """
import json, socket, sys
from pxedoctor.trace.began import began
from pxedoctor.trace.frames import Frames
from pxedoctor.wire.capture_filter import boot_packets
bridge, own, mac = sys.argv[1:]
# As any capture beside it: from now on a packet has one time wherever it is looked at (SO_TIMESTAMPNS).
stamping = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
stamping.setsockopt(socket.SOL_SOCKET, 35, 1)
frames = Frames(bridge, boot_packets(mac), began())
for line in sys.stdin:
    heard = frames.drain()
    dhcp = [frame for frame in heard if frame.content[36:38] in (b"\\0\\x43", b"\\0\\x44")]
    if line.strip() in ("rest", "wake"):
        getattr(frames, line.strip())()
    else:
        frames.look_at_leaving(() if line.strip() == "all" else (bridge, own))
    if line.strip() == "between":
        frames._all.ignore_outgoing(False)
    print(json.dumps([(frame.device, frame.direction, frame.content[37]) for frame in dhcp]), flush=True)
"""
# What the four events of tracefs are, on or off, and whether a trigger hangs on the first two of them.
KERNEL = """
import json, sys
from pxedoctor.trace.began import began
from pxedoctor.trace.event_filter import Width
from pxedoctor.trace.kernel import Kernel
kernel = Kernel(sys.argv[1:], sys.argv[2], began())
names = ("net/netif_receive_skb", "net/net_dev_queue", "net/net_dev_start_xmit", "skb/kfree_skb")
def states():
    return [(kernel._folder / "events" / name / "enable").read_text().strip()[0] for name in names]
def triggers():
    texts = [(kernel._folder / "events" / name / "trigger").read_text() for name in names[:2]]
    return [text.startswith("enable_event:skb:kfree_skb") for text in texts]
found = [states()]
kernel.rest()
found.append(states())
kernel.wake()
found.append(states())
kernel.width = Width.AS_LONG_AS_DHCP
kernel.watch(sys.argv[1:], sys.argv[2])
hung = triggers()
kernel.rest()
found.append(states())
print(json.dumps([found, hung, triggers()]))
kernel.close()
"""
# Each line that it is told is what it does next; then it prints what it heard: where own and others' tables told of.
RULES = """
import json, sys, time
from pxedoctor.trace.began import began
from pxedoctor.trace.rules import Rules
mac, bridge, port = sys.argv[1:]
rules = Rules(mac, bridge, began())
rules.mark_at(port)
for line in sys.stdin:
    getattr(rules, line.strip(), lambda: None)()
    if line.strip() in ("rest", "wake"):
        assert rules._holder.await_done(60), rules._holder.refused
    heard = rules.drain()
    time.sleep(0.01)
    own = sorted({(met.family, met.chain) for met in heard if met.table == rules.name})
    told = sorted({(met.family, met.chain) for met in heard if met.table != rules.name})
    now = rules._began.now()
    blind = [until < now - 0.005 for _, until in rules.blinded()]
    print(json.dumps([own, told, blind]), flush=True)
rules.close()
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with shared_tracefs(), open_site() as site:
        make_bridge(site)
        mount_tracefs(site)
        yield site


class Looking:
    """A packet socket that looks in the site."""

    def __init__(self, site: Site, *words: str) -> None:
        argv = site.command(sys.executable, "-c", FRAMES, *words)
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seen(self, then: str) -> list[tuple[str, str, int]]:
        """Device, direction and the port that each is for; then it looks at what leaves by `some` ports, or `all`.

        `between`: the first socket still looks at all, and the others are there. `rest`, `wake`: as they are called.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{then}\n")
        self._process.stdin.flush()
        return [(device, way, port) for device, way, port in json.loads(self._process.stdout.readline())]

    def end(self) -> None:
        self._process.communicate(timeout=30)


def test_what_leaves_by_anothers_port_is_not_looked_at_where_the_guests_is_known(site: Site) -> None:
    """Whatever else comes in is, and nothing is seen twice; and with the guest's port unknown again, all is."""
    own, other = plug_in(site, "guest", MAC), plug_in(site, "other", "52:54:00:0d:0e:02")
    serve(site, site.bridge)
    looking = Looking(site, site.bridge, own, MAC)
    looking.seen(then="some")
    site.ask(*inside("guest"), *ASK)
    found = looking.seen(then="all")
    site.ask(*inside("guest"), *ASK)
    of_all = looking.seen(then="all")
    looking.end()
    asked, answered = 67, 68
    assert found[:2] == [(own, "in", asked), (site.bridge, "in", asked)], found
    assert found[2:4] == [(site.bridge, "out", answered), (own, "out", answered)], found
    assert len([entry for entry in found if entry == (own, "in", asked)]) == 2, "DISCOVER and REQUEST, each once"
    assert all(device != other for device, _, _ in found), found
    assert (other, "out", asked) in of_all, of_all


def test_nothing_is_lost_and_nothing_seen_twice_while_it_is_decided_where_to_look(site: Site) -> None:
    """On a busy machine that takes long enough for the answer to leave meanwhile."""
    own = plug_in(site, "guest", MAC)
    serve(site, site.bridge)
    looking = Looking(site, site.bridge, own, MAC)
    looking.seen(then="between")
    site.ask(*inside("guest"), *ASK)
    found = looking.seen(then="some")
    looking.end()
    assert found == [(own, "in", 67), (site.bridge, "in", 67), (site.bridge, "out", 68), (own, "out", 68)] * 2, found


def test_while_it_rests_others_ports_are_not_looked_at(site: Site) -> None:
    """The guest's and the bridge's are, both ways; awake again, all is as before, and nothing is seen twice."""
    own, other = plug_in(site, "guest", MAC), plug_in(site, "other", "52:54:00:0d:0e:02")
    serve(site, site.bridge)
    looking = Looking(site, site.bridge, own, MAC)
    looking.seen(then="some")
    looking.seen(then="rest")
    # As a relay speaks in the guest's name.
    site.run(*inside("other"), "ip", "link", "set", "eth0", "address", MAC)
    site.ask(*inside("other"), *ASK)
    resting = looking.seen(then="rest")
    assert resting, "what this host answers is seen at the bridge"
    assert all(device != other for device, _, _ in resting), resting
    # With one MAC at two ports, whoever spoke last has the other's answers.
    site.run(*inside("other"), "ip", "link", "set", "eth0", "down")
    site.ask(*inside("guest"), *ASK)
    found = looking.seen(then="wake")
    assert found == [(own, "in", 67), (site.bridge, "in", 67), (site.bridge, "out", 68), (own, "out", 68)] * 2, found
    site.run(*inside("other"), "ip", "link", "set", "eth0", "up")
    site.ask(*inside("other"), *ASK)
    awake = looking.seen(then="wake")
    looking.end()
    assert (other, "in", 67) in awake, awake
    assert len([entry for entry in awake if entry == (site.bridge, "out", 68)]) == 2, awake


def test_the_kernels_events_are_off_while_it_rests(site: Site) -> None:
    """What it had narrowed for a busy host, too: a trigger that stays would keep the events it hangs on."""
    port = plug_in(site, "guest", MAC)
    states, hung, left = json.loads(site.run(sys.executable, "-c", KERNEL, site.bridge, port))
    assert states == [["1"] * 4, ["0"] * 4, ["1"] * 4, ["0"] * 4]
    assert (hung, left) == ([True, True], [False, False])


class Telling:
    """The witness of rules in the site."""

    def __init__(self, site: Site, *words: str) -> None:
        argv = site.command(sys.executable, "-c", RULES, *words)
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def do(self, what: str) -> tuple[list[list[str]], list[list[str]], list[bool]]:
        """Own chains and others' of which something was heard, and which of the times without own ones are over."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        own, told, blind = json.loads(self._process.stdout.readline())
        return own, told, blind

    def end(self) -> None:
        self._process.communicate(timeout=30)


def test_while_it_rests_no_chain_of_the_trace_is_where_others_pass(site: Site) -> None:
    """And others' rules tell of the guest's packets all the same: they are marked at its port, and on their way out."""
    own = plug_in(site, "guest", MAC)
    serve(site, site.bridge)
    site.run("iptables", "-A", "INPUT", "-p", "udp", "--dport", "9", "-j", "DROP")
    site.run("iptables", "-A", "OUTPUT", "-p", "udp", "--dport", "9", "-j", "DROP")
    telling = Telling(site, MAC, site.bridge, own)
    assert telling.do("look") == ([], [], [])
    site.ask(*inside("guest"), *ASK)
    awake, told, _ = telling.do("look")
    assert {("bridge", "prerouting"), ("bridge", "input"), ("inet", "prerouting"), ("bridge", "output")} <= {
        (family, chain) for family, chain in awake
    }, awake
    assert ["ip", "INPUT"] in told, told
    assert ["ip", "OUTPUT"] in told, told
    telling.do("rest")
    tables = site.run("nft", "list", "ruleset")
    hooks = {line.split(" hook ")[1].split()[0] for line in tables.splitlines() if "priority -1000" in line}
    assert hooks == {"ingress", "input", "output"}
    site.ask(*inside("guest"), *ASK)
    resting, told, blind = telling.do("look")
    assert {family for family, _ in resting} == {"netdev", "inet"}, resting
    assert ["ip", "INPUT"] in told, told
    assert ["ip", "OUTPUT"] in told, told
    assert blind == [False]
    telling.do("wake")
    site.ask(*inside("guest"), *ASK)
    again, _, blind = telling.do("look")
    assert again == awake
    assert blind == [True]
    telling.end()


def test_where_nothing_can_be_marked_at_a_port_the_bridges_chains_do_it(site: Site) -> None:
    """Its name is longer than a device's, so that nf_tables refuses it."""
    plug_in(site, "guest", MAC)
    telling = Telling(site, MAC, site.bridge, "a-long-name-of-no-device")
    telling.do("look")
    site.ask(*inside("guest"), *ASK)
    awake, _, _ = telling.do("look")
    assert ["bridge", "prerouting"] in awake, awake
    assert not any(family == "netdev" for family, _ in awake), awake
    telling.end()


# The first packet of a fetch, from an address to which no way leads back, and its next try.
FETCH = f"""
import socket, time
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(3):
    link.sendto(b"\\0\\1boot.0\\0octet\\0", ("{SERVER}", 69))
    time.sleep(1)
"""


def hooks(site: Site) -> set[str]:
    """Where chains of the trace stand."""
    listed = site.run("nft", "list", "ruleset").splitlines()
    return {line.split(" hook ")[1].split()[0] for line in listed if "priority -1000" in line}


def lose_the_way_back(site: Site) -> None:
    """The reverse path filter drops it: the kernel's events alone tell of that."""
    site.run("sysctl", "-q", "-w", f"net.ipv4.conf.{site.bridge}.rp_filter=1")
    mac = site.path(f"/sys/class/net/{site.bridge}/address").read_text().strip()
    site.run(*inside("guest"), "ip", "address", "add", "192.168.161.5/24", "dev", "eth0")
    site.run(*inside("guest"), "ip", "route", "add", SERVER, "dev", "eth0")
    site.run(*inside("guest"), "ip", "neigh", "replace", SERVER, "lladdr", mac, "dev", "eth0", "nud", "permanent")


def test_a_guest_that_is_answered_costs_nobody_and_a_lost_question_calls_all(site: Site) -> None:
    """Though others' packets cross the bridge all the time."""
    plug_in(site, "guest", MAC)
    plug_in(site, "other", "52:54:00:0d:0e:02")
    site.run(*inside("other"), "ip", "address", "add", "192.168.160.7/24", "dev", "eth0")
    serve(site, site.bridge)
    others = site.start(*inside("other"), "busybox", "ping", "-q", "-i", "0.05", SERVER)
    with watching(site, "--bridge", site.bridge, "--mac", MAC) as found:
        site.ask(*inside("guest"), *ASK)
        deadline = time.monotonic() + 20
        while hooks(site) != {"ingress", "input", "output"}:
            assert time.monotonic() < deadline, "it does not rest"
            time.sleep(0.1)
        lose_the_way_back(site)
        site.run(*inside("guest"), sys.executable, "-c", FETCH)
    others.kill()
    died = found.died
    ended = (died.get("kind"), died.get("hop"), died.get("reason"), died.get("certain"))
    assert ended == ("TFTP-RRQ", "route", "IP_RPFILTER", True), found.document
    told = {entry["name"]: (entry["status"], entry["why"]) for entry in found.document["witnesses"]}
    assert told["kernel"][0] == "partial", told
    assert "the next try was" in told["kernel"][1], told
