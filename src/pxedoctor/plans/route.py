"""Steps on routes, live: ip-route(8)."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.route import Route
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

# ip(8) ends with 0 whether it found one or not.
_IS_THERE = 'ip route show table local type local exact "$1" dev "$2" | grep -q .'


class RemoveLocalRoute(msgspec.Struct, frozen=True, kw_only=True):
    """Take away a route of type local: this host then has no address of that prefix but those of its devices."""

    destination: str
    device: str
    may_lose: str
    safety: Safety = Safety.RISKY

    def describe(self) -> str:
        return f"take {self.destination} back from this host's own addresses"

    def argv(self) -> tuple[str, ...]:
        return ("ip", "route", "del", *self._words())

    def _words(self) -> tuple[str, ...]:
        return ("local", self.destination, "dev", self.device, "table", "local")

    def _is(self, route: Route) -> bool:
        kind = (route.kind, route.table) == ("local", "local")
        return kind and (route.destination, route.device) == (self.destination, self.device)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.routes, Missing):
            return Assumed(f"{self.destination} is no local route any more")
        return msgspec.structs.replace(host, routes=tuple(route for route in host.routes if not self._is(route)))

    def undo(self, host: Host) -> Undo:
        routes = () if isinstance(host.routes, Missing) else host.routes
        before = next((route for route in routes if self._is(route)), None)
        if before is None:
            return Nothing("it was not there when the plan was made")
        told = ("proto", before.protocol) if before.protocol else ()
        argv = ("ip", "route", "add", *self._words(), *told)
        back = Run(argv, unless=("sh", "-c", _IS_THERE, "sh", self.destination, self.device))
        return Inverse(f"{self.destination} among this host's own addresses again", argv, back)

    def request(self) -> Request:
        return Run(self.argv())
