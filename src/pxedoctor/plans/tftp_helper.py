"""The step that gives guests' TFTP requests conntrack's helper."""

import msgspec

from pxedoctor.model.host import Host
from pxedoctor.plans.kept_rule import BridgeRule
from pxedoctor.plans.request import Request, Run
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Undo


class AddTftpHelper(msgspec.Struct, frozen=True, kw_only=True):
    """`iptables -t raw -A PREROUTING ... -j CT --helper tftp` for what comes in through the bridge.

    It lets nothing through by itself: what the helper expects is RELATED, for other rules to accept.
    """

    bridge: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    @property
    def kept(self) -> BridgeRule:
        """The same for good."""
        words = f"conntrack's helper follows TFTP from {self.bridge}"
        commands = (self._argv("-D"), self._argv("-A"))
        rule = f"PREROUTING {' '.join(self._rule())}"
        return BridgeRule(
            bridge=self.bridge, table="raw", rule=rule, what="tftp-helper", words=words, commands=commands
        )

    def _rule(self) -> tuple[str, ...]:
        asked = ("-i", self.bridge, "-p", "udp", "-m", "udp", "--dport", "69")
        return (*asked, "-j", "CT", "--helper", "tftp")

    def _argv(self, action: str) -> tuple[str, ...]:
        return ("iptables", "-w", "-t", "raw", action, "PREROUTING", *self._rule())

    def describe(self) -> str:
        return f"have conntrack's helper follow TFTP from {self.bridge}"

    def argv(self) -> tuple[str, ...]:
        return self._argv("-A")

    def simulate(self, host: Host) -> Host | Assumed:
        return Assumed(f"conntrack expects the data of TFTP that guests on {self.bridge} ask for")

    def undo(self, host: Host) -> Undo:
        argv = self._argv("-D")
        return Inverse("take that rule out of PREROUTING again", argv, Run(argv, only_if=self._argv("-C")))

    def request(self) -> Request:
        return Run(self.argv())
