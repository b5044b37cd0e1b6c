"""Hosts and people that are not as expected: a clear word, the right exit status, no traceback, and nothing changed."""

import gzip
import json
import signal
import sys
import time

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.normalise import differences
from pxedoctor.lab.parts import GUEST, NETWORK, define_guest, guest_xml, libvirt_site, network_xml, restart_network
from pxedoctor.lab.runner import take
from pxedoctor.lab.site import Site, Told

pytestmark = pytest.mark.lab

WORD = "hunter2"


def doctor(site: Site, *words: str, plain: bool = False) -> Told:
    """Runs the command with --json; its exit status and its document."""
    module = "pxedoctor.lab.plain_user" if plain else "pxedoctor"
    done = site.ask(sys.executable, "-m", module, *words, "--json")
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout, done.stderr
    return Told(exit_code=done.returncode, document=json.loads(done.stdout))


def refused(told: Told, *words: str) -> None:
    assert told.exit_code == 2, told
    assert told.document["type"] == "error"
    said = f"{told.document['message']} | {told.document['would_help']}"
    assert all(word in said for word in words), said


def on_terminal(site: Site, *words: str) -> str:
    done = site.ask(sys.executable, "-m", "pxedoctor", *words)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def stop_libvirt(site: Site) -> None:
    site.run("sh", "-c", "kill $(cat /run/libvirtd.pid); while pgrep -x libvirtd; do sleep 0.1; done")


def without_libvirt(site: Site) -> None:
    site.run("rm", "-rf", "/etc/libvirt", "/run/libvirt")
    site.run("rm", "-f", "/usr/bin/virsh", "/usr/sbin/libvirtd")


def test_a_host_without_libvirt_and_without_bridges() -> None:
    with open_site() as site:
        without_libvirt(site)
        told = doctor(site, "diagnose")
        assert (told.exit_code, told.document["targets"]) == (0, [])
        assert {s["name"]: s["status"] for s in told.document["sources"]}["domains"] == "absent"
        assert "no guest and no bridge" in on_terminal(site, "diagnose")
        refused(doctor(site, "diagnose", GUEST), GUEST, "libvirt")
        refused(doctor(site, "diagnose", "--network", NETWORK), NETWORK, "libvirt")


def test_a_bridge_of_a_host_without_libvirt_is_diagnosed() -> None:
    with open_site() as site:
        without_libvirt(site)
        site.run("ip", "link", "add", site.bridge, "up", "type", "bridge", "stp_state", "1")
        told = doctor(site, "diagnose", "--bridge", site.bridge)
        assert told.names() == ("bridge-forward-delay",)
        assert [target["id"] for target in told.document["targets"]] == [f"bridge/{site.bridge}"]
        told = doctor(site, "diagnose", "--bridge", site.bridge, "--client", "ipxe")
        assert told.broken() == ("bridge-forward-delay",)
        assert told.exit_code == 1


def test_libvirt_stopped_is_judged_by_its_files() -> None:
    with open_site() as site:
        libvirt_site(site)
        running = doctor(site, "diagnose", GUEST)
        stop_libvirt(site)
        stopped = doctor(site, "diagnose", GUEST)
        assert (running.exit_code, stopped.exit_code) == (0, 0)
        assert running.document["targets"] == stopped.document["targets"]


def test_names_that_are_not_there() -> None:
    with open_site() as site:
        libvirt_site(site)
        refused(doctor(site, "diagnose", "web1"), "'web1'", f"guests here: '{GUEST}'")
        refused(doctor(site, "diagnose", GUEST, "nobody's"), "nobody's")
        refused(doctor(site, "diagnose", "--bridge", "nope"), "'nope'", site.bridge)
        refused(doctor(site, "diagnose", "--network", "labb"), "'labb'", f"'{NETWORK}'")
        refused(doctor(site, "diagnose", GUEST, "--all"), "one of them")
        refused(doctor(site, "diagnose", GUEST, "--client", "iPXE"), "'iPXE'", "ipxe")
        refused(doctor(site, "fix", "\x1b[31m" + "x" * 10_000), "there is no guest")
        assert "\x1b[31m" not in on_terminal(site, "diagnose", "\x1b[31mred")


def test_a_guest_without_a_network_interface() -> None:
    with open_site() as site:
        libvirt_site(site)
        define_guest(site, guest_xml(""))
        refused(doctor(site, "diagnose", GUEST), "no network interface")
        assert doctor(site, "diagnose").exit_code == 0


