"""Steps that have the UDP sums of DHCP replies filled where no rule of iptables can: by tc, or by the kernel itself."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.traffic_control import TcText
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

# The handle and the rest are libvirt's own (network_nftables.c, nftablesAddUdpChecksumFixWithTC).
_PARENT = "1:"
_SAME_PLACE = f"filter parent {_PARENT} protocol ip pref 2 "


class HangQueue(msgspec.Struct, frozen=True, kw_only=True):
    """libvirt's `htb 1:` on a bridge that has no queue of its own: what its checksum filter hangs on (tc-htb(8)).

    It has no class, so that everything passes it as if it were not there. A device that gets another queue sends
    nothing for the moment of the exchange (net/sched/sch_api.c, qdisc_graft).
    """

    bridge: str
    safety: Safety = Safety.RISKY
    may_lose: str = "What this host itself sends to the guests in the moment in which the bridge gets its queue."

    def describe(self) -> str:
        return f"give {self.bridge} the queue on which a checksum filter can hang, as libvirt does"

    def argv(self) -> tuple[str, ...]:
        return ("tc", "qdisc", "add", "dev", self.bridge, "root", "handle", _PARENT, "htb", "default", "2")

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.traffic_control, Missing):
            return Assumed(f"{self.bridge} has the queue htb {_PARENT}")
        if root_of(host, self.bridge):
            return host
        text = TcText(device=self.bridge, filters="", origin=f"tc filter show dev {self.bridge}", root=f"htb {_PARENT}")
        others = tuple(entry for entry in host.traffic_control if entry.device != self.bridge or entry.ingress)
        return msgspec.structs.replace(host, traffic_control=(*others, text))

    def undo(self, host: Host) -> Undo:
        if root_of(host, self.bridge):
            return Nothing(f"{self.bridge} had a queue already")
        argv = ("tc", "qdisc", "del", "dev", self.bridge, "root", "handle", _PARENT)
        return Inverse(f"take that queue of {self.bridge} away", argv, Run(argv))

    def request(self) -> Request:
        return Run(self.argv())


class HangChecksumFilter(msgspec.Struct, frozen=True, kw_only=True):
    """libvirt's own filter, word for word: fill the sum of UDP to port 68 that leaves through a bridge (act_csum)."""

    bridge: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"have tc fill the checksum of DHCP replies that leave through {self.bridge}"

    def argv(self) -> tuple[str, ...]:
        match = ("u32", "match", "ip", "dport", "68", "ffff", "action", "csum", "ip", "and", "udp")
        return ("tc", "filter", "add", *self._where(), *match)

    def _where(self) -> tuple[str, ...]:
        return ("dev", self.bridge, "prio", "2", "protocol", "ip", "parent", _PARENT)

    def simulate(self, host: Host) -> Host | Assumed:
        found = () if isinstance(host.traffic_control, Missing) else host.traffic_control
        if not any(entry.device == self.bridge and entry.root == f"htb {_PARENT}" for entry in found):
            return Assumed(f"tc fills the sums of DHCP replies on {self.bridge}")
        return msgspec.structs.replace(host, traffic_control=tuple(map(self._hung, found)))

    def _hung(self, entry: TcText) -> TcText:
        if entry.device != self.bridge or entry.ingress or "csum (" in entry.filters:
            return entry
        text = "match 00000044/0000ffff at 20\n\taction order 1: csum (iph, udp) action pass\n"
        shown = f"filter parent {_PARENT} protocol ip pref 2 u32 chain 0\n  {text}"
        return msgspec.structs.replace(entry, filters=f"{entry.filters}{shown}")

    def undo(self, host: Host) -> Undo:
        """tc(8) deletes by priority: all that is there."""
        found = () if isinstance(host.traffic_control, Missing) else host.traffic_control
        if any(entry.device == self.bridge and _SAME_PLACE in entry.filters for entry in found):
            return Nothing(f"{self.bridge} had filters of the same priority already, which would go with it")
        argv = ("tc", "filter", "del", *self._where())
        return Inverse(f"take that filter of {self.bridge} away", argv, Run(argv))

    def request(self) -> Request:
        return Run(self.argv())


class FillInKernel(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge that takes no open sums: the kernel fills all that this host sends through it (ethtool(8), tx).

    Not on a guest's tap: there its driver switches it on again whenever it starts (drivers/net/tun.c, set_offload).
    """

    bridge: str
    safety: Safety = Safety.RISKY
    may_lose: str = "Throughput from this host to the guests: it fills every sum and cuts every segment by itself."

    def describe(self) -> str:
        return f"have the kernel fill every checksum before {self.bridge} takes the packet"

    def argv(self) -> tuple[str, ...]:
        return self._argv("off")

    def _argv(self, word: str) -> tuple[str, ...]:
        return ("ethtool", "-K", self.bridge, "tx", word)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.offloads, Missing) or not self._takes(host):
            return Assumed(f"{self.bridge} takes no open sums")
        offloads = tuple(
            msgspec.structs.replace(entry, takes_partial_sums=False) if entry.device == self.bridge else entry
            for entry in host.offloads
        )
        return msgspec.structs.replace(host, offloads=offloads)

    def _takes(self, host: Host) -> bool:
        found = () if isinstance(host.offloads, Missing) else host.offloads
        return any(entry.device == self.bridge for entry in found)

    def undo(self, host: Host) -> Undo:
        before = () if isinstance(host.offloads, Missing) else host.offloads
        if any(entry.device == self.bridge and not entry.takes_partial_sums for entry in before):
            return Nothing(f"{self.bridge} took none already")
        argv = self._argv("on")
        return Inverse(f"let {self.bridge} take open sums again", argv, Run(argv))

    def request(self) -> Request:
        return Run(self.argv())


def root_of(host: Host, bridge: str) -> str:
    """The bridge's root qdisc as `htb 1:`; "" where it has none that carries filters, or that is not known."""
    filters = () if isinstance(host.traffic_control, Missing) else host.traffic_control
    return next((entry.root for entry in filters if entry.device == bridge and entry.root), "")
