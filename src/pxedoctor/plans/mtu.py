"""A device's MTU, live: ip-link(8)."""

import msgspec

from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Reading, Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

# RFC 8200 section 5: below it a device loses IPv6 and its addresses.
LEAST = 1280
# RFC 791: what a datagram can hold.
_MOST = 65535


def _with_mtu(host: Host, device: str, mtu: int) -> Host:
    links = () if isinstance(host.links, Missing) else host.links
    changed = (msgspec.structs.replace(link, mtu=mtu) if link.name == device else link for link in links)
    return msgspec.structs.replace(host, links=tuple(changed))


def _mtu(host: Host, device: str) -> int | None:
    link = host.link(device)
    return link.mtu if link is not None else None


def _smallest_port(host: Host, bridge: Bridge) -> int | None:
    """What the bridge's own MTU is until somebody sets it (net/bridge/br_if.c br_mtu_auto_adjust)."""
    found = (_mtu(host, port.name) for port in bridge.ports)
    return min((mtu for mtu in found if mtu is not None), default=None)


class SetMtu(msgspec.Struct, frozen=True, kw_only=True):
    """The largest packet, in bytes without Ethernet's header, that a device sends. Its bridge may follow."""

    device: str
    mtu: int
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def __post_init__(self) -> None:
        if not LEAST <= self.mtu <= _MOST:
            raise ValueError(f"an MTU that keeps IPv6 is {LEAST} to {_MOST}, not {self.mtu}")

    def describe(self) -> str:
        return f"let {self.device} send packets of {self.mtu} bytes"

    def argv(self) -> tuple[str, ...]:
        return self._argv(self.mtu)

    def _argv(self, mtu: int) -> tuple[str, ...]:
        return ("ip", "link", "set", "dev", self.device, "mtu", str(mtu))

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.links, Missing):
            return Assumed(f"{self.device} sends packets of {self.mtu} bytes")
        after = _with_mtu(host, self.device, self.mtu)
        for bridge in () if isinstance(host.bridges, Missing) else host.bridges:
            follows = _smallest_port(host, bridge) == _mtu(host, bridge.name) is not None
            smallest = _smallest_port(after, bridge)
            if follows and smallest is not None and bridge.port(self.device):
                after = _with_mtu(after, bridge.name, smallest)
        return after

    def undo(self, host: Host) -> Undo:
        before = host.link(self.device)
        if before is None:
            return Nothing(f"{self.device} was not there when the plan was made")
        argv = self._argv(before.mtu)
        path, what = f"/sys/class/net/{self.device}/mtu", f"MTU of {self.device}"
        held = Reading(path, str(self.mtu), done=str(before.mtu), what=what)
        return Inverse(f"MTU of {self.device} back to {before.mtu}", argv, Run(argv, holds=(held,)))

    def request(self) -> Request:
        return Run(self.argv())
