"""Steps on a bridge and its ports, live: ip-link(8) and bridge(8)."""

import msgspec

from pxedoctor.model.bridge import Bridge, Port, PortState, Stp
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.link import still_up
from pxedoctor.plans.request import NO_MASTER, Reading, Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo


def _with_bridge(host: Host, name: str, **changes: object) -> Host:
    if isinstance(host.bridges, Missing):
        return host
    changed = tuple(msgspec.structs.replace(b, **changes) if b.name == name else b for b in host.bridges)
    return msgspec.structs.replace(host, bridges=changed)


def _file(bridge: str, name: str) -> str:
    return f"/sys/class/net/{bridge}/bridge/{name}"


class SetForwardDelay(msgspec.Struct, frozen=True, kw_only=True):
    """The bridge's own forward delay. Kernel unit is 1/100 s; with STP on 2 to 30 s are accepted (br_stp.c).

    `now`: the delay when the plan was made, which must still be there when it is carried out; None: whatever it is.
    """

    bridge: str
    seconds: float
    now: float | None = None
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def __post_init__(self) -> None:
        if not 2 <= self.seconds <= 30:
            raise ValueError(f"forward delay with STP on is 2 to 30 s, not {self.seconds}")

    def describe(self) -> str:
        return f"keep STP on {self.bridge}, with a forward delay of {self.seconds:g} s"

    def argv(self) -> tuple[str, ...]:
        return ("ip", "link", "set", "dev", self.bridge, "type", "bridge", "forward_delay", _hundredths(self.seconds))

    def simulate(self, host: Host) -> Host | Assumed:
        return _with_bridge(host, self.bridge, forward_delay=self.seconds)

    def undo(self, host: Host) -> Undo:
        before = host.bridge(self.bridge)
        if before is None:
            return Nothing(f"{self.bridge} was not there when the plan was made")
        back = msgspec.structs.replace(self, seconds=before.forward_delay, now=self.seconds)
        return Inverse(
            f"forward delay of {self.bridge} back to {before.forward_delay:g} s", back.argv(), back.request()
        )

    def request(self) -> Run:
        if self.now is None:
            return Run(self.argv())
        path = _file(self.bridge, "forward_delay")
        now, then = _hundredths(self.now), _hundredths(self.seconds)
        return Run(self.argv(), holds=(Reading(path, now, done=then, what=f"forward delay of {self.bridge}, 1/100 s"),))


def _hundredths(seconds: float) -> str:
    return str(round(seconds * 100))


class SetStp(msgspec.Struct, frozen=True, kw_only=True):
    """Kernel STP of a bridge on or off. Off is only offered where the plan has shown that no loop can form through it.

    Ports keep their state either way: one that forwards goes on, one that listens runs its timers out (br_stp_if.c).
    `now`: USER where it is off that a program in user space is to be relieved of which does not run; the way back
    is then STP on, of which the kernel asks /sbin/bridge-stp again.
    """

    bridge: str
    on: bool
    safety: Safety
    may_lose: str = ""
    now: Stp | None = None

    def describe(self) -> str:
        return f"turn {self.bridge}'s STP {'on' if self.on else 'off'}"

    def argv(self) -> tuple[str, ...]:
        return ("ip", "link", "set", "dev", self.bridge, "type", "bridge", "stp_state", self._word(self.on))

    def simulate(self, host: Host) -> Host | Assumed:
        return _with_bridge(host, self.bridge, stp=Stp.KERNEL if self.on else Stp.OFF)

    def undo(self, host: Host) -> Undo:
        before = host.bridge(self.bridge)
        if before is not None and before.stp is Stp.USER and self.now is Stp.USER:
            back = msgspec.structs.replace(self, on=True, now=None)
            path = _file(self.bridge, "stp_state")
            given = Run(back.argv(), holds=(Reading(path, "0", done=str(int(Stp.USER)), what=self._what()),))
            return Inverse(f"{back.describe()}, which the kernel leaves to user space again", back.argv(), given)
        if before is None or before.stp is Stp.USER:
            return Nothing("its STP was run by a program in user space, which only that program can resume")
        back = msgspec.structs.replace(self, on=before.stp is Stp.KERNEL)
        return Inverse(back.describe(), back.argv(), back.request())

    def request(self) -> Run:
        path = _file(self.bridge, "stp_state")
        before = self._word(not self.on) if self.now is None else str(int(self.now))
        return Run(self.argv(), holds=(Reading(path, before, done=self._word(self.on), what=self._what()),))

    def _what(self) -> str:
        return f"STP of {self.bridge}"

    def _word(self, on: bool) -> str:
        return "1" if on else "0"


