"""Steps on the VLANs of a bridge's ports, live: bridge(8) vlan."""

import msgspec

from pxedoctor.model.bridge import Bridge, Port, Vlan
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Membership, Request, Run, vlan_words
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo
from pxedoctor.plans.three_way import NOT_THERE


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
        return _add(self.port, self.vid, self.access, self.access)

    def simulate(self, host: Host) -> Host | Assumed:
        bridge = host.bridge(self.bridge)
        if isinstance(host.bridges, Missing) or bridge is None:
            return Assumed(f"{self.port} is in VLAN {self.vid}")
        bridges = tuple(self._joined(entry) if entry is bridge else entry for entry in host.bridges)
        return msgspec.structs.replace(host, bridges=bridges)

    def _joined(self, bridge: Bridge) -> Bridge:
        ports = tuple(
            msgspec.structs.replace(port, vlans=self._memberships(port)) if port.name == self.port else port
            for port in bridge.ports
        )
        return msgspec.structs.replace(bridge, ports=ports)

    def _memberships(self, port: Port) -> tuple[Vlan, ...]:
        """`bridge vlan add` sets the flags of what is there already; a port has one PVID (net/bridge/br_vlan.c)."""
        others = tuple(part for vlan in port.vlans or () for part in _without(vlan, self.vid))
        if self.access:
            others = tuple(msgspec.structs.replace(vlan, pvid=False) for vlan in others)
        return (*others, Vlan(first=self.vid, last=self.vid, pvid=self.access, untagged=self.access))

    def undo(self, host: Host) -> Undo:
        bridge = host.bridge(self.bridge)
        port = bridge.port(self.port) if bridge else None
        if port is None or port.vlans is None:
            return Nothing(f"the VLANs of {self.port} could not be read when the plan was made")
        lost = next((vlan for vlan in port.vlans if self.access and vlan.pvid and not vlan.has(self.vid)), None)
        if lost is not None:
            return Nothing(
                f"{self.port} had its frames without a tag in VLAN {lost.first} before: no one command goes back"
            )
        before = next((vlan for vlan in port.vlans if vlan.has(self.vid)), None)
        if before is None:
            out = ("bridge", "vlan", "del", "dev", self.port, "vid", str(self.vid))
            return Inverse(f"take {self.port} out of VLAN {self.vid} again", out, self._back(out, NOT_THERE))
        if (before.pvid, before.untagged) == (self.access, self.access):
            return Nothing(f"{self.port} was in VLAN {self.vid} already")
        argv = _add(self.port, self.vid, before.pvid, before.untagged)
        was = vlan_words(before.pvid, before.untagged)
        return Inverse(f"let {self.port} be in VLAN {self.vid} as it was", argv, self._back(argv, was))

    def _back(self, argv: tuple[str, ...], was: str) -> Run:
        """Unless somebody has put the port into that VLAN in another way since."""
        written = vlan_words(self.access, self.access)
        return Run(argv, members=(Membership(self.port, self.vid, written, was),))

    def request(self) -> Request:
        return Run(self.argv())


def _add(port: str, vid: int, pvid: bool, untagged: bool) -> tuple[str, ...]:
    flags = (*(("pvid",) if pvid else ()), *(("untagged",) if untagged else ()))
    return ("bridge", "vlan", "add", "dev", port, "vid", str(vid), *flags)


def _without(vlan: Vlan, vid: int) -> tuple[Vlan, ...]:
    """What is left of a range of ids when one of them is taken out of it."""
    if not vlan.has(vid):
        return (vlan,)
    halves = ((vlan.first, vid - 1), (vid + 1, vlan.last))
    return tuple(msgspec.structs.replace(vlan, first=first, last=last) for first, last in halves if first <= last)
