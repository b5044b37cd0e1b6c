"""The step that speaks to ufw (ufw(8)): one allowed port on one interface, now and for good."""

import re

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.firewall_opening import Opening
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

USER_RULES = "/etc/ufw/user.rules"

_NO_PREROUTING = "ufw allows at INPUT, OUTPUT and FORWARD, not at PREROUTING"


class AllowInUfw(msgspec.Struct, frozen=True, kw_only=True):
    """`ufw allow`. It writes the rule into its own file and into the kernel, for IPv4 and IPv6 alike."""

    opening: Opening
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def _words(self) -> tuple[str, ...]:
        wants = self.opening
        port = ("port", str(wants.port), "proto", wants.protocol)
        match wants.direction:
            case "in":
                return ("allow", "in", "on", wants.interface, "to", "any", *port)
            case "out":
                to = ("to", "any", "port", str(wants.client_port)) if wants.client_port else ("to", "any")
                answers = ("from", "any", "port", str(wants.port), *to, "proto", wants.protocol)
                return ("allow", "out", "on", wants.interface, *answers)
            case "bridged":
                return ("allow", "in", "on", wants.interface, "out", "on", wants.interface)
            case "routed":
                return ("allow", "in", "on", wants.interface, "to", "any", *port)
            case "arriving":
                raise ValueError(_NO_PREROUTING)

    def _argv(self, *action: str) -> tuple[str, ...]:
        route = ("route",) if self.opening.direction in {"bridged", "routed"} else ()
        return ("ufw", *route, *action, *self._words())

    def describe(self) -> str:
        return f"have ufw allow {self.opening}, now and for good"

    def argv(self) -> tuple[str, ...]:
        return self._argv()

    def simulate(self, host: Host) -> Host | Assumed:
        return Assumed(f"ufw lets through {self.opening}")

    def undo(self, host: Host) -> Undo:
        line = written_already(host, self.opening)
        if line is None:
            return Nothing(
                f"{USER_RULES} could not be read when the plan was made: whether it stood there is not known"
            )
        if line:
            return Nothing(f"ufw allowed it already ({USER_RULES}, line {line})")
        argv = self._argv("delete")
        there = _literally(_tuple(self.opening))
        asked = ("grep", "-q", "-x", "-e", there, "-e", f"{there} comment=.*", "--", USER_RULES)
        return Inverse("take that rule of ufw away again", argv, Run(argv, only_if=asked))

    def request(self) -> Request:
        return Run(self.argv())


def written_already(host: Host, wants: Opening) -> int | None:
    """The line of ufw's own rules that allows this already; 0 where none does, None where they could not be read."""
    files = () if isinstance(host.firewall_files, Missing) else host.firewall_files
    rules = next((file for file in files if file.path == USER_RULES), None)
    if rules is None or rules.closed or not rules.whole:
        return None
    numbered = enumerate(rules.text.splitlines(), 1)
    return next((number for number, line in numbered if line.partition(" comment=")[0] == _tuple(wants)), 0)


def _literally(text: str) -> str:
    """As a basic regular expression (grep(1)): a device's name may hold what means something there."""
    return re.sub(r"([\\.*\[\]^$])", r"\\\1", text)


def _tuple(wants: Opening) -> str:
    """How ufw notes a rule in its file (ufw/backend_iptables.py, get_rules and _write_rules)."""
    start, anywhere = "### tuple ###", "0.0.0.0/0"
    match wants.direction:
        case "in":
            return f"{start} allow {wants.protocol} {wants.port} {anywhere} any {anywhere} in_{wants.interface}"
        case "out":
            to = wants.client_port or "any"
            return f"{start} allow {wants.protocol} {to} {anywhere} {wants.port} {anywhere} out_{wants.interface}"
        case "bridged":
            devices = f"in_{wants.interface}!out_{wants.interface}"
            return f"{start} route:allow any any {anywhere} any {anywhere} {devices}"
        case "routed":
            return f"{start} route:allow {wants.protocol} {wants.port} {anywhere} any {anywhere} in_{wants.interface}"
        case "arriving":
            raise ValueError(_NO_PREROUTING)
