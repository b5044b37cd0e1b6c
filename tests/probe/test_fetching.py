"""Boot files fetched over a tap of a bridge, from real HTTP servers, good ones and hostile ones."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pxedoctor.dialogue.profile import HttpHabits
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import SERVER, SERVER6, make_bridge
from pxedoctor.model.observation import SeenFetch
from pxedoctor.probe.fetching import HttpFetch, header

WORKER = (Path(__file__).parents[1] / "fetch_worker.py").read_text(encoding="utf-8")
HOSTILE = (Path(__file__).parents[1] / "hostile_http.py").read_text(encoding="utf-8")
MAC = "52:54:00:70:72:6f"
AGENT = HttpHabits(agent="UefiHttpBoot/1.0")
FILE = bytes(range(256)) * 4096

lab = pytest.mark.lab


def asked(path: str, **changes: Any) -> HttpFetch:
    values: dict[str, Any] = {
        "url": path if "://" in path else f"http://{SERVER}{path}",
        "habits": AGENT,
        "mac": MAC,
        "address": "192.168.160.77",
        "prefix": 24,
    }
    return HttpFetch(**(values | changes))


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A bridge with busybox httpd on port 80, and a server on port 81 that does whatever it should not."""
    with open_site() as opened:
        make_bridge(opened)
        folder = opened.path("/srv/http")
        folder.mkdir(parents=True)
        (folder / "boot.efi").write_bytes(FILE)
        (folder / "empty.efi").write_bytes(b"")
        opened.run("busybox", "httpd", "-p", f"{SERVER}:80", "-h", "/srv/http")
        opened.run("busybox", "httpd", "-p", f"[{SERVER6}]:80", "-h", "/srv/http")
        hostile = opened.start("python3", "-c", HOSTILE, SERVER, "81")
        assert hostile.stdout is not None
        assert hostile.stdout.readline().strip() == "serving"
        yield opened


def run(site: Site, what: HttpFetch) -> SeenFetch:
    done = site.ask(*worker(site, what))
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=SeenFetch)


def worker(site: Site, what: HttpFetch) -> list[str]:
    return [sys.executable, "-c", WORKER, site.bridge, msgspec.json.encode(what).decode()]


@lab
def test_a_file_is_fetched_whole_and_its_first_bytes_are_kept(site: Site) -> None:
    seen = run(site, asked("/boot.efi"))
    assert (seen.outcome, seen.status, seen.received, seen.size) == ("fetched", 200, len(FILE), len(FILE))
    assert seen.first == FILE[:4096]
    assert seen.at == 1.5
    assert 0 < seen.seconds < 10


@lab
def test_over_ipv6_too(site: Site) -> None:
    seen = run(site, asked(f"http://[{SERVER6}]/boot.efi", address="fd00:d0d::77", prefix=64))
    assert (seen.outcome, seen.received) == ("fetched", len(FILE))


@lab
def test_a_file_that_is_not_there_is_refused_with_its_page(site: Site) -> None:
    seen = run(site, asked("/nothing.efi"))
    assert (seen.outcome, seen.status) == ("refused", 404)
    assert seen.content_type.startswith("text/html")
    assert b"<HTML>" in seen.first


@lab
def test_an_empty_file_is_fetched_and_empty(site: Site) -> None:
    seen = run(site, asked("/empty.efi"))
    assert (seen.outcome, seen.received, seen.first) == ("fetched", 0, b"")


@lab
def test_head_comes_first_where_the_client_asks_so(site: Site) -> None:
    seen = run(site, asked(f"http://{SERVER}:81/head", habits=HttpHabits(agent="x", asks_head_first=True)))
    assert seen.outcome == "fetched"
    assert seen.first == b"HEAD GET"


@lab
@pytest.mark.parametrize(
    ("path", "changes", "outcome", "why"),
    [
        ("endless", {"limit": 100_000}, "too-large", "cut after"),
        ("endless", {"seconds": 2.0, "limit": 1 << 40}, "stopped", "no end of it"),
        ("drip", {"seconds": 2.0}, "stopped", "no end of it"),
        ("drip-headers", {"seconds": 2.0}, "silent", "no answer in 2 s"),
        ("silent", {"seconds": 2.0}, "silent", "no answer in 2 s"),
        ("short", {}, "malformed", "received 5 bytes, expected 1000"),
        ("garbage", {}, "malformed", "after 0 bytes"),
        ("loop", {"habits": HttpHabits(agent="x", redirects=5)}, "refused", "after 5 redirects: this client follows 5"),
        ("loop", {}, "refused", "this client follows none"),
        ("to-file", {"habits": HttpHabits(agent="x", redirects=5)}, "malformed", "not a URL to fetch by HTTP"),
        ("endless-redirect", {"habits": HttpHabits(agent="x", redirects=5)}, "fetched", "2 bytes"),
        ("bomb", {"limit": 100_000}, "fetched", ""),
    ],
)
def test_hostile_servers_are_bounded_and_told(
    site: Site, path: str, changes: dict[str, Any], outcome: str, why: str
) -> None:
    began = time.monotonic()
    seen = run(site, asked(f"http://{SERVER}:81/{path}", **changes))
    assert (seen.outcome, why in seen.why) == (outcome, True), seen
    assert len(seen.first) <= 4096
    assert time.monotonic() - began < 15


