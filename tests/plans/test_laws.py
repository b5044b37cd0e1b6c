"""Laws of every step whose effect can be tried on the model, on hosts that hypothesis makes up.

1. The command that a person could type does to the host what `simulate` says.
2. The way back, done after the step, gives the host as it was.
3. Doing a step twice is doing it once.

`carried_out` is the judge: it knows what the commands do (their manual pages), and nothing of the steps.
"""

from collections.abc import Callable

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from builders import bridge, host, link, network
from pxedoctor.model.bridge import Bridge, Port, PortState, Stp
from pxedoctor.model.firewalld import Firewalld, Zone
from pxedoctor.model.host import Host
from pxedoctor.plans.bridge import EnslaveTap, SetBridgeUp, SetForwardDelay, SetStp
from pxedoctor.plans.firewall import AddService, SetZone
from pxedoctor.plans.mtu import SetMtu
from pxedoctor.plans.network import AutostartNetwork
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Inverse, Step

BRIDGES = ("br0", "br1")
TAPS = ("vnet0", "vnet1")
ZONES = ("public", "libvirt", "home")
SERVICES = ("dhcp", "dns", "tftp")
NETWORKS = ("default", "lab")

replace = msgspec.structs.replace


def carried_out(before: Host, argv: tuple[str, ...]) -> Host:
    """The host after a command."""
    match argv:
        case ("ip", "link", "set", "dev", name, "type", "bridge", "forward_delay", value):
            return _bridges(before, lambda b: replace(b, forward_delay=int(value) / 100) if b.name == name else b)
        case ("ip", "link", "set", "dev", name, "type", "bridge", "stp_state", value):
            return _bridges(before, lambda b: replace(b, stp=Stp(int(value))) if b.name == name else b)
        case ("ip", "link", "set", "dev", name, "master", master):
            return _plugged(before, name, master)
        case ("ip", "link", "set", "dev", name, "nomaster"):
            return _plugged(before, name, None)
        case ("ip", "link", "set", "dev", name, ("up" | "down") as state):
            assert isinstance(before.links, tuple)
            links = (replace(entry, up=state == "up") if entry.name == name else entry for entry in before.links)
            return replace(before, links=tuple(links))
        case ("ip", "link", "set", "dev", name, "mtu", value):
            return _resized(before, name, int(value))
        case ("virsh", "-c", "qemu:///system", "net-autostart", name, *rest):
            assert isinstance(before.networks, tuple)
            networks = (replace(n, autostart=not rest) if n.name == name else n for n in before.networks)
            return replace(before, networks=tuple(networks))
        case ("firewall-cmd", zone, action):
            return _firewalled(before, zone.removeprefix("--zone="), *action.removeprefix("--").split("=", 1))
    raise AssertionError(f"the judge does not know: {argv}")


def _bridges(before: Host, change: Callable[[Bridge], Bridge]) -> Host:
    assert isinstance(before.bridges, tuple)
    return replace(before, bridges=tuple(change(entry) for entry in before.bridges))


def _plugged(before: Host, tap: str, master: str | None) -> Host:
    assert isinstance(before.links, tuple)
    links = tuple(replace(entry, master=master) if entry.name == tap else entry for entry in before.links)

    def ports(entry: Bridge) -> Bridge:
        others = tuple(port for port in entry.ports if port.name != tap)
        return replace(entry, ports=(*others, _new_port(entry, tap)) if entry.name == master else others)

    return _bridges(replace(before, links=links), ports)


def _new_port(of: Bridge, tap: str) -> Port:
    return Port(name=tap, state=PortState.LISTENING if of.stp is Stp.KERNEL else PortState.FORWARDING)


def _resized(before: Host, device: str, mtu: int) -> Host:
    """A bridge whose MTU nobody has set goes where its smallest port is; here, one that is there already."""
    assert isinstance(before.links, tuple)
    assert isinstance(before.bridges, tuple)
    sizes = {entry.name: entry.mtu for entry in before.links}
    now = sizes | {device: mtu}
    for entry in before.bridges:
        ports = [port.name for port in entry.ports]
        if device in ports and sizes[entry.name] == min(sizes[name] for name in ports):
            now[entry.name] = min(now[name] for name in ports)
    return replace(before, links=tuple(replace(entry, mtu=now[entry.name]) for entry in before.links))


def _firewalled(before: Host, zone: str, action: str, name: str) -> Host:
    assert isinstance(before.firewalld, Firewalld)

    def change(entry: Zone) -> Zone:
        here = entry.name == zone
        interfaces = tuple(i for i in entry.interfaces if i != name)
        services = tuple(s for s in entry.services if s != name)
        match action:
            case "change-interface":
                return replace(entry, interfaces=(*interfaces, name) if here else interfaces)
            case "remove-interface" if here:
                return replace(entry, interfaces=interfaces)
            case "add-service" if here:
                return replace(entry, services=(*services, name))
            case "remove-service" if here:
                return replace(entry, services=services)
        return entry

    zones = tuple(change(entry) for entry in before.firewalld.zones)
    return replace(before, firewalld=replace(before.firewalld, zones=zones))