class SetBridgeUp(msgspec.Struct, frozen=True, kw_only=True):
    """Bring the bridge itself up (IFF_UP)."""

    bridge: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"bring {self.bridge} up"

    def _argv(self, state: str) -> tuple[str, ...]:
        return ("ip", "link", "set", "dev", self.bridge, state)

    def argv(self) -> tuple[str, ...]:
        return self._argv("up")

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.links, Missing):
            return Assumed(f"{self.bridge} is up")
        links = tuple(
            msgspec.structs.replace(link, up=True) if link.name == self.bridge else link for link in host.links
        )
        return msgspec.structs.replace(host, links=links)

    def undo(self, host: Host) -> Undo:
        link = host.link(self.bridge)
        if link is None or link.up:
            return Nothing(f"{self.bridge} was up already" if link else f"{self.bridge} was not there")
        argv = self._argv("down")
        return Inverse(f"take {self.bridge} down again", argv, Run(argv, holds=(still_up(self.bridge),)))

    def request(self) -> Request:
        return Run(self.argv())


class ForwardPort(msgspec.Struct, frozen=True, kw_only=True):
    """Let a port forward at once after STP went off; without this it runs its timers to their end.

    On a port that leaves the host it could close a loop. Refused (EBUSY) while kernel STP is on (br_netlink.c).
    """

    bridge: str
    port: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"let {self.port} forward now, without waiting for its timers"

    def argv(self) -> tuple[str, ...]:
        return ("bridge", "link", "set", "dev", self.port, "state", str(int(PortState.FORWARDING)))

    def simulate(self, host: Host) -> Host | Assumed:
        before = host.bridge(self.bridge)
        if before is None:
            return Assumed(f"{self.port} forwards")
        ports = tuple(
            msgspec.structs.replace(port, state=PortState.FORWARDING) if port.name == self.port else port
            for port in before.ports
        )
        return _with_bridge(host, self.bridge, ports=ports)

    def undo(self, host: Host) -> Undo:
        return Nothing("it would have forwarded by itself when its timers ended")

    def request(self) -> Request:
        return Run(self.argv())


class IsolatePort(msgspec.Struct, frozen=True, kw_only=True):
    """A guest's <port isolated='yes'/>: the port reaches no other isolated port. libvirt sets it at a start."""

    port: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"isolate {self.port} again from other isolated ports"

    def argv(self) -> tuple[str, ...]:
        return ("bridge", "link", "set", "dev", self.port, "isolated", "on")

    def simulate(self, host: Host) -> Host | Assumed:
        return Assumed(f"{self.port} is isolated")

    def undo(self, host: Host) -> Undo:
        return Nothing("it ends when the port leaves its bridge")

    def request(self) -> Request:
        return Run(self.argv())


class EnslaveTap(msgspec.Struct, frozen=True, kw_only=True):
    """Plug a guest's tap into a bridge, as libvirt does when the guest starts.

    `silent_for`: seconds that the bridge's STP then keeps the new port silent (road.blackout).
    """

    tap: str
    bridge: str
    silent_for: float = 0.0
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        wait = f"; STP lets it forward {self.silent_for:g} s later" if self.silent_for else ""
        return f"plug {self.tap} back into {self.bridge}{wait}"

    def argv(self) -> tuple[str, ...]:
        return ("ip", "link", "set", "dev", self.tap, "master", self.bridge)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.links, Missing):
            return Assumed(f"{self.tap} is a port of {self.bridge}")
        links = tuple(
            msgspec.structs.replace(link, master=self.bridge) if link.name == self.tap else link for link in host.links
        )
        return _with_port(msgspec.structs.replace(host, links=links), self.bridge, self.tap)

    def undo(self, host: Host) -> Undo:
        link = host.link(self.tap)
        if link is None:
            return Nothing(f"{self.tap} was not there when the plan was made")
        end = ("master", link.master) if link.master else ("nomaster",)
        argv = ("ip", "link", "set", "dev", self.tap, *end)
        words = f"put {self.tap} back into {link.master}" if link.master else f"take {self.tap} off {self.bridge} again"
        path, what = f"/sys/class/net/{self.tap}/master", f"bridge of {self.tap}"
        held = Reading(path, self.bridge, done=link.master or NO_MASTER, what=what, form="master")
        return Inverse(words, argv, Run(argv, holds=(held,)))

    def request(self) -> Request:
        return Run(self.argv())


def _with_port(host: Host, bridge: str, tap: str) -> Host:
    """The tap a port of this bridge, and of no other: listening at first where kernel STP is on (br_stp.c)."""
    if isinstance(host.bridges, Missing):
        return host
    return msgspec.structs.replace(host, bridges=tuple(_moved(entry, bridge, tap) for entry in host.bridges))


def _moved(entry: Bridge, bridge: str, tap: str) -> Bridge:
    others = tuple(port for port in entry.ports if port.name != tap)
    if entry.name != bridge:
        return msgspec.structs.replace(entry, ports=others)
    state = PortState.LISTENING if entry.stp is Stp.KERNEL else PortState.FORWARDING
    return msgspec.structs.replace(entry, ports=(*others, Port(name=tap, state=state)))
