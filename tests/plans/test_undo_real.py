"""The way back of live steps on a real kernel: what somebody else has changed since is left alone."""

import sys
from collections.abc import Iterator

import msgspec
import pytest

from builders import bridge, host, link
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site, SiteError
from pxedoctor.model.bridge import Port, PortState, Stp
from pxedoctor.model.host import Host
from pxedoctor.model.route import Route
from pxedoctor.plans.address import AddAddress
from pxedoctor.plans.bridge import EnslaveTap, SetBridgeUp
from pxedoctor.plans.link import SetLinkUp
from pxedoctor.plans.port import EnterMac, SetPortFlag, SetPortState
from pxedoctor.plans.request import Run
from pxedoctor.plans.route import RemoveLocalRoute
from pxedoctor.plans.step import Inverse, Step
from pxedoctor.plans.three_way import ThreeWay
from real_files import MET, granted

pytestmark = pytest.mark.lab

PORT = Port(name="vnet7", state=PortState.DISABLED, isolated=False, bcast_flood=True, macs=())
BEFORE = host(
    bridges=(bridge("br7", stp=Stp.OFF, ports=(PORT,)),),
    links=(
        link("br7", kind="bridge"),
        link("br8", kind="bridge", up=False),
        link("tap7", up=False),
        link("tap8", master="br8"),
    ),
    routes=(Route(family="inet", destination="198.51.100.0/24", device="lo", table="local", kind="local"),),
)
STATE = SetPortState(bridge="br7", port="vnet7", state=PortState.FORWARDING)
FLAG = SetPortFlag(bridge="br7", port="vnet7", flag="bcast_flood", on=False, may_lose="x")
ADDRESS = AddAddress(device="br7", address="198.51.100.1", prefix=24)
ROUTE = RemoveLocalRoute(destination="198.51.100.0/24", device="lo", may_lose="x")
UP = SetLinkUp(device="tap7")
BRIDGE_UP = SetBridgeUp(bridge="br8")
PLUGGED = EnslaveTap(tap="tap7", bridge="br7")
MOVED = EnslaveTap(tap="tap8", bridge="br7")
ENTERED = EnterMac(bridge="br7", port="vnet7", mac="52:54:00:0d:0d:99")
_PORT = ("bridge", "link", "set", "dev", "vnet7")
_ROUTE = ("ip", "route", "add", "local", "198.51.100.0/24", "dev", "lo", "table", "local")


@pytest.fixture(scope="module")
def kernel() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def site(kernel: Site) -> Iterator[Site]:
    """br7 with one port that somebody has switched off, a local route, a bridge and two taps that are down."""
    kernel.run("ip", "link", "add", "br7", "type", "bridge")
    kernel.run("ip", "link", "add", "vnet7", "type", "veth", "peer", "name", "vnet8")
    kernel.run("ip", "link", "set", "dev", "vnet7", "master", "br7")
    for name in ("br7", "vnet8", "vnet7"):
        kernel.run("ip", "link", "set", "dev", name, "up")
    # The kernel lets it forward when it has heard of its carrier, and may do so until then.
    forwards = "until grep -q 3 /sys/class/net/vnet7/brport/state; do sleep 0.05; done"
    kernel.run("timeout", "9", "sh", "-c", forwards)
    kernel.run(*_PORT, "state", "0")
    kernel.run(*_ROUTE)
    kernel.run("ip", "link", "add", "br8", "type", "bridge")
    for name in ("tap7", "tap8"):
        kernel.run("ip", "tuntap", "add", "dev", name, "mode", "tap")
    kernel.run("ip", "link", "set", "dev", "tap8", "master", "br8")
    yield kernel
    for name in ("tap7", "tap8", "br8"):
        kernel.run("ip", "link", "del", name)
    kernel.ask("ip", "route", "flush", "table", "local", "198.51.100.0/24", "dev", "lo")
    kernel.run("ip", "link", "del", "vnet7")
    kernel.run("ip", "link", "del", "br7")


def way_back(step: Step, known: Host = BEFORE) -> Inverse:
    back = step.undo(known)
    assert isinstance(back, Inverse)
    return back


def met(site: Site, back: Inverse) -> ThreeWay:
    text = site.run(sys.executable, "-c", MET, msgspec.json.encode(back).decode())
    return msgspec.json.decode(text, type=ThreeWay)


ASKED = (
    ("cat", "/sys/class/net/vnet7/brport/state", "/sys/class/net/vnet7/brport/broadcast_flood"),
    ("ip", "-4", "address", "show", "dev", "br7"),
    ("ip", "route", "show", "table", "local", "dev", "lo"),
    ("cat", "/sys/class/net/tap7/flags", "/sys/class/net/br8/flags"),
    ("bridge", "fdb", "show", "brport", "vnet7"),
    ("ls", "/sys/class/net/br7/brif", "/sys/class/net/br8/brif"),
)
# The step, and its way back twice: the picture and what the way back meets, before it and after each.
_DONE_AND_TAKEN_BACK = """
import subprocess, sys, msgspec
from pxedoctor.apply.grant import grant
from pxedoctor.apply.three_way import met
from pxedoctor.plans.request import Request
from pxedoctor.plans.step import Inverse
do, undo, asked = sys.argv[1:]
request, back = msgspec.json.decode(do, type=Request), msgspec.json.decode(undo, type=Inverse)
told = []
for deed in (None, request, back.request, back.request):
    if deed:
        grant(deed)
    questions = msgspec.json.decode(asked)
    shown = [subprocess.run(argv, check=True, capture_output=True, text=True).stdout for argv in questions]
    told.append(("".join(shown), [value.standing for value in met(back).values]))
sys.stdout.buffer.write(msgspec.json.encode(told))
"""