def settled(of: Host) -> Host:
    """Without what has no order, and without the state of ports, which their timers decide and no step."""
    assert isinstance(of.bridges, tuple)
    assert isinstance(of.firewalld, Firewalld)
    ports = {entry.name: frozenset(port.name for port in entry.ports) for entry in of.bridges}
    zones = {zone.name: (frozenset(zone.interfaces), frozenset(zone.services)) for zone in of.firewalld.zones}
    bridges = tuple(
        replace(entry, ports=tuple(Port(name=n, state=PortState.FORWARDING) for n in sorted(ports[entry.name])))
        for entry in of.bridges
    )
    firewalld = replace(
        of.firewalld,
        zones=tuple(
            replace(z, interfaces=tuple(sorted(zones[z.name][0])), services=tuple(sorted(zones[z.name][1])))
            for z in of.firewalld.zones
        ),
    )
    return replace(of, bridges=bridges, firewalld=firewalld)


@st.composite
def hosts(draw: st.DrawFn) -> Host:
    masters = {tap: draw(st.sampled_from([None, *BRIDGES])) for tap in TAPS}
    stps = {name: draw(st.sampled_from([Stp.OFF, Stp.KERNEL])) for name in BRIDGES}
    bridges = tuple(
        bridge(
            name,
            stp=stps[name],
            forward_delay=draw(st.integers(200, 3000)) / 100,
            ports=tuple(_new_port(bridge(stp=stps[name]), tap) for tap, master in masters.items() if master == name),
        )
        for name in BRIDGES
    )
    bound = {name: draw(st.sampled_from([None, *ZONES])) for name in BRIDGES}
    zones = tuple(
        Zone(
            name=zone,
            interfaces=tuple(name for name, where in bound.items() if where == zone),
            services=tuple(draw(st.lists(st.sampled_from(SERVICES), unique=True))),
        )
        for zone in ZONES
    )
    return host(
        bridges=bridges,
        links=(
            *(link(tap, master=master) for tap, master in masters.items()),
            *(link(b, kind="bridge", up=draw(st.booleans())) for b in BRIDGES),
        ),
        networks=tuple(network(name, autostart=draw(st.booleans())) for name in NETWORKS),
        firewalld=Firewalld(running=True, default_zone="public", zones=zones),
    )


STEPS = st.one_of(
    st.builds(SetForwardDelay, bridge=st.sampled_from(BRIDGES), seconds=st.integers(200, 3000).map(lambda n: n / 100)),
    st.builds(SetStp, bridge=st.sampled_from(BRIDGES), on=st.booleans(), safety=st.sampled_from(Safety)),
    st.builds(EnslaveTap, tap=st.sampled_from(TAPS), bridge=st.sampled_from(BRIDGES)),
    st.builds(SetBridgeUp, bridge=st.sampled_from(BRIDGES)),
    st.builds(SetMtu, device=st.sampled_from(TAPS), mtu=st.integers(1280, 9000)),
    st.builds(SetZone, interface=st.sampled_from(BRIDGES), zone=st.sampled_from(ZONES)),
    st.builds(AddService, zone=st.sampled_from(ZONES), service=st.sampled_from(SERVICES)),
    st.builds(AutostartNetwork, network=st.sampled_from(NETWORKS)),
)


def after(step: Step, before: Host) -> Host:
    result = step.simulate(before)
    assert isinstance(result, Host)
    return result


@given(hosts(), STEPS)
def test_the_command_does_what_the_model_says(before: Host, step: Step) -> None:
    assert settled(carried_out(before, step.argv())) == settled(after(step, before))


@given(hosts(), STEPS)
def test_the_way_back_leads_back(before: Host, step: Step) -> None:
    """Where there is none, nothing was done."""
    done, back = after(step, before), step.undo(before)
    undone = carried_out(done, back.argv) if isinstance(back, Inverse) else done
    assert settled(undone) == settled(before)


@given(hosts(), STEPS)
def test_twice_is_once(before: Host, step: Step) -> None:
    once = after(step, before)
    assert settled(after(step, once)) == settled(once)


@given(hosts(), STEPS)
def test_asking_a_step_changes_nothing(before: Host, step: Step) -> None:
    """And its words are never empty."""
    picture = settled(before)
    assert step.describe()
    assert step.argv()
    step.undo(before)
    step.request()
    assert settled(before) == picture
