"""More addresses for a libvirt network to hand out, live and for good: virsh net-update.

There is no way back that pxedoctor would take: once a guest has a lease of the new range, a dnsmasq that is told the
old one has more leases stored than it may give, and refuses to start ("too many stored leases", dnsmasq src/lease.c;
seen with libvirt 9.0.0, whose net-update then leaves the network without a server).
"""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Network, Subnet
from pxedoctor.plans.request import EditDefinition, Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Nothing, Undo

_FOR_GOOD = ("--live", "--config")


class AddDhcpRange(msgspec.Struct, frozen=True, kw_only=True):
    """A second range of the network's one IPv4 <dhcp>. libvirt restarts its dnsmasq; leases are kept."""

    network: str
    first: str
    last: str
    safety: Safety = Safety.RISKY
    may_lose: str = (
        "A machine that was given one of these addresses by hand, and answers no ping, may find it given to another."
    )

    def describe(self) -> str:
        return f"let {self.network} hand out {self.first} to {self.last} too"

    def argv(self) -> tuple[str, ...]:
        xml = f"<range start='{self.first}' end='{self.last}'/>"
        return ("virsh", "-c", "qemu:///system", "net-update", self.network, "add", "ip-dhcp-range", xml, *_FOR_GOOD)

    def simulate(self, host: Host) -> Host | Assumed:
        network = host.network(self.network)
        if isinstance(host.networks, Missing) or network is None:
            return Assumed(f"{self.network} hands out {self.first} to {self.last} too")
        changed = msgspec.structs.replace(network, subnets=tuple(self._wider(subnet) for subnet in network.subnets))
        networks: tuple[Network, ...] = tuple(changed if entry is network else entry for entry in host.networks)
        return msgspec.structs.replace(host, networks=networks)

    def _wider(self, subnet: Subnet) -> Subnet:
        ends = (self.first, self.last)
        if subnet.family != "ipv4" or not subnet.serves_dhcp or ends in subnet.ranges:
            return subnet
        return msgspec.structs.replace(subnet, ranges=(*subnet.ranges, ends))

    def undo(self, host: Host) -> Undo:
        return Nothing(
            "a guest may have a lease of the new range by then, and with it dnsmasq would not start on the old one"
        )

    def request(self) -> Request:
        select, child = "/network/ip[not(@family='ipv6')]/dhcp", f"range[@start='{self.first}'][@end='{self.last}']"
        ends = (("start", self.first), ("end", self.last))
        return Run(self.argv(), writes=EditDefinition("network", self.network, select, child, ends))
