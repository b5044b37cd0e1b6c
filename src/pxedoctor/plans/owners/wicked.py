"""SUSE's wicked: /etc/sysconfig/network/ifcfg-BR.

STP is off where BRIDGE_STP does not say `on`; BRIDGE_FORWARDDELAY is in seconds, with a fraction, 2 to 30 with STP and
0 to 30 without: anything else makes wicked refuse the whole file. STP is set before the delay.
"""

from pxedoctor.model.bridge_owner import KERNEL_DELAY, LONGEST, SHORTEST, Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.owners import ifcfg_file, shell
from pxedoctor.plans.owners.number import decimal
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of

NAME = "wicked"
NEVER: tuple[Never, ...] = (
    Never("wicked ifreload BR", "is ifdown and ifup as soon as anything changed: guests' taps fall off"),
    Never("wicked ifdown BR", "takes the bridge away"),
    Never("systemctl restart wicked", "does the same to every bridge"),
)
_FOLDER = "/etc/sysconfig/network"
_YES = frozenset({"yes", "on", "true", "1"})
_KEYS = ("BRIDGE_STP", "BRIDGE_FORWARDDELAY")


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    found = (file for file in files_of(host).under(_FOLDER) if file.name == f"ifcfg-{bridge}")
    bridges = (file for file in found if (shell.value(file.text, "BRIDGE") or "").lower() in _YES)
    return tuple(ifcfg_file.claim(NAME, file, bridge, "BRIDGE", _setting(file)) for file in bridges)


def _setting(file: NetworkFile) -> Setting | Unclear:
    odd = ifcfg_file.strange(file, *_KEYS)
    if odd is not None:
        return odd
    stp = (shell.value(file.text, "BRIDGE_STP") or "off").lower() in _YES
    written = shell.value(file.text, "BRIDGE_FORWARDDELAY") or None
    delay = KERNEL_DELAY if written is None else decimal(written)
    least = SHORTEST if stp else 0
    if delay is None or (written is not None and not least <= delay <= LONGEST):
        return Unclear(f"BRIDGE_FORWARDDELAY={written} is out of range, and wicked refuses the whole file")
    return Setting(stp=stp, delay=delay)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    values = (
        (("BRIDGE_STP", "on"), ("BRIDGE_FORWARDDELAY", f"{wish.delay:g}")) if wish.stp else (("BRIDGE_STP", "off"),)
    )
    return ifcfg_file.changed(host, claim, values, "BRIDGE")
