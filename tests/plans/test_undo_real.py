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
from pxedoctor.plans.port import SetPortFlag, SetPortState
from pxedoctor.plans.request import Run
from pxedoctor.plans.route import RemoveLocalRoute
from pxedoctor.plans.step import Inverse, Step
from pxedoctor.plans.three_way import ThreeWay
from real_files import granted

pytestmark = pytest.mark.lab

_MET = """
import sys, msgspec
from pxedoctor.apply.three_way import met
from pxedoctor.plans.step import Inverse
sys.stdout.buffer.write(msgspec.json.encode(met(msgspec.json.decode(sys.argv[1], type=Inverse))))
"""
PORT = Port(name="vnet7", state=PortState.DISABLED, isolated=False, bcast_flood=True)
BEFORE = host(
    bridges=(bridge("br7", stp=Stp.OFF, ports=(PORT,)),),
    links=(link("br7", kind="bridge"),),
    routes=(Route(family="inet", destination="198.51.100.0/24", device="lo", table="local", kind="local"),),
)
STATE = SetPortState(bridge="br7", port="vnet7", state=PortState.FORWARDING)
FLAG = SetPortFlag(bridge="br7", port="vnet7", flag="bcast_flood", on=False, may_lose="x")
ADDRESS = AddAddress(device="br7", address="198.51.100.1", prefix=24)
ROUTE = RemoveLocalRoute(destination="198.51.100.0/24", device="lo", may_lose="x")
_PORT = ("bridge", "link", "set", "dev", "vnet7")
_ROUTE = ("ip", "route", "add", "local", "198.51.100.0/24", "dev", "lo", "table", "local")


@pytest.fixture(scope="module")
def kernel() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def site(kernel: Site) -> Iterator[Site]:
    """br7 with one port that somebody has switched off, and a local route."""
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
    yield kernel
    kernel.ask("ip", "route", "flush", "table", "local", "198.51.100.0/24", "dev", "lo")
    kernel.run("ip", "link", "del", "vnet7")
    kernel.run("ip", "link", "del", "br7")


def way_back(step: Step, known: Host = BEFORE) -> Inverse:
    back = step.undo(known)
    assert isinstance(back, Inverse)
    return back


def met(site: Site, back: Inverse) -> ThreeWay:
    text = site.run(sys.executable, "-c", _MET, msgspec.json.encode(back).decode())
    return msgspec.json.decode(text, type=ThreeWay)


def picture(site: Site) -> str:
    asked = (
        ("cat", "/sys/class/net/vnet7/brport/state", "/sys/class/net/vnet7/brport/broadcast_flood"),
        ("ip", "-4", "address", "show", "dev", "br7"),
        ("ip", "route", "show", "table", "local", "dev", "lo"),
    )
    return "".join(site.run(*argv) for argv in asked)


@pytest.mark.parametrize("step", [STATE, FLAG, ADDRESS, ROUTE], ids=lambda step: type(step).__name__)
def test_done_and_taken_back_and_the_way_back_twice_is_once(site: Site, step: Step) -> None:
    before, back = picture(site), way_back(step)
    assert [value.standing for value in met(site, back).values] == ["undone"]
    granted(site, step.request())
    assert picture(site) != before
    assert [value.standing for value in met(site, back).values] == ["undoable"]
    for _ in range(2):
        granted(site, back.request)
        assert picture(site) == before
        assert [value.standing for value in met(site, back).values] == ["undone"]


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