def libvirt_for_everybody(site: Site) -> None:
    """As polkit's default rules have it: everybody may look. There is no D-Bus in a site that could ask polkit."""
    site.write("/etc/libvirt/libvirtd.conf", 'auth_unix_ro = "none"\n')
    libvirt_site(site)


def test_a_plain_user_hears_what_a_plain_user_can_know() -> None:
    """libvirtd answers read-only to everybody: the guest is known, what only root may read is not."""
    with open_site() as site:
        libvirt_for_everybody(site)
        told = doctor(site, "diagnose", GUEST, plain=True)
        assert told.exit_code == 3
        assert told.document["targets"][0]["bridge"] == site.bridge
        assert any("root" in entry["would_help"] for entry in told.document["unknown"]), told.document["unknown"]
        stop_libvirt(site)
        for words in ((GUEST,), (), ("--network", NETWORK)):
            told = doctor(site, "diagnose", *words, plain=True)
            assert told.exit_code == 3, (words, told)
            assert "run it as root" in json.dumps(told.document)


def test_a_plain_user_repairs_nothing() -> None:
    with open_site() as site:
        libvirt_for_everybody(site)
        restart_network(site, network_xml(site, delay=15))
        before = take(site)
        told = doctor(site, "fix", GUEST, "--apply", "--yes", plain=True)
        assert told.exit_code == 2, told
        assert "root" in told.document["would_help"]
        assert not differences(before, take(site))


@pytest.mark.parametrize("name", ["<script>", "br\x1b[31m", "br;reboot", "$(reboot)", "-rf", "br'\"\\", "brü\u202e"])
def test_hostile_names_of_bridges(name: str) -> None:
    """All of these the kernel accepts as names of devices."""
    with open_site() as site:
        site.run("sh", "-c", 'ip link add name "$0" up type bridge stp_state 1 2>&1 || exit 1', name)
        told = doctor(site, "diagnose", "--bridge", name, "--client", "ipxe")
        assert told.broken() == ("bridge-forward-delay",)
        finding = told.document["findings"][0]
        assert finding["subject"] == name
        assert finding["plan"]["steps"][0]["argv"][4] == name
        said = on_terminal(site, "diagnose", "--client", "ipxe")
        assert "\x1b" not in said
        assert "\u202e" not in said
        # The repair goes to the device and to nothing else.
        told = doctor(site, "fix", "--bridge", name, "--client", "ipxe", "--apply", "--yes")
        assert told.document["outcome"] == "verified", told


def test_definitions_that_are_no_definitions() -> None:
    """One by one named as not understood; the healthy guest beside them is diagnosed all the same."""
    hostile = {
        "broken": "<domain><name>broken</name>",
        "bomb": '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><domain><name>&b;</name></domain>',
        "outside": '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/shadow">]><domain><name>&a;</name></domain>',
        "deep": "<a>" * 100_000,
        "empty": "",
        "other": "<network><name>other</name></network>",
        "order": "<domain><name>order</name><devices><interface><boot order='first'/></interface></devices></domain>",
        "huge": "<domain><name>huge</name><!--" + "x" * 20_000_000 + "--></domain>",
    }
    with open_site() as site:
        libvirt_site(site)
        for name, text in hostile.items():
            site.write(f"/etc/libvirt/qemu/{name}.xml", text)
        site.run("truncate", "-s", "100M", "/etc/libvirt/qemu/sparse.xml")
        site.run("mkfifo", "/etc/libvirt/qemu/pipe.xml")
        site.run("ln", "-s", "/dev/zero", "/etc/libvirt/qemu/zeros.xml")
        told = doctor(site, "diagnose", GUEST)
        assert told.exit_code == 0
        source = next(source for source in told.document["sources"] if source["name"] == "domains")
        assert source["status"] == "failed"
        for name in (*hostile, "sparse", "pipe", "zeros"):
            assert f"domain {name} was not understood" in source["why"], name
            refused(doctor(site, "diagnose", name), "was not understood", f"/etc/libvirt/qemu/{name}.xml")


def test_a_definition_with_odd_namespaces_is_understood() -> None:
    with open_site() as site:
        libvirt_site(site)
        interface = f"<x:interface type='network'><x:source network='{NETWORK}'/></x:interface>"
        text = (
            "<x:domain xmlns:x='http://example.org/x' type='qemu'><x:name>odd</x:name>"
            f"<x:devices>{interface}</x:devices></x:domain>"
        )
        site.write("/etc/libvirt/qemu/odd.xml", text)
        told = doctor(site, "diagnose", "odd")
        assert told.document["targets"][0]["bridge"] == site.bridge


