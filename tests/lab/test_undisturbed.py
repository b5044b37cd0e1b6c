"""Every live step on a bridge and its ports, and its way back, while 1,000 packets a second pass: none is lost.

The steps are done where it would hurt most: on the port of the guest whose packets they are, or on its bridge. Each
step's command is the one that the executor runs. (`JoinVlan` needs a kernel with VLAN filtering: tests/machine.)
"""

import time
from collections.abc import Iterator

import msgspec
import pytest

from builders import bridge, host, link
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.running_neighbour import across, port_of_pinger
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import make_bridge
from pxedoctor.model.bridge import Port, PortState, Stp
from pxedoctor.plans.address import AddAddress
from pxedoctor.plans.bridge import EnslaveTap, IsolatePort, SetForwardDelay, SetStp
from pxedoctor.plans.checksum import FillInKernel
from pxedoctor.plans.mtu import SetMtu
from pxedoctor.plans.port import EnterMac, SetPortFlag, SetPortState
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse, Step

pytestmark = pytest.mark.lab


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """`broken`: the command after which there is something to repair; `shows`: the one that prints what is changed."""

    step: Step
    shows: tuple[str, ...]
    broken: tuple[str, ...] = ("true",)


def on_the_port(port: str, bridge: str) -> Iterator[Live]:
    detail = ("bridge", "-d", "link", "show", "dev", port)
    flag = ("bridge", "link", "set", "dev", port)
    lose = "as its plan says"
    on = SetPortFlag(bridge=bridge, port=port, flag="bcast_flood", on=True, may_lose=lose)
    yield Live(step=on, shows=detail, broken=(*flag, "bcast_flood", "off"))
    off = SetPortFlag(bridge=bridge, port=port, flag="isolated", on=False, may_lose=lose)
    yield Live(step=off, shows=detail, broken=(*flag, "isolated", "on"))
    known = EnterMac(bridge=bridge, port=port, mac="52:54:00:0d:0d:99")
    yield Live(step=known, shows=("bridge", "fdb", "show", "dev", port), broken=(*flag, "learning", "off"))
    small = ("ip", "link", "set", "dev", port, "mtu", "1400")
    yield Live(step=SetMtu(device=port, mtu=1500), shows=("cat", f"/sys/class/net/{port}/mtu"), broken=small)
    yield Live(step=IsolatePort(port=port), shows=detail, broken=(*flag, "isolated", "off"))


def beside_it(still: str, bridge: str) -> Iterator[Live]:
    """Another port of the same bridge, with nobody behind it."""
    forwards = SetPortState(bridge=bridge, port=still, state=PortState.FORWARDING)
    disabled = ("bridge", "link", "set", "dev", still, "state", "0")
    yield Live(step=forwards, shows=("cat", f"/sys/class/net/{still}/brport/state"), broken=disabled)
    out = ("ip", "link", "set", "dev", still, "nomaster")
    yield Live(
        step=EnslaveTap(tap=still, bridge=bridge), shows=("ip", "-br", "link", "show", "master", bridge), broken=out
    )


def on_the_bridge(bridge: str) -> Iterator[Live]:
    def files(name: str) -> tuple[str, ...]:
        return ("cat", f"/sys/class/net/{bridge}/bridge/{name}")

    set_bridge = ("ip", "link", "set", "dev", bridge, "type", "bridge")
    stp = SetStp(bridge=bridge, on=False, safety=Safety.RISKY, may_lose="a loop's end")
    yield Live(step=stp, shows=files("stp_state"), broken=(*set_bridge, "stp_state", "1"))
    delay = SetForwardDelay(bridge=bridge, seconds=2.0, now=15.0, safety=Safety.SAFE)
    yield Live(step=delay, shows=files("forward_delay"), broken=(*set_bridge, "forward_delay", "1500"))
    address = AddAddress(device=bridge, address="192.0.2.9", prefix=24)
    yield Live(step=address, shows=("ip", "-4", "-br", "address", "show", "dev", bridge))
    yield Live(step=FillInKernel(bridge=bridge), shows=("ethtool", "-k", bridge))


def done_and_undone(site: Site, live: Live, port: str, still: str) -> None:
    name = site.bridge
    ports = (
        Port(name=port, state=PortState.FORWARDING, bcast_flood=False, isolated=True, learning=False),
        Port(name=still, state=PortState.DISABLED),
    )
    before = host(
        bridges=(bridge(name, stp=Stp.KERNEL, forward_delay=15.0, ports=ports),),
        links=(link(port, mtu=1400), link(still), link(name, kind="bridge")),
    )
    site.run(*live.broken)
    was = site.run(*live.shows)
    back = live.step.undo(before)
    site.run(*live.step.argv())
    assert site.run(*live.shows) != was, live.step.describe()
    if isinstance(back, Inverse):
        site.run(*back.argv)
        assert site.run(*live.shows) == was, back.describe


def test_no_live_step_and_no_way_back_costs_a_running_guest_a_packet() -> None:
    with open_site() as site:
        make_bridge(site)
        still = site.device("st")
        site.run("ip", "link", "add", still, "type", "veth", "peer", "name", site.device("sp"))
        site.run("ip", "link", "set", "dev", site.device("sp"), "up")
        site.run("ip", "link", "set", "dev", still, "master", site.bridge, "up")
        port = port_of_pinger(site)
        pinging = across(site).begun()
        for live in (*on_the_port(port, site.bridge), *beside_it(still, site.bridge), *on_the_bridge(site.bridge)):
            done_and_undone(site, live, port, still)
        pings = pinging.end()
    assert pings.sent > 200
    assert pings.lost == 0, pings


def test_a_port_that_is_shut_for_a_moment_is_noticed() -> None:
    """What the other test says would be worth nothing otherwise."""
    with open_site() as site:
        make_bridge(site)
        pinging = across(site).begun()
        for state in ("0", "3"):
            site.run("bridge", "link", "set", "dev", port_of_pinger(site), "state", state)
            time.sleep(0.2)
        pings = pinging.end()
    assert 100 < pings.lost < pings.sent
    assert pings.silence_ms > 150
