"""Steps on a bridge's ports, live: bridge(8) link and fdb."""

from typing import Literal

import msgspec

from pxedoctor.model.bridge import Bridge, Port, PortState
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Reading, Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

Flag = Literal["bcast_flood", "isolated"]
# As the kernel calls them (net/bridge/br_sysfs_if.c).
_FILES: dict[Flag, str] = {"bcast_flood": "broadcast_flood", "isolated": "isolated"}
# bridge(8) ends with 0 whether it found one or not; one that was learned is not what was entered.
_IS_ENTERED = 'bridge fdb show brport "$1" | grep -qi "^$2 .*static"'


def _with_port(host: Host, bridge: str, port: str, **changes: object) -> Host | None:
    """None where the port is not known."""
    here = host.bridge(bridge)
    if isinstance(host.bridges, Missing) or here is None or here.port(port) is None:
        return None
    ports = tuple(msgspec.structs.replace(entry, **changes) if entry.name == port else entry for entry in here.ports)
    changed: Bridge = msgspec.structs.replace(here, ports=ports)
    bridges = tuple(changed if entry is here else entry for entry in host.bridges)
    return msgspec.structs.replace(host, bridges=bridges)


def _port(host: Host, bridge: str, port: str) -> Port | None:
    here = host.bridge(bridge)
    return here.port(port) if here else None


class SetPortState(msgspec.Struct, frozen=True, kw_only=True):
    """A port's state by hand: only where no STP decides it (the kernel refuses with EBUSY while its own does)."""

    bridge: str
    port: str
    state: PortState
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"set {self.port} to {self.state.name.lower()}"

    def argv(self) -> tuple[str, ...]:
        return ("bridge", "link", "set", "dev", self.port, "state", str(int(self.state)))

    def simulate(self, host: Host) -> Host | Assumed:
        after = _with_port(host, self.bridge, self.port, state=self.state)
        return after or Assumed(f"{self.port} is {self.state.name.lower()}")

    def undo(self, host: Host) -> Undo:
        before = _port(host, self.bridge, self.port)
        if before is None:
            return Nothing(f"{self.port} was no port of {self.bridge} when the plan was made")
        back = msgspec.structs.replace(self, state=before.state)
        path, what = f"/sys/class/net/{self.port}/brport/state", f"state of {self.port}"
        held = Reading(path, str(int(self.state)), done=str(int(before.state)), what=what)
        return Inverse(f"{back.describe()} again", back.argv(), Run(back.argv(), holds=(held,)))

    def request(self) -> Request:
        return Run(self.argv())


class SetPortFlag(msgspec.Struct, frozen=True, kw_only=True):
    """One flag of a port on or off. RISKY by nature: none is set but by somebody who meant it."""

    bridge: str
    port: str
    flag: Flag
    on: bool
    may_lose: str
    safety: Safety = Safety.RISKY

    def describe(self) -> str:
        return f"turn {self.flag} of {self.port} {'on' if self.on else 'off'}"

    def argv(self) -> tuple[str, ...]:
        return ("bridge", "link", "set", "dev", self.port, self.flag, "on" if self.on else "off")

    def simulate(self, host: Host) -> Host | Assumed:
        after = _with_port(host, self.bridge, self.port, **{self.flag: self.on})
        return after or Assumed(f"{self.flag} of {self.port} is {'on' if self.on else 'off'}")

    def undo(self, host: Host) -> Undo:
        port = _port(host, self.bridge, self.port)
        before: bool | None = getattr(port, self.flag, None)
        if before is None:
            return Nothing(f"{self.flag} of {self.port} could not be read when the plan was made")
        back = msgspec.structs.replace(self, on=before)
        path, what = f"/sys/class/net/{self.port}/brport/{_FILES[self.flag]}", f"{self.flag} of {self.port}"
        held = Reading(path, str(int(self.on)), done=str(int(before)), what=what)
        return Inverse(back.describe(), back.argv(), Run(back.argv(), holds=(held,)))

    def request(self) -> Request:
        return Run(self.argv())


class EnterMac(msgspec.Struct, frozen=True, kw_only=True):
    """Enter a guest's address for its port, as libvirt does under macTableManager='libvirt'."""

    bridge: str
    port: str
    mac: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"tell {self.bridge} that {self.mac} is behind {self.port}"

    def _argv(self, action: str, *end: str) -> tuple[str, ...]:
        return ("bridge", "fdb", action, self.mac, "dev", self.port, "master", *end)

    def argv(self) -> tuple[str, ...]:
        return self._argv("replace", "static")

    def simulate(self, host: Host) -> Host | Assumed:
        port = _port(host, self.bridge, self.port)
        known = port.macs if port else None
        after = _with_port(host, self.bridge, self.port, macs=(*dict.fromkeys((*(known or ()), self.mac)),))
        return after or Assumed(f"{self.bridge} knows {self.mac} behind {self.port}")

    def undo(self, host: Host) -> Undo:
        port = _port(host, self.bridge, self.port)
        if port is None or port.macs is None or self.mac in port.macs:
            return Nothing(f"whether {self.mac} was entered by this step alone is not known")
        argv = self._argv("del")
        asked = ("sh", "-c", _IS_ENTERED, "sh", self.port, self.mac)
        words = f"take {self.mac} out of the entries of {self.port} again"
        return Inverse(words, argv, Run(argv, only_if=asked))

    def request(self) -> Request:
        return Run(self.argv())