def test_secrets_are_in_no_snapshot() -> None:
    """Every place of a host that is read and may hold a password holds one; libvirt itself keeps the definition."""
    graphics = f"<graphics type='vnc' passwd='{WORD}'/><graphics type='spice' passwd='{WORD}'/>"
    smbios = f"<sysinfo type='smbios'><oemStrings><entry>io.systemd.credential:x={WORD}</entry></oemStrings></sysinfo>"
    firmware = (
        f"<sysinfo type='fwcfg'><entry name='opt/org.flatcar-linux/config'>{{\"p\": \"{WORD}\"}}</entry></sysinfo>"
    )
    qemu = (
        "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
        f"<qemu:arg value='-object'/><qemu:arg value='secret,id=s,data={WORD}'/><qemu:env name='P' value='{WORD}'/>"
        "</qemu:commandline>"
    )
    disk = (
        "<disk type='network' device='disk'><driver name='qemu' type='raw'/>"
        "<source protocol='https' name='x'><host name='h'/>"
        f"<cookies><cookie name='c'>{WORD}</cookie></cookies></source>"
        "<target dev='vda' bus='virtio'/></disk>"
    )
    with open_site() as site:
        libvirt_site(site)
        xml = guest_xml(f"<interface type='network'><source network='{NETWORK}'/></interface>{graphics}{disk}")
        xml = xml.replace("</os>", f"<cmdline>password={WORD}</cmdline></os>{smbios}{firmware}").replace(
            "</domain>", f"<description>root password: {WORD}</description>{qemu}</domain>"
        )
        define_guest(site, xml)
        defined = site.path(f"/etc/libvirt/qemu/{GUEST}.xml").read_text()
        assert defined.count(WORD) == 9, defined
        site.write("/var/log/libvirt/libvirtd.log", f"libvirtd[1]: error : virNetSomething: network password={WORD}\n")
        doctor_snapshot = "/tmp/host.snapshot"
        site.run(sys.executable, "-m", "pxedoctor", "snapshot", "-o", doctor_snapshot)
        content = gzip.decompress(site.path(doctor_snapshot).read_bytes()).decode()
        assert f"/etc/libvirt/qemu/{GUEST}.xml" in content
        assert WORD not in content
        assert WORD not in json.dumps(doctor(site, "diagnose", GUEST, "--verbose").document)


# A child of an interactive shell: one that a script puts into the background would ignore SIGINT.
_RUN = """\
import signal, subprocess, sys, time
heed = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)
words = [sys.executable, *{words}]
with open("/tmp/said", "w") as said:
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=heed)
time.sleep({after})
child.send_signal(signal.SIGINT)
print(child.wait())
"""


def interrupted(site: Site, after: float, *words: str) -> int:
    """Starts the command, sends SIGINT to it after some seconds; its exit status.

    Python itself may not have come so far that it calls anything of ours: that counts as interrupted too.
    """
    site.write("/tmp/run.py", _RUN.format(words=["-m", "pxedoctor", *words], after=after))
    status = int(site.run(sys.executable, "/tmp/run.py"))
    before_us = "pxedoctor/cli" not in site.path("/tmp/said").read_text()
    return 130 if status in {1, -signal.SIGINT} and before_us else status


def test_ctrl_c_during_diagnose() -> None:
    with open_site() as site:
        libvirt_site(site)
        before = take(site)
        seen = {interrupted(site, 0.1 * step, "diagnose") for step in range(1, 12)}
        assert 130 in seen
        assert seen <= {0, 130}, seen
        assert not differences(before, take(site))


def test_ctrl_c_during_fix_leaves_the_host_as_it_was() -> None:
    """At every moment from the start of the command to its end: either nothing was done, or it was taken back."""
    with open_site() as site:
        libvirt_site(site)
        restart_network(site, network_xml(site, delay=15))
        before = take(site)
        started = time.monotonic()
        assert site.ask(sys.executable, "-m", "pxedoctor", "fix", GUEST, "--apply", "--yes").returncode == 0
        whole = time.monotonic() - started
        site.run(sys.executable, "-m", "pxedoctor", "undo")
        assert not differences(before, take(site))
        seen = []
        for step in range(1, 13):
            status = interrupted(site, whole * step / 13, "fix", GUEST, "--apply", "--yes")
            seen.append(status)
            if status == 0:
                # It was done before the signal came: undo is what takes it back then.
                site.run(sys.executable, "-m", "pxedoctor", "undo")
            differ = differences(before, take(site))
            assert not differ, (status, seen, differ, site.path("/tmp/said").read_text())
        assert 130 in seen, seen
        assert set(seen) <= {0, 130}, seen
