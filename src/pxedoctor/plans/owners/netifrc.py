"""Gentoo's netifrc: /etc/conf.d/net.

`bridge_forward_delay_BR` is the kernel's own, in 1/100 s, and is written before `bridge_stp_state_BR`, at which the
kernel makes 2 s of less. The older `brctl_BR` is brctl's commands, in seconds.
"""

import re

from pxedoctor.model.bridge_owner import KERNEL_DELAY, Claim, Setting, Unclear, clamped
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import ifcfg_file, shell
from pxedoctor.plans.owners.number import whole
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of

NAME = "netifrc"
NEVER: tuple[Never, ...] = (
    Never("rc-service net.BR restart", "deletes the bridge and makes it anew, without the guests' taps"),
)
_FILE = "/etc/conf.d/net"


def _variable(bridge: str) -> str:
    """netifrc's own spelling of a device in a variable's name."""
    return re.sub(r"[^A-Za-z0-9_]", "_", bridge)


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    file = files_of(host).at(_FILE)
    name = _variable(bridge)
    keys = [f"bridge_{name}", f"brctl_{name}", f"bridge_stp_state_{name}", f"bridge_forward_delay_{name}"]
    present = [
        key for key in keys if file and (shell.value(file.text, key) is not None or shell.is_clever(file.text, key))
    ]
    if file is None or not present:
        return ()
    return (ifcfg_file.claim(NAME, file, bridge, present[0], _setting(file.text, name)),)


def _setting(text: str, name: str) -> Setting | Unclear:
    brctl = f"brctl_{name}"
    if shell.value(text, brctl) is not None or shell.is_clever(text, brctl):
        return Unclear(f"{brctl} is a list of brctl's commands")
    stp = shell.value(text, f"bridge_stp_state_{name}") or "0"
    written = shell.value(text, f"bridge_forward_delay_{name}")
    hundredths = None if written is None else whole(written)
    clever = shell.is_clever(text, f"bridge_stp_state_{name}") or shell.is_clever(text, f"bridge_forward_delay_{name}")
    if clever or stp not in {"0", "1"} or (written is not None and hundredths is None):
        return Unclear(f"STP {stp}, delay {written} is not 0 or 1 and hundredths of a second")
    delay = KERNEL_DELAY if hundredths is None else hundredths / 100
    return Setting(stp=stp == "1", delay=clamped(delay) if stp == "1" else delay)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    name = _variable(claim.bridge)
    stp = (f"bridge_stp_state_{name}", "1" if wish.stp else "0")
    delay = ((f"bridge_forward_delay_{name}", f"{wish.delay * 100:.0f}"),) if wish.stp else ()
    return ifcfg_file.changed(host, claim, (stp, *delay), f"bridge_{name}")
