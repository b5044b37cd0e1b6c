"""ifcfg files that NetworkManager reads (Fedora, RHEL).

STP is off where the file does not say `STP=yes` (a keyfile's bridge has it on), and DELAY, in seconds, counts only with
it: 2 to 30, by default 15. NetworkManager reads a changed file when it is told, and goes on with the bridge as it is.
"""

import msgspec

from pxedoctor.model.bridge_owner import KERNEL_DELAY, LONGEST, SHORTEST, Claim, Setting, Unclear
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.owners import ifcfg_file, shell
from pxedoctor.plans.owners.number import decimal
from pxedoctor.plans.owners.owner import FileChange, Never, Told, files_of, network_manager_runs

NAME = "ifcfg (NetworkManager)"
NEVER: tuple[Never, ...] = (
    Never("nmcli connection up BR", "makes the bridge anew before NetworkManager 1.40, without the guests' taps"),
)
_YES = frozenset({"yes", "y", "true", "t", "on", "1"})


def claims(host: Host, bridge: str) -> tuple[Claim, ...]:
    found = (file for file in ifcfg_file.red_hat_files(host, bridge) if reads(host, file))
    return tuple(ifcfg_file.claim(NAME, file, bridge, "TYPE", _setting(file)) for file in found)


def reads(host: Host, file: NetworkFile) -> bool:
    """NetworkManager, and not network-scripts, where both are there and the file does not keep it out."""
    programs = files_of(host).programs
    if "network-scripts" not in programs:
        return True
    kept_out = (shell.value(file.text, "NM_CONTROLLED") or "").lower() in {"no", "n", "false", "f", "off", "0"}
    return "NetworkManager" in programs and not kept_out


def _setting(file: NetworkFile) -> Setting | Unclear:
    odd = ifcfg_file.strange(file, "STP", "DELAY", "BRIDGING_OPTS")
    if odd is not None:
        return odd
    stp = (shell.value(file.text, "STP") or "no").lower() in _YES
    written = shell.value(file.text, "DELAY") if stp else None
    delay = KERNEL_DELAY if written is None else decimal(written)
    if delay is None or (stp and not SHORTEST <= delay <= LONGEST):
        return Unclear(f"DELAY={written} is not 2 to 30 seconds, and NetworkManager takes nothing else")
    return Setting(stp=stp, delay=delay)


def change(host: Host, claim: Claim, wish: Setting) -> FileChange | Told:
    values = (("STP", "yes"), ("DELAY", f"{wish.delay:.0f}")) if wish.stp else (("STP", "no"),)
    change = ifcfg_file.changed(host, claim, values, "TYPE")
    if isinstance(change, FileChange) and network_manager_runs(host):
        return msgspec.structs.replace(change, then=(("nmcli", "connection", "load", claim.path),))
    return change
