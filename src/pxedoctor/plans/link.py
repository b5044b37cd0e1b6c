"""Steps on any network device, live: ip-link(8)."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import DOWN, UP, Reading, Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo


class SetLinkUp(msgspec.Struct, frozen=True, kw_only=True):
    """Sets a device up (IFF_UP). Whether it then has carrier, its other end decides."""

    device: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"set {self.device} up"

    def argv(self) -> tuple[str, ...]:
        return ("ip", "link", "set", "dev", self.device, "up")

    def simulate(self, host: Host) -> Host | Assumed:
        link = host.link(self.device)
        if isinstance(host.links, Missing) or link is None or not link.up:
            return Assumed(f"{self.device} is up and has carrier")
        return host

    def undo(self, host: Host) -> Undo:
        link = host.link(self.device)
        if link is None:
            return Nothing(f"{self.device} was not there when the plan was made")
        if link.up:
            return Nothing(f"{self.device} was up already")
        argv = ("ip", "link", "set", "dev", self.device, "down")
        return Inverse(f"set {self.device} down again", argv, Run(argv, holds=(still_up(self.device),)))

    def request(self) -> Request:
        return Run(self.argv())


class SetMac(msgspec.Struct, frozen=True, kw_only=True):
    """Gives a device of this host another MAC."""

    device: str
    mac: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def _argv(self, mac: str) -> tuple[str, ...]:
        return ("ip", "link", "set", "dev", self.device, "address", mac)

    def describe(self) -> str:
        return f"give {self.device} the MAC {self.mac}"

    def argv(self) -> tuple[str, ...]:
        return self._argv(self.mac)

    def simulate(self, host: Host) -> Host | Assumed:
        link = host.link(self.device)
        if isinstance(host.links, Missing) or link is None:
            return Assumed(f"{self.device} has the MAC {self.mac}")
        changed = msgspec.structs.replace(link, mac=self.mac)
        return msgspec.structs.replace(host, links=tuple(changed if entry is link else entry for entry in host.links))

    def undo(self, host: Host) -> Undo:
        link = host.link(self.device)
        if link is None:
            return Nothing(f"{self.device} was not there when the plan was made")
        if link.mac == self.mac:
            return Nothing(f"{self.device} had the MAC {self.mac} already")
        argv = self._argv(link.mac)
        path, what = f"/sys/class/net/{self.device}/address", f"MAC of {self.device}"
        held = Reading(path, self.mac.lower(), done=link.mac.lower(), what=what)
        return Inverse(f"give {self.device} its MAC {link.mac} back", argv, Run(argv, holds=(held,)))

    def request(self) -> Request:
        return Run(self.argv())


def still_up(device: str) -> Reading:
    """What the way back of setting a device up meets: up, as it was set, or down already."""
    path = f"/sys/class/net/{device}/flags"
    return Reading(path, UP, done=DOWN, what=f"whether {device} is up", form="up")
