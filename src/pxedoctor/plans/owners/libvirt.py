"""libvirt, for a bridge of one of its networks: `<bridge stp= delay=>` in the network's definition.

STP is on and the delay 0 where the definition does not say otherwise; the delay is set first, and the kernel makes 2 s
of less. The definition is libvirt's to write: it is changed through libvirt (plans.network), not here. libvirtd leaves
out in silence what it does not know, so `virt-xml-validate` is asked first, where it is installed.
"""

from pxedoctor.model.bridge_owner import Claim, Setting, clamped
from pxedoctor.model.host import Host
from pxedoctor.plans.owners.owner import FileChange, Never, Told

NAME = "libvirt"
NEVER: tuple[Never, ...] = (
    Never("virsh net-destroy NETWORK", "deletes the bridge; guests run on, plugged into nothing"),
)


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    network = host.network_on(bridge)
    # forward mode='bridge' names somebody else's bridge.
    if network is None or network.forward == "bridge":
        return ()
    setting = Setting(stp=network.stp, delay=clamped(network.delay) if network.stp else network.delay)
    path = network.origin
    return (Claim(owner=NAME, bridge=bridge, path=path, line=0, text=f"network {network.name}", setting=setting),)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    return Told(f"{claim.text} is changed through libvirt", "virsh net-edit")
