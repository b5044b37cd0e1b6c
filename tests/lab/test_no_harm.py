"""`diagnose` changes nothing, not for a moment: a host before and after it, looked at in every way that is not its own.

Three hosts: libvirt running, libvirt stopped, and libvirt asleep behind its socket (real socket activation). On each,
every form of `diagnose` that promises to change nothing runs as root, and what asks for everything as a plain user too.
"""

import json
import os
import sys
import time

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.normalise import differences
from pxedoctor.lab.parts import GUEST, NETWORK, libvirt_site
from pxedoctor.lab.parts_bridge import served_bridge_site
from pxedoctor.lab.runner import take
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import plug_in

pytestmark = pytest.mark.lab

# Each look is made with the host's own tools, none of them pxedoctor's.
_LOOKS = {
    "modules": ("cat", "/proc/modules"),
    "legacy tables": ("sh", "-c", "head -n 99 /proc/net/*_tables_names"),
    "netfilter's files": ("sh", "-c", "ls /proc/net/netfilter; cat /proc/net/netfilter/nfnetlink_queue"),
    "nft": ("nft", "-s", "list", "ruleset"),
    # Their first and last lines tell the time.
    "ebtables": ("sh", "-c", "ebtables-nft-save | grep -v ^#"),
    "arptables": ("sh", "-c", "arptables-nft-save | grep -v ^#"),
    "ipset": ("ipset", "save"),
    "tc": ("tc", "qdisc", "show"),
    "routes": ("ip", "route", "show", "table", "all"),
    "sysctls": ("sysctl", "-a", "--pattern", r"^net\.(bridge|ipv4|ipv6|unix)\.|^net\.netfilter\.nf_log"),
    "processes": ("ps", "-A", "-o", "pid=,ppid=,lstart=,args="),
}
_FOLDERS = ("/etc", "/var/lib", "/var/cache", "/run", "/usr/lib/modules-load.d", "/dev")
# How a plain user asks; what else selects of the same questions is asked as root alone.
_BY_BOTH = ((), ("--all",), ("--json",))
_TIMERS = ("gc_timer", "hello_timer", "tcn_timer", "topology_change_timer", "valid_life_time", "preferred_life_time")


def picture(site: Site) -> dict[str, str]:
    """What is outside of every collector (links with their promiscuity, files with their times) and inside of them."""
    seen = {name: site.ask(*argv).stdout for name, argv in _LOOKS.items()}
    seen["processes"] = "\n".join(
        line for line in seen["processes"].splitlines() if not line.endswith(_LOOKS["processes"][-1])
    )
    links = json.loads(site.run("ip", "-j", "-d", "address", "show"), object_hook=_without_timers)
    seen |= {f"link {link['ifname']}": json.dumps(link, indent=1) for link in links}
    assert all("promiscuity" in text for name, text in seen.items() if name.startswith("link "))
    return seen | take(site) | _files(site)


def _without_timers(record: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in record.items() if key not in _TIMERS}


def _files(site: Site) -> dict[str, str]:
    """Every file and folder with its time of change, which nothing can set back: a write leaves its trace in it."""
    seen: dict[str, str] = {}
    for top in _FOLDERS:
        for folder, _, names in os.walk(site.path(top)):
            for name in (".", *names):
                status = os.lstat(os.path.join(folder, name))
                seen[f"file {folder}/{name}"] = f"{status.st_mode} {status.st_size} {status.st_ctime_ns}"
    return seen


def diagnose(site: Site, *words: str, plain: bool = False) -> tuple[int, str, str]:
    """Runs it in the site, in a way that leaves no compiled Python behind; exit status, output, error output."""
    module = "pxedoctor.lab.plain_user" if plain else "pxedoctor"
    done = site.ask(sys.executable, "-B", "-m", module, "diagnose", *words)
    return done.returncode, done.stdout, done.stderr


def diagnose_in_every_way(site: Site) -> None:
    selections: tuple[tuple[str, ...], ...] = (
        (),
        ("--all",),
        (GUEST,),
        ("--network", NETWORK),
        ("--bridge", site.bridge),
    )
    for words in (*selections, (GUEST, "--client", "windows", "--verbose"), ("--json",), ("no-such-guest",)):
        for plain in (False, True) if words in _BY_BOTH else (False,):
            status, _, complaint = diagnose(site, *words, plain=plain)
            assert status in {0, 1, 2, 3}, (words, plain, complaint)
            assert "Traceback" not in complaint, complaint


def settled(site: Site) -> None:
    """Waits until the host itself has stopped changing: a daemon that has just started still writes."""
    before = picture(site)
    for _ in range(20):
        time.sleep(0.5)
        after = picture(site)
        if not differences(before, after):
            return
        before = after
    pytest.fail("the host does not come to rest by itself: " + "\n".join(differences(before, picture(site))))


def assert_unchanged(site: Site) -> None:
    settled(site)
    before = picture(site)
    diagnose_in_every_way(site)
    assert not differences(before, picture(site))


def stop_libvirt(site: Site) -> None:
    site.run("sh", "-c", "kill $(cat /run/libvirtd.pid)")
    deadline = time.monotonic() + 20
    while site.ask("pgrep", "-x", "libvirtd").returncode == 0:
        assert time.monotonic() < deadline, "libvirtd does not end"
        time.sleep(0.1)


