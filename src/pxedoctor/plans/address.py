"""Steps on the addresses of a device, live: ip-address(8)."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.link import Address
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

# ip(8) ends with 0 whether it found one or not.
_HAS_IT = 'ip -o -4 address show dev "$1" | grep -qF " $2 "'


class AddAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Give a device an IPv4 address that no device has now, with its network's broadcast address, as libvirt does."""

    device: str
    address: str
    prefix: int
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"give {self.device} its address {self.address}/{self.prefix} back"

    def argv(self) -> tuple[str, ...]:
        return ("ip", "address", "add", f"{self.address}/{self.prefix}", "broadcast", "+", "dev", self.device)

    def simulate(self, host: Host) -> Host | Assumed:
        link = host.link(self.device)
        if isinstance(host.links, Missing) or link is None:
            return Assumed(f"{self.device} has the address {self.address}")
        if _has(link.addresses, self.address):
            return host
        added = Address(family="inet", address=self.address, prefix=self.prefix)
        changed = msgspec.structs.replace(link, addresses=(*link.addresses, added))
        return msgspec.structs.replace(host, links=tuple(changed if entry is link else entry for entry in host.links))

    def undo(self, host: Host) -> Undo:
        link = host.link(self.device)
        if link is not None and _has(link.addresses, self.address):
            return Nothing("it had that address already")
        argv = ("ip", "address", "del", f"{self.address}/{self.prefix}", "dev", self.device)
        asked = ("sh", "-c", _HAS_IT, "sh", self.device, f"{self.address}/{self.prefix}")
        back = Run(argv, only_if=asked)
        return Inverse(f"take the address {self.address} from {self.device} again", argv, back)

    def request(self) -> Request:
        return Run(self.argv())


def _has(addresses: tuple[Address, ...], address: str) -> bool:
    return any(entry.address == address for entry in addresses)
