"""ifcfg files that network-scripts (initscripts) reads.

DELAY is documented in seconds and handed to `ip link` as it is written since initscripts 10.00, which takes it for
1/100 s: DELAY=15 is 0.15 s, of which the kernel makes 2 s with STP. Before that brctl took it for seconds. DELAY=2
is 2 s to both. BRIDGING_OPTS are the kernel's own, in 1/100 s, written afterwards.
"""

from pxedoctor.model.bridge_owner import KERNEL_DELAY, LONGEST, SHORTEST, Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.owners import ifcfg, ifcfg_file, shell
from pxedoctor.plans.owners.number import decimal
from pxedoctor.plans.owners.owner import FileChange, Never, Told

NAME = "ifcfg (network-scripts)"
NEVER: tuple[Never, ...] = (
    Never("ifdown BR; ifup BR", "takes the bridge down with every guest on it"),
    Never("service network restart", "does the same to every bridge"),
)
_YES = frozenset({"yes", "y", "true", "t", "on"})


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    found = (file for file in ifcfg_file.red_hat_files(host, bridge) if not ifcfg.reads(host, file))
    return tuple(ifcfg_file.claim(NAME, file, bridge, "TYPE", _setting(file)) for file in found)


def _setting(file: NetworkFile) -> Setting | Unclear:
    odd = ifcfg_file.strange(file, "STP", "DELAY", "BRIDGING_OPTS")
    if odd is not None:
        return odd
    if any(word in (shell.value(file.text, "BRIDGING_OPTS") or "") for word in ("forward_delay", "stp_state")):
        return Unclear("BRIDGING_OPTS sets it over again, in 1/100 s")
    stp = (shell.value(file.text, "STP") or "no").lower() in _YES
    written = shell.value(file.text, "DELAY")
    delay = KERNEL_DELAY if written is None else decimal(written)
    if delay is None:
        return Unclear(f"DELAY={written} is no number")
    # Which version reads it nobody says: the longer of the two. More than 30 brctl refuses, and `ip` takes for 1/100 s.
    if written is not None and delay > LONGEST:
        delay /= 100
    return Setting(stp=stp, delay=delay)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    if wish.stp and wish.delay != SHORTEST:
        return Told("only 2 s mean the same to every version of network-scripts")
    values = (("STP", "yes"), ("DELAY", "2")) if wish.stp else (("STP", "no"),)
    return ifcfg_file.changed(host, claim, values, "TYPE")