def source(site: Site, name: str) -> tuple[str, str]:
    _, said, _ = diagnose(site, "--json")
    found = next(source for source in json.loads(said)["sources"] if source["name"] == name)
    return found["status"], found["why"]


def test_libvirt_running() -> None:
    with open_site() as site:
        libvirt_site(site)
        assert_unchanged(site)


_NATIVE = """\
add table inet asleep { flags dormant; }
add chain inet asleep in { type filter hook input priority 0; policy drop; }
add table netdev early
add chain netdev early c { type filter hook ingress device "lo" priority -5; }
add table inet own
add set inet own names { type ipv4_addr; elements = { 192.0.2.1 }; }
add map inet own ways { type ipv4_addr : verdict; }
add chain inet own a
add chain inet own b
add chain inet own in { type filter hook input priority 10; }
add chain inet own through { type filter hook forward priority 10; }
add element inet own ways { 192.0.2.9 : goto b }
add rule inet own in ip saddr @names jump a
add rule inet own a ip saddr vmap @ways
add rule ip filter INPUT ip saddr { 192.0.2.1, 192.0.2.2 } accept
"""


def test_a_host_with_rules_of_every_kind() -> None:
    """Every question that is ever put about rules is put here: nft chain by chain and whole, the saves, ipset."""
    with open_site() as site:
        libvirt_site(site)
        site.run("ipset", "create", "blocked", "hash:ip")
        site.run("iptables-nft", "-A", "FORWARD", "-m", "set", "--match-set", "blocked", "src", "-j", "DROP")
        site.run("iptables-legacy", "-A", "INPUT", "-j", "ACCEPT")
        site.run("ebtables-nft", "-A", "FORWARD", "-p", "ARP", "-j", "ACCEPT")
        site.run("arptables-nft", "-A", "INPUT", "-s", "192.0.2.7", "-j", "DROP")
        site.write("/tmp/native", _NATIVE)
        site.run("nft", "-f", "/tmp/native")
        for number in range(20):
            site.run(
                "nft", f"add table ip t{number}; add chain ip t{number} in {{ type filter hook input priority 0; }}"
            )
        assert_unchanged(site)


def test_libvirt_stopped() -> None:
    with open_site() as site:
        libvirt_site(site)
        stop_libvirt(site)
        assert_unchanged(site)
        assert site.ask("pgrep", "-x", "libvirtd").returncode == 1, "libvirtd was started"


def test_libvirt_asleep() -> None:
    """systemd's own socket activation: the first connection to the socket starts libvirtd."""
    with open_site() as site:
        libvirt_site(site)
        stop_libvirt(site)
        sockets = [word for name in ("", "-ro") for word in ("--listen", f"/run/libvirt/libvirt-sock{name}")]
        site.run("rm", "-f", *sockets[1::2])
        # Without the names of its units libvirtd starts, and does not answer on them.
        names = "--fdname=libvirtd.socket:libvirtd-ro.socket"
        activator = site.start("systemd-socket-activate", names, *sockets, "libvirtd")
        site.run(
            "sh", "-c", "for i in $(seq 50); do test -S /run/libvirt/libvirt-sock-ro && exit 0; sleep 0.1; done; exit 1"
        )
        site.run("chmod", "0777", *sockets[1::2])
        assert_unchanged(site)
        assert activator.poll() is None
        assert site.ask("pgrep", "-x", "libvirtd").returncode == 1, "libvirtd was woken"
        assert source(site, "libvirt") == ("asleep", "libvirtd: not woken (--wake would), its files were read")
        # The trap is real: whoever does connect wakes it.
        site.run("timeout", "10", "virsh", "-r", "list")
        assert site.ask("pgrep", "-x", "libvirtd").returncode == 0


def test_a_probe_leaves_a_host_as_it_was() -> None:
    """With a lease taken and given back, a file fetched, and one probe that is killed in the middle."""
    with open_site() as site:
        served_bridge_site(site, tftp=True)
        # Another station: the first port of all gives a bridge its carrier, and with it an IPv6 address.
        plug_in(site, "other", "52:54:00:0d:0d:02")
        probe(site, GUEST, "--fetch")
        settled(site)
        before = picture(site)
        for words in ((GUEST,), (GUEST, "--fetch"), ("--bridge", site.bridge, "--quick"), ("--all",)):
            assert probe(site, *words) == 0, words
        site.ask("timeout", "-s", "KILL", "3", sys.executable, "-B", "-m", "pxedoctor", "probe", GUEST)
        assert not [name for name in differences(before, picture(site)) if "/var/lib/misc/" not in name]


def probe(site: Site, *words: str) -> int:
    done = site.ask(sys.executable, "-B", "-m", "pxedoctor", "probe", *words)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def test_a_picture_sees_what_it_must() -> None:
    """Proof that the tests above can fail: each of these leaves a trace in the picture."""
    with open_site() as site:
        libvirt_site(site)
        settled(site)
        before = picture(site)
        for harm, trace in (
            (("ip", "link", "set", "dev", site.bridge, "promisc", "on"), f"link {site.bridge}"),
            (("nft", "add", "table", "inet", "mine"), "nft"),
            (("touch", "/run/libvirt"), f"file {site.path('/run/libvirt')}/."),
            (("sysctl", "-q", "-w", "net.ipv4.ip_forward=0"), "sysctls"),
        ):
            site.run(*harm)
            after = picture(site)
            assert any(line.startswith(trace) for line in differences(before, after)), harm
            before = after
