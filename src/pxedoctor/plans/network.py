"""Steps on libvirt's virtual networks: start, autostart, and the bridge element of their definition."""

import msgspec

from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.plans.request import EditDefinition, Request, Run, taking_back
from pxedoctor.plans.safety import Safety
from pxedoctor.plans.step import Assumed, Inverse, Nothing, Undo

_VIRSH = ("virsh", "-c", "qemu:///system")
# 0 or 1; 2 where libvirt does not say.
_IS_ACTIVE = 'on=$(virsh -c qemu:///system net-list --name) || exit 2; printf "%s\\n" "$on" | grep -qxF -e "$1"'


class StartNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """Start a virtual network: libvirt makes its bridge, its rules and its DHCP server."""

    network: str
    bridge: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"start the network {self.network}"

    def argv(self) -> tuple[str, ...]:
        return (*_VIRSH, "net-start", self.network)

    def simulate(self, host: Host) -> Host | Assumed:
        return Assumed(f"the network {self.network} is active")

    def undo(self, host: Host) -> Undo:
        argv = (*_VIRSH, "net-destroy", self.network)
        back = Run(argv, only_if=("sh", "-c", _IS_ACTIVE, "sh", self.network))
        return Inverse(f"stop the network {self.network} again", argv, back, only_if_no_ports=self.bridge)

    def request(self) -> Request:
        return Run(self.argv())


class StopNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """Have libvirt drop a network whose bridge is gone already: it ends the dnsmasq and forgets the state.

    Only for such a network: any other's bridge would go with every guest on it.
    """

    network: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"stop what libvirt still keeps of the network {self.network}"

    def argv(self) -> tuple[str, ...]:
        return (*_VIRSH, "net-destroy", self.network)

    def simulate(self, host: Host) -> Host | Assumed:
        return Assumed(f"libvirt keeps no state of the network {self.network}")

    def undo(self, host: Host) -> Undo:
        return Nothing("the bridge was gone already: there is nothing to go back to")

    def request(self) -> Request:
        return Run(self.argv())


class AutostartNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """Have a virtual network started with its daemon, so that it is there after a reboot."""

    network: str
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"for good: start the network {self.network} with libvirt"

    def argv(self) -> tuple[str, ...]:
        return (*_VIRSH, "net-autostart", self.network)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.networks, Missing):
            return Assumed(f"{self.network} starts with libvirt")
        networks = tuple(
            msgspec.structs.replace(network, autostart=True) if network.name == self.network else network
            for network in host.networks
        )
        return msgspec.structs.replace(host, networks=networks)

    def undo(self, host: Host) -> Undo:
        before = host.network(self.network)
        if before is not None and before.autostart:
            return Nothing("it was set to start already")
        argv = (*_VIRSH, "net-autostart", self.network, "--disable")
        return Inverse(f"do not start {self.network} with libvirt", argv, Run(argv))

    def request(self) -> Request:
        return Run(self.argv())


class DefineForwardDelay(msgspec.Struct, frozen=True, kw_only=True):
    """The delay (and stp) attribute of <bridge> in a network's definition: holds from its next start."""

    network: str
    seconds: int
    safety: Safety = Safety.SAFE
    may_lose: str = ""

    def describe(self) -> str:
        return f"for good: delay='{self.seconds}' in the definition of the network {self.network}"

    def argv(self) -> tuple[str, ...]:
        return (*_VIRSH, "net-edit", self.network)

    def simulate(self, host: Host) -> Host | Assumed:
        if isinstance(host.networks, Missing):
            return Assumed(f"{self.network} is defined with delay='{self.seconds}'")
        networks = tuple(
            msgspec.structs.replace(network, delay=float(self.seconds)) if network.name == self.network else network
            for network in host.networks
        )
        return msgspec.structs.replace(host, networks=networks)

    def undo(self, host: Host) -> Undo:
        before = host.network(self.network)
        if before is None:
            return Nothing(f"{self.network} was not defined when the plan was made")
        edit = taking_back(self._edit(f"{before.delay:g}"), self._edit(str(self.seconds)))
        return Inverse(f"delay='{before.delay:g}' in the definition of {self.network} again", self.argv(), edit)

    def request(self) -> Request:
        return self._edit(str(self.seconds))

    def _edit(self, delay: str) -> EditDefinition:
        return EditDefinition("network", self.network, "/network", "bridge", (("delay", delay),))
