"""Steps on any network device, live: ip-link(8)."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import Request, Run
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
        return Inverse(f"set {self.device} down again", argv, Run(argv))

    def request(self) -> Request:
        return Run(self.argv())