@lab
def test_a_closed_port_refuses_and_a_missing_machine_is_silent(site: Site) -> None:
    assert run(site, asked(f"http://{SERVER}:82/boot.efi")).outcome == "refused"
    nobody = run(site, asked("http://192.168.160.200/boot.efi", seconds=6.0))
    assert nobody.outcome in ("silent", "refused")
    assert nobody.received == 0


@lab
def test_this_machine_itself_is_never_asked(site: Site) -> None:
    """A URL, or a redirect, to 127.0.0.1 leads nowhere: the namespace has no way to this host's own services."""
    seen = run(site, asked("http://127.0.0.1/boot.efi", seconds=4.0))
    assert seen.outcome != "fetched"


@lab
def test_a_name_is_asked_of_the_leased_server_alone(site: Site) -> None:
    names = (f"--listen-address={SERVER}", "--bind-interfaces", f"--address=/boot.lab.example/{SERVER}")
    site.run(
        "dnsmasq", "--conf-file=/dev/null", "--user=root", "--no-resolv", "--no-hosts", "--pid-file=/run/d", *names
    )
    seen = run(site, asked("http://boot.lab.example/boot.efi", dns=(SERVER,)))
    assert (seen.outcome, seen.received) == ("fetched", len(FILE))
    unknown = run(site, asked("http://nowhere.lab.example/boot.efi", dns=(SERVER,)))
    assert unknown.outcome == "refused"
    assert "name" in unknown.why.lower()
    without = run(site, asked("http://boot.lab.example/boot.efi"))
    assert without.outcome == "refused"
    assert "no DNS server" in without.why


@lab
def test_nothing_is_left_when_the_probe_is_killed(site: Site) -> None:
    probing = site.start(*worker(site, asked(f"http://{SERVER}:81/drip", seconds=60.0)))
    assert probing.stdout is not None
    assert probing.stdout.readline().strip() == "fetching"
    _await(lambda: _children(site) == 1, "the child begins")
    site.run("pkill", "-KILL", "-f", "import asyncio")
    _await(lambda: _children(site) == 0, "the child ends")
    _await(lambda: "probe0" not in site.run("ip", "-br", "link"), "the tap is gone")
    probing.wait()


def _children(site: Site) -> int:
    return len(site.ask("pgrep", "-f", "pxedoctor.probe.http_child").stdout.split())


def _await(is_so: Any, what: str) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_an_unfilled_sum_is_told_where_it_stands() -> None:
    """linux/virtio_net.h: flags NEEDS_CSUM, csum_start behind Ethernet's and IP's headers, csum_offset of the sum."""
    udp = bytes(12) + b"\x08\x00" + b"\x46" + bytes(8) + b"\x11" + bytes(40)
    assert header(udp, marked=True) == bytes((1, 0)) + bytes(4) + (38).to_bytes(2, "little") + (6).to_bytes(2, "little")
    tcp6 = bytes(12) + b"\x86\xdd" + bytes(6) + b"\x06" + bytes(60)
    assert header(tcp6, marked=True)[6:] == (54).to_bytes(2, "little") + (16).to_bytes(2, "little")


def test_a_frame_without_the_mark_or_of_another_kind_has_nothing_told() -> None:
    udp = bytes(12) + b"\x08\x00" + b"\x45" + bytes(8) + b"\x11" + bytes(40)
    assert header(udp, marked=False) == bytes(10)
    assert header(bytes(12) + b"\x08\x06" + bytes(50), marked=True) == bytes(10)
    assert header(b"", marked=True) == bytes(10)


def test_what_is_asked_survives_its_way_to_the_child() -> None:
    what = asked("/boot.efi", dns=("192.168.160.1",))
    assert msgspec.json.decode(json.dumps(msgspec.to_builtins(what)), type=HttpFetch) == what
