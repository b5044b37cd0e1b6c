"""Steps on the VLANs of a bridge's ports, live: bridge(8) vlan."""

import msgspec

from pxedoctor.model.bridge import Bridge, Port, Vlan
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo


class JoinVlan(msgspec.Struct, frozen=True, kw_only=True):
    """Put a port into a VLAN; `access`: as the VLAN of its frames without a tag (pvid untagged).

    RISKY by nature: VLANs keep people apart on purpose.
    """

    bridge: str
    port: str
    vid: int
    access: bool
    may_lose: str
    safety: Safety = Safety.RISKY

    def describe(self) -> str:
        return f"put {self.port} into VLAN {self.vid}{', for its frames without a tag' if self.access else ''}"

    def argv(self) -> tuple[str, ...]:
        flags = ("pvid", "untagged") if self.access else ()
        return ("bridge", "vlan", "add", "dev", self.port, "vid", str(self.vid), *flags)

    def simulate(self, host: Host) -> Host | Assumed:
        bridge = host.bridge(self.bridge)
        if isinstance(host.bridges, Missing) or bridge is None:
            return Assumed(f"{self.port} is in VLAN {self.vid}")
        bridges = tuple(self._joined(entry) if entry is bridge else entry for entry in host.bridges)
        return msgspec.structs.replace(host, bridges=bridges)

    def _joined(self, bridge: Bridge) -> Bridge:
        added = Vlan(first=self.vid, last=self.vid, pvid=self.access, untagged=self.access)
        ports = tuple(
            msgspec.structs.replace(port, vlans=(*self._others(port), added)) if port.name == self.port else port
            for port in bridge.ports
        )
        return msgspec.structs.replace(bridge, ports=ports)

    def _others(self, port: Port) -> tuple[Vlan, ...]:
        """Without what it is of this VLAN already: `bridge vlan add` sets the flags of a membership that is there."""
        return tuple(vlan for vlan in port.vlans or () if (vlan.first, vlan.last) != (self.vid, self.vid))

    def undo(self, host: Host) -> Undo:
        bridge = host.bridge(self.bridge)
        port = bridge.port(self.port) if bridge else None
        if port is None or port.vlans is None:
            return Nothing(f"the VLANs of {self.port} could not be read when the plan was made")
        if any(vlan.has(self.vid) for vlan in port.vlans):
            return Nothing(f"{self.port} was in VLAN {self.vid} already")
        argv = ("bridge", "vlan", "del", "dev", self.port, "vid", str(self.vid))
        return Inverse(f"take {self.port} out of VLAN {self.vid} again", argv, Run(argv))

    def request(self) -> Request:
        return Run(self.argv())
