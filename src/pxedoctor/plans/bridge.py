"""Steps on a bridge and its ports, live: ip-link(8) and bridge(8)."""

import msgspec

from pxedoctor.model.bridge import Bridge, Port, PortState, Stp
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo


def _with_bridge(host: Host, name: str, **changes: object) -> Host:
    if isinstance(host.bridges, Missing):
        return host
    changed = tuple(msgspec.structs.replace(b, **changes) if b.name == name else b for b in host.bridges)
    return msgspec.structs.replace(host, bridges=changed)


class SetForwardDelay(msgspec.Struct, frozen=True, kw_only=True):
    """The bridge's own forward delay. Kernel unit is 1/100 s; with STP on 2 to 30 s are accepted (br_stp.c)."""

    bridge: str
    seconds: float
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def __post_init__(self) -> None:
        if not 2 <= self.seconds <= 30:
            raise ValueError(f"forward delay with STP on is 2 to 30 s, not {self.seconds}")

    def describe(self) -> str:
        return f"keep STP on {self.bridge}, with a forward delay of {self.seconds:g} s"

    def argv(self) -> tuple[str, ...]:
        hundredths = str(round(self.seconds * 100))
        return ("ip", "link", "set", "dev", self.bridge, "type", "bridge", "forward_delay", hundredths)

    def simulate(self, host: Host) -> Host | Assumed:
        return _with_bridge(host, self.bridge, forward_delay=self.seconds)

    def undo(self, host: Host) -> Undo:
        before = host.bridge(self.bridge)
        if before is None:
            return Nothing(f"{self.bridge} was not there when the plan was made")
        back = msgspec.structs.replace(self, seconds=before.forward_delay)
        return Inverse(
            f"forward delay of {self.bridge} back to {before.forward_delay:g} s", back.argv(), Run(back.argv())
        )

    def request(self) -> Request:
        return Run(self.argv())


class SetStp(msgspec.Struct, frozen=True, kw_only=True):
    """Kernel STP of a bridge on or off. Off is only ever RISKY or better where the plan has shown that no loop can form."""

    bridge: str
    on: bool
    safety: Safety
    may_lose: str = ""

    def describe(self) -> str:
        return f"switch STP {'on' if self.on else 'off'} on {self.bridge}"

    def argv(self) -> tuple[str, ...]:
        return ("ip", "link", "set", "dev", self.bridge, "type", "bridge", "stp_state", "1" if self.on else "0")

    def simulate(self, host: Host) -> Host | Assumed:
        return _with_bridge(host, self.bridge, stp=Stp.KERNEL if self.on else Stp.OFF, root_port=0)

    def undo(self, host: Host) -> Undo:
        before = host.bridge(self.bridge)
        if before is None or before.stp is Stp.USER:
            return Nothing("its STP was run by a program in user space, which only that program can resume")
        back = msgspec.structs.replace(self, on=before.stp is Stp.KERNEL)
        return Inverse(back.describe(), back.argv(), Run(back.argv()))

    def request(self) -> Request:
        return Run(self.argv())


class EnslaveTap(msgspec.Struct, frozen=True, kw_only=True):
    """Plug a guest's tap into a bridge, as libvirt does when the guest starts."""

    tap: str
    bridge: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"plug {self.tap} back into {self.bridge}"

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
        return Inverse(f"take {self.tap} off {self.bridge} again", argv, Run(argv))

    def request(self) -> Request:
        return Run(self.argv())


def _with_port(host: Host, bridge: str, tap: str) -> Host:
    before: Bridge | None = host.bridge(bridge)
    if before is None or before.port(tap):
        return host
    return _with_bridge(host, bridge, ports=(*before.ports, Port(name=tap, state=PortState.FORWARDING)))