def picture(site: Site) -> str:
    return "".join(site.run(*argv) for argv in ASKED)


STEPS = {
    "address": ADDRESS,
    "bridge-up": BRIDGE_UP,
    "entered": ENTERED,
    "flag": FLAG,
    "moved": MOVED,
    "plugged": PLUGGED,
    "route": ROUTE,
    "state": STATE,
    "up": UP,
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_done_and_taken_back_and_the_way_back_twice_is_once(site: Site, step: Step) -> None:
    words = (msgspec.json.encode(value).decode() for value in (step.request(), way_back(step), ASKED))
    told = msgspec.json.decode(site.run(sys.executable, "-c", _DONE_AND_TAKEN_BACK, *words))
    assert [standings for _, standings in told] == [["undone"], ["undoable"], ["undone"], ["undone"]]
    before, done, *after = (shown for shown, _ in told)
    assert done != before
    assert after == [before, before]


def test_a_port_that_somebody_has_set_otherwise_since(site: Site) -> None:
    back = way_back(STATE)
    granted(site, STATE.request())
    site.run(*_PORT, "state", "2")
    (value,) = met(site, back).values
    told = (value.name, value.standing, value.before, value.written, value.now)
    assert told == ("state of vnet7", "conflict", "0", "3", "2")
    with pytest.raises(SiteError, match="somebody changed it since"):
        granted(site, back.request)
    assert picture(site).startswith("2\n")


@pytest.mark.parametrize(("step", "before"), [(PLUGGED, "no bridge"), (MOVED, "br8")], ids=["plugged", "moved"])
def test_a_tap_that_somebody_has_put_elsewhere_since(site: Site, step: EnslaveTap, before: str) -> None:
    back = way_back(step)
    granted(site, step.request())
    site.run("ip", "link", "add", "br9", "type", "bridge")
    try:
        site.run("ip", "link", "set", "dev", step.tap, "master", "br9")
        (value,) = met(site, back).values
        told = (value.name, value.standing, value.before, value.written, value.now)
        assert told == (f"bridge of {step.tap}", "conflict", before, "br7", "br9")
        with pytest.raises(SiteError, match="'br9' now, not 'br7': somebody changed it since"):
            granted(site, back.request)
        assert step.tap in site.run("ls", "/sys/class/net/br9/brif")
    finally:
        site.run("ip", "link", "del", "br9")


def test_a_device_that_somebody_has_taken_down_or_away_since(site: Site) -> None:
    back = way_back(UP)
    granted(site, UP.request())
    site.run("ip", "link", "set", "dev", "tap7", "down")
    (value,) = met(site, back).values
    told = (value.name, value.standing, value.before, value.written, value.now)
    assert told == ("whether tap7 is up", "undone", "down", "up", "down")
    site.run("ip", "link", "del", "tap7")
    try:
        assert "cannot be read any more" in met(site, back).unreadable
        with pytest.raises(SiteError, match="cannot be read any more"):
            granted(site, back.request)
    finally:
        site.run("ip", "tuntap", "add", "dev", "tap7", "mode", "tap")


def test_an_address_that_somebody_has_taken_away_or_given_otherwise_since(site: Site) -> None:
    back = way_back(ADDRESS)
    granted(site, ADDRESS.request())
    site.run("ip", "address", "flush", "dev", "br7")
    site.run("ip", "address", "add", "198.51.100.1/16", "dev", "br7")
    kept = picture(site)
    assert [value.now for value in met(site, back).values] == ["not there"]
    granted(site, back.request)
    assert picture(site) == kept


def test_a_route_that_somebody_has_brought_back(site: Site) -> None:
    back = way_back(ROUTE)
    granted(site, ROUTE.request())
    site.run(*_ROUTE, "metric", "9")
    kept = picture(site)
    granted(site, back.request)
    assert picture(site) == kept


def test_a_rule_that_somebody_has_taken_from_ufws_file(kernel: Site) -> None:
    """ufw's own file is where it keeps what it allows: what stands there is what the question finds."""
    from pxedoctor.model.firewall_files import FirewallFile
    from pxedoctor.plans.firewall_opening import Opening
    from pxedoctor.plans.firewall_ufw import USER_RULES, AllowInUfw

    opening = Opening(direction="in", interface="br.7", service="dhcp")
    back = way_back(AllowInUfw(opening=opening), host(firewall_files=(FirewallFile(path=USER_RULES, text=""),)))
    assert isinstance(back.request, Run)
    line = "### tuple ### allow udp 67 0.0.0.0/0 any 0.0.0.0/0 in_br.7"
    lines = {"": "not there", line: "there", f"{line} comment=6f": "there", f"{line}1": "not there"}
    lines[line.replace("br.7", "brx7")] = "not there"
    kept = kernel.run("sh", "-c", f"mkdir -p /etc/ufw; cat {USER_RULES} 2>/dev/null || true")
    try:
        for text, now in lines.items():
            kernel.write(USER_RULES, f"*filter\n{text}\nCOMMIT\n")
            assert [value.now for value in met(kernel, back).values] == [now], text
    finally:
        kernel.write(USER_RULES, kept)
