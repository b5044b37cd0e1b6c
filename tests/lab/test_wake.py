"""`diagnose --wake` on a host whose libvirt sleeps behind its socket: real socket activation, as systemd does it.

A daemon that starts writes its rules and starts its networks, which the guests had missed: so all is read before.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST, NETWORK, libvirt_site
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

_SOCKETS = ("/run/libvirt/libvirt-sock", "/run/libvirt/libvirt-sock-ro")
_FIREWALL = "iptables -P INPUT DROP; iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
_LIBVIRTS_RULE = ("iptables", "-C", "INPUT", "-j", "LIBVIRT_INP")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    # Not a skip: a lab that did not run proves nothing.
    assert os.geteuid() == 0, "the lab makes network namespaces: run the tests as root"
    with open_site() as opened:
        libvirt_site(opened)
        opened.run("sh", "-ec", _FIREWALL)
        yield opened


def put_to_sleep(site: Site) -> None:
    """libvirtd ends, and its sockets are held for it: whoever connects starts it."""
    ended = "kill $(cat /run/libvirtd.pid); while pgrep -x libvirtd >/dev/null; do sleep 0.05; done"
    site.run("timeout", "20", "sh", "-c", ended)
    site.run("rm", "-f", *_SOCKETS)
    # Without the names of its units libvirtd does not answer on them (libvirt src/util/virsystemd.c).
    words = ("--fdname=libvirtd.socket:libvirtd-ro.socket", *(f"--listen={path}" for path in _SOCKETS))
    site.start("systemd-socket-activate", *words, "libvirtd")
    deadline = time.monotonic() + 20
    while not all(site.exists(path) for path in _SOCKETS):
        assert time.monotonic() < deadline, "nobody listens"
        time.sleep(0.05)
    site.run("chmod", "0777", *_SOCKETS)


def sleeps(site: Site) -> bool:
    return site.ask("pgrep", "-x", "libvirtd").returncode != 0


def libvirt_of(document: dict[str, Any]) -> dict[str, str]:
    source: dict[str, str] = next(entry for entry in document["sources"] if entry["name"] == "libvirt")
    return source


def test_what_the_waking_mends_is_found_all_the_same(site: Site) -> None:
    """The rules were flushed while it slept. They are read first; libvirtd writes them back when it wakes."""
    put_to_sleep(site)
    site.run("sh", "-ec", f"iptables -F; iptables -t nat -F; iptables -t mangle -F; {_FIREWALL}")
    unasked = site.doctor("diagnose", GUEST)
    assert (unasked.exit_code, unasked.names()[0]) == (1, "libvirt-rules-missing")
    assert libvirt_of(unasked.document)["status"] == "asleep"
    assert "--wake" in libvirt_of(unasked.document)["why"]
    assert sleeps(site)
    woken = site.doctor("diagnose", GUEST, "--wake")
    assert not sleeps(site)
    site.run(*_LIBVIRTS_RULE)
    assert (woken.exit_code, woken.names()[0]) == (1, "libvirt-rules-missing")
    finding = woken.document["findings"][0]
    assert finding["plan"] is None
    assert "woken afterwards: it is not found any more" in finding["no_plan_because"]
    assert libvirt_of(woken.document)["status"] == "ok"
    assert "woken by --wake, which mended libvirt-rules-missing" in libvirt_of(woken.document)["why"]
    now = site.doctor("diagnose", GUEST)
    assert (now.exit_code, now.names()) == (0, ())


def test_a_network_that_starts_with_its_daemon_is_unknown_until_it_is_woken(site: Site) -> None:
    """As after a boot at which nobody has asked libvirt yet."""
    site.run("virsh", "net-destroy", NETWORK)
    put_to_sleep(site)
    site.run("rm", "-f", "/run/libvirt/network/autostarted")
    unasked = site.doctor("diagnose", GUEST)
    assert unasked.exit_code == 3, unasked.document
    said = next(entry for entry in unasked.document["unknown"] if entry["name"] == "network-inactive")
    assert "--wake" in said["would_help"]
    assert sleeps(site)
    done = site.ask(sys.executable, "-m", "pxedoctor", "diagnose", GUEST, "--wake", "--json")
    woken = json.loads(done.stdout)
    assert (done.returncode, woken["verdict"], woken["findings"]) == (0, "healthy", [])
    assert not sleeps(site)
    assert "libvirtd slept and was woken by --wake" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "this is the host as it is since" in libvirt_of(woken)["why"]
    assert site.exists(f"/sys/class/net/{site.bridge}")


def test_where_nothing_sleeps_there_is_nothing_to_say(site: Site) -> None:
    assert not sleeps(site)
    done = site.ask(sys.executable, "-m", "pxedoctor", "diagnose", GUEST, "--wake", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert libvirt_of(json.loads(done.stdout)) == {"name": "libvirt", "status": "ok", "why": ""}


def test_whom_the_files_are_closed_to_hears_of_the_guest_from_libvirt(site: Site) -> None:
    # Who may look is polkit's business on Debian, and no bus runs here.
    site.write("/etc/libvirt/libvirtd.conf", "auth_unix_ro = 'none'\n")
    put_to_sleep(site)
    plain = (sys.executable, "-m", "pxedoctor.lab.plain_user", "diagnose", GUEST, "--json")
    unasked = json.loads(site.ask(*plain).stdout)
    assert unasked["targets"][0]["mac"] is None
    assert any("--wake (libvirtd sleeps)" in entry["would_help"] for entry in unasked["unknown"])
    assert sleeps(site)
    woken = json.loads(site.ask(*plain, "--wake").stdout)
    assert not sleeps(site)
    assert [(target["guest"], target["network"]) for target in woken["targets"]] == [(GUEST, NETWORK)]


def test_a_name_that_nobody_has_wakes_nobody(site: Site) -> None:
    put_to_sleep(site)
    assert site.doctor("diagnose", "no-such-guest", "--wake").exit_code == 2
    assert sleeps(site)
    assert site.doctor("diagnose", "--wake").exit_code == 0
    assert not sleeps(site)


def test_packets_are_asked_of_the_host_as_it_is_since_unless_the_waking_mended_it(site: Site) -> None:
    put_to_sleep(site)
    probed = site.doctor("diagnose", GUEST, "--wake", "--probe", "--quick")
    assert not sleeps(site)
    assert probed.exit_code == 0, probed.document
    assert [seen["outcome"] for seen in probed.document["probes"]] == ["offered"]
    put_to_sleep(site)
    site.run("sh", "-ec", f"iptables -F; iptables -t nat -F; iptables -t mangle -F; {_FIREWALL}")
    mended = site.doctor("diagnose", GUEST, "--wake", "--probe", "--quick")
    assert (mended.exit_code, mended.names()[0], mended.document["probes"]) == (1, "libvirt-rules-missing", [])
    assert libvirt_of(mended.document)["why"].endswith("and nothing was probed")


def test_a_daemon_that_does_not_come_up_is_told(site: Site) -> None:
    put_to_sleep(site)
    site.write("/etc/libvirt/libvirtd.conf", "max_clients = 'many'\n")
    told = site.doctor("diagnose", GUEST, "--wake")
    said = "libvirtd slept, and asked by --wake gave no answer (virsh ended with 1: error:"
    assert libvirt_of(told.document)["why"].startswith(said)
    assert told.exit_code == 0, told.document
